import { readFile } from "node:fs/promises";
import { initSync } from "../wasm/rolewright.js";
import { setHost } from "./host.js";

setHost({
  browser: false,
  longLived: true,
  async start() {
    const bytes = await readFile(new URL("./rolewright_bg.wasm", import.meta.url));
    initSync({ module: await WebAssembly.compile(bytes) });
  },
});

export * from "./index.js";
