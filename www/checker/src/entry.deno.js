// JavaScript: TypeScript knows no source imports.
import { initSync } from "../wasm/rolewright.js";
import { setHost } from "./host.ts";
// Deno compiles it. What is imported needs no permission to be read.
import source module from "./rolewright_bg.wasm";

setHost({
  browser: false,
  longLived: true,
  async start() {
    initSync({ module });
  },
});

export * from "./index.ts";
