// The build puts its bytes here, in base64.
import module from "../wasm/rolewright_bg.wasm";
import { setPortableHost } from "./portable.js";

setPortableHost(() => module);

export * from "./index.js";
