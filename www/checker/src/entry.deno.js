// JavaScript: TypeScript knows no source imports.
import { initSync } from "../wasm/rolewright.js";
import { webCrypto } from "./crypto.ts";
import { setHost } from "./host.ts";
// Deno compiles it. What is imported needs no permission to be read.
import source module from "./rolewright_bg.wasm";

setHost({
  crypto: webCrypto,
  browser: false,
  longLived: true,
  async start() {
    initSync({ module });
  },
});

export * from "./index.ts";
