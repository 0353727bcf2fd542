import { ask } from "./ask.mjs";
import file from "./cases.js";

console.log(JSON.stringify(await ask(file)));
