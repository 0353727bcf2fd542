import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { initSync } from "../wasm/rolewright.js";
import { setHost } from "./host.js";

setHost({
  browser: false,
  longLived: true,
  async start() {
    const bytes = await readFile(join(__dirname, "rolewright_bg.wasm"));
    initSync({ module: await WebAssembly.compile(bytes) });
  },
});

export * from "./index.js";
