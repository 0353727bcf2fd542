import { init, load } from "rolewright/slim";
import module from "./rolewright_bg.wasm";
import { askBy } from "./ask-by.mjs";
import file from "./cases.js";

export default {
  async fetch() {
    await init(module);
    return Response.json(await askBy(load, file));
  },
};
