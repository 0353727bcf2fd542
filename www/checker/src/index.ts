import { Checker } from "../wasm/rolewright.js";
import { Answers } from "./answers.js";
import { Clock } from "./clock.js";
import { RolewrightError, asking, noMore } from "./error.js";
import { host, init } from "./host.js";
import { Keys } from "./jws.js";
import type { Bytes } from "./jws.js";
import { own } from "./own.js";
import { Rolewright } from "./rolewright.js";
import { by, compare, mustBe, verifySnapshot, verifyStamp } from "./signed.js";
import { Source } from "./source.js";
import type { Store } from "./store.js";
import { isTime } from "./time.js";
import type { JsonWebKeySet, SnapshotKind } from "./types.js";
import { textOf } from "./wire.js";

export { init, Rolewright, RolewrightError };
export type { ErrorCode, ErrorDetails } from "./error.js";
export type * from "./catalogue.js";
export type { CheckRequest, DecideRequest, EvaluateRequest } from "./rolewright.js";
export type { Store, Stored } from "./store.js";
export { Subject } from "./subject.js";
export type * from "./types.js";

/** A stamp is good for five minutes: it is renewed before. */
const LONGEST = 240_000;

/** What `load` needs beside the snapshot. */
export interface LoadOptions {
  /** The server's public keys. */
  readonly keys: JsonWebKeySet;
  /** The snapshot's freshness stamp: answers turn to no when it expires. Without one they never do. */
  readonly stamp?: string;
  /** The tenant that the snapshot must be of. */
  readonly tenant?: string;
  /**
   * The time, in milliseconds since 1970, asked with every answer. Where it is not said, answers given in one go share a
   * reading of the host's clock: 64 at most, and none beyond the turn of the event loop.
   */
  readonly now?: () => number;
}

/** What `connect` needs. */
export interface ConnectOptions {
  /** Where the server is: `https://access.example.org`. */
  readonly url: string;
  /** The tenant. */
  readonly tenant: string;
  /** An API key that holds `snapshot.policy` or `snapshot.full`. Never in a browser. */
  readonly key?: string;
  /**
   * In a browser without cookies: a pass, for the snapshot of its subject; or, as a pass is good for minutes, what answers the
   * newest one whenever the server is asked.
   */
  readonly pass?: string | (() => string | Promise<string>);
  /**
   * Whether to send the browser's session cookie to another origin too. The server itself takes it from its own origin alone: this
   * is for a proxy before it that lets others in.
   */
  readonly session?: boolean;
  /** What the snapshot is to hold: `policy` where a key is given, else `subject`. */
  readonly kind?: SnapshotKind;
  /** How old the last confirmation may be when a question comes, in whole milliseconds, 4 minutes at most; 10 seconds where it is not said. */
  readonly maxStale?: number;
  /** How long the server has to answer, in whole milliseconds; 5 seconds where it is not said. */
  readonly timeout?: number;
  /** The server's public keys, pinned; else the server is asked for them, and again when it signs by a new one. */
  readonly keys?: JsonWebKeySet;
  /** In the place of the global `fetch`. */
  readonly fetch?: typeof fetch;
  /** Where the last state is kept beyond the process. It helps without the server only where `keys` are pinned. */
  readonly store?: Store;
  /**
   * The time, in milliseconds since 1970, asked with every answer. Where it is not said, answers given in one go share a
   * reading of the host's clock: 64 at most, and none beyond the turn of the event loop.
   */
  readonly now?: () => number;
}

/**
 * Answers from a signed snapshot at hand, without a server.
 *
 * @throws RolewrightError `malformed`, `unknown_key`, `bad_signature`, `wrong_tenant`, and what the stamp may be found to
 * be: `wrong_kind`, `wrong_content`, `older`, `not_yet_valid`, `expired`
 */
export async function load(snapshot: Uint8Array, options: LoadOptions): Promise<Rolewright> {
  const { keys, stamp: token, tenant: wanted, now, ...more } = own(options);
  noMore(more);
  const verify = by(await Keys.of(keys));
  const payload = await verifySnapshot(new Uint8Array(snapshot), verify);
  await init();
  const answers = answersOf(payload, now, wanted);
  try {
    const { tenant, kind, at } = answers.of;
    if (token !== undefined) {
      const content = await host.crypto.sha256(payload);
      const stamp = await verifyStamp(token, { tenant, kind, content }, (now ?? Date.now)(), verify);
      if (compare(stamp.at, at) < 0) throw new RolewrightError("older", "the stamp is older than the snapshot");
      answers.confirm(stamp.expires);
    }
  } catch (error) {
    answers.dispose();
    throw error;
  }
  return new Rolewright(answers, verify);
}

/**
 * Connects to a server and follows it. In Node and in browsers the state is kept current in the background; elsewhere
 * `open` and `fresh` do it with each request.
 *
 * @throws RolewrightError `unreachable`, `unauthorized`, `misuse`, and what a snapshot or stamp may be found to be
 */
export async function connect(options: ConnectOptions): Promise<Rolewright> {
  const {
    url,
    tenant,
    key,
    pass,
    session,
    kind = key === undefined ? "subject" : "policy",
    maxStale = 10_000,
    timeout = 5_000,
    keys,
    fetch: ask = (...asked: Parameters<typeof fetch>) => fetch(...asked),
    store,
    now,
    ...more
  } = own(options);
  noMore(more);
  needs([url, tenant].every(textOf) && /^http\S+ \S*$/.test(`${url} ${key}`), "a whole `url`, a `tenant`, and no space in a `key`");
  needs([maxStale, timeout].every(isTime), "`maxStale` and `timeout` in whole milliseconds");
  needs(!host.browser || key === undefined, "a session or a pass in a browser, no key");
  needs(key === undefined || pass === undefined, "a key or a pass");
  const bearer = key ?? pass;
  const credentials = session === true ? "include" : bearer === undefined ? "same-origin" : "omit";
  const source = new Source({
    url: url.replace(/\/+$/, ""),
    tenant,
    kind,
    bearer,
    credentials: host.browser ? credentials : undefined,
    keys,
    maxStale: Math.min(maxStale, LONGEST),
    timeout,
    fetch: ask,
    store,
    now: now ?? Date.now,
    make: (payload) => answersOf(payload, now, tenant, kind),
    longLived: host.longLived,
  });
  await init();
  try {
    const answers = await source.start();
    source.poll();
    return new Rolewright(answers, source.verify, source);
  } catch (error) {
    source.close();
    throw error;
  }
}

function needs(isThere: boolean, what: string): void {
  if (!isThere) throw new RolewrightError("misuse", `connect needs ${what}`);
}

/** The synchronous side of a verified snapshot, if it is what is wanted. */
function answersOf(payload: Bytes, now: (() => number) | undefined, tenant?: string, kind?: SnapshotKind): Answers {
  return asking(() => {
    const checker = Checker.load(payload);
    // What cannot be read is read again to tell why.
    if (checker === undefined) throw Checker.why_not(payload);
    const answers = new Answers(checker, new Clock(now));
    try {
      mustBe("snapshot", answers.of, { tenant, kind });
    } catch (error) {
      answers.dispose();
      throw error;
    }
    return answers;
  });
}
