// JavaScript: what an import of the module gives is not the same in every runtime, and TypeScript knows one.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { initSync } from "../wasm/rolewright.js";
import { webCrypto } from "./crypto.ts";
import { setHost } from "./host.ts";
// Where the module is: absolute, or beside the bundle into which Bun takes it along.
import path from "./rolewright_bg.wasm" with { type: "file" };

setHost({
  crypto: webCrypto,
  browser: false,
  longLived: true,
  async start() {
    initSync({ module: readFileSync(resolve(import.meta.dirname, path)) });
  },
});

export * from "./index.ts";
