import { ask } from "./ask.mjs";
import file from "./cases.js";

export default {
  async fetch() {
    return Response.json(await ask(file));
  },
};
