import start from "../wasm/rolewright.js";
import { setHost } from "./host.js";

setHost({
  browser: true,
  longLived: true,
  async start() {
    // Bundlers look for exactly this expression.
    await start({ module_or_path: new URL("./rolewright_bg.wasm", import.meta.url) });
  },
});

export * from "./index.js";
