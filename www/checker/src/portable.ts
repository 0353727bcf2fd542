import { initSync } from "../wasm/rolewright.js";
import { webCrypto } from "./crypto.js";
import { setHost } from "./host.js";

/** The WebAssembly module, or the bytes that it is compiled of, which edge workers do not take. */
export type ModuleSource = WebAssembly.Module | BufferSource;

/** What hosts say of themselves. */
interface Globals {
  readonly location?: unknown;
  readonly navigator?: { readonly userAgent?: string };
  readonly process?: { readonly versions?: { readonly node?: string } };
}

/** Says that we are wherever this runs, with the module that is given. */
export function setPortableHost(module: () => ModuleSource | Promise<ModuleSource>): void {
  const { location, navigator, process }: Globals = globalThis;
  // Workers may name Node's version too; they have no location.
  const isServer = !!process?.versions?.node && navigator?.userAgent !== "Cloudflare-Workers";
  const browser = !!location && !isServer;
  setHost({
    crypto: webCrypto,
    browser,
    longLived: browser || isServer,
    async start() {
      initSync({ module: await module() });
    },
  });
}
