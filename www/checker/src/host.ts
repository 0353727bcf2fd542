import type { Crypto } from "./crypto.js";

/** What differs from runtime to runtime; each entry says its own. */
export interface Host {
  /** Compiles the module and makes the glue ready. Called once. */
  start(): Promise<void>;
  /** What signatures are verified with. */
  readonly crypto: Crypto;
  /** Whether this is a page or a worker of a browser, where an API key must never be. */
  readonly browser: boolean;
  /** Whether timers and pending requests outlive the request that began them. */
  readonly longLived: boolean;
}

/** Where we are: the package is imported by one of its entries, and each says it. */
export let host: Host;

let started: Promise<void> | undefined;

/** Says where we are. */
export function setHost(which: Host): void {
  host = which;
}

/**
 * Makes the WebAssembly module ready. `load` and `connect` do it too; calling it early moves the cost. Calling it again
 * does nothing; after a failure the next call tries again.
 *
 * @throws where the module cannot be read or compiled
 */
export function init(): Promise<void> {
  started ??= host.start().catch((error: unknown) => {
    started = undefined;
    throw error;
  });
  return started;
}
