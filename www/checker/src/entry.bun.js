// JavaScript: what an import of the module gives is not the same in every runtime, and TypeScript knows one.
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { initSync } from "../wasm/rolewright.js";
import { setHost } from "./host.ts";
// Where the module is: absolute, or beside the bundle into which Bun takes it along.
import path from "./rolewright_bg.wasm" with { type: "file" };

setHost({
  browser: false,
  longLived: true,
  async start() {
    const bytes = await readFile(resolve(import.meta.dirname, path));
    initSync({ module: await WebAssembly.compile(bytes) });
  },
});

export * from "./index.ts";
