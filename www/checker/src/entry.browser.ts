import { initSync } from "../wasm/rolewright.js";
import { webCrypto } from "./crypto.js";
import { setHost } from "./host.js";

setHost({
  crypto: webCrypto,
  browser: true,
  longLived: true,
  async start() {
    // Bundlers look for exactly this expression.
    const response = await fetch(new URL("./rolewright_bg.wasm", import.meta.url));
    if (!response.ok) throw new Error(`${response.url} answered ${response.status}`);
    // Not every server knows the type, without which a browser does not compile what is still under way.
    const isTyped = response.headers.get("content-type") === "application/wasm";
    const module = isTyped ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
    initSync({ module: await module });
  },
});

export * from "./index.js";
