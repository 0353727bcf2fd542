import { initSync } from "../wasm/rolewright.js";
import { webCrypto } from "./crypto.js";
import { setHost } from "./host.js";
// The runtime compiles it: it takes no bytes.
import module from "./rolewright_bg.wasm";

setHost({
  crypto: webCrypto,
  browser: false,
  longLived: false,
  async start() {
    initSync({ module });
  },
});

export * from "./index.js";
