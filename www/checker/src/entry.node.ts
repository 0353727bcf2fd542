import { readFileSync } from "node:fs";
import { initSync } from "../wasm/rolewright.js";
import { nodeCrypto } from "./crypto.node.js";
import { setHost } from "./host.js";

setHost({
  crypto: nodeCrypto,
  browser: false,
  longLived: true,
  async start() {
    // At once: to wait for another thread costs more than it saves.
    initSync({ module: readFileSync(new URL("./rolewright_bg.wasm", import.meta.url)) });
  },
});

export * from "./index.js";
