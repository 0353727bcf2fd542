import { ask } from "./ask.mjs";
import file from "./cases.js";

ask(file).then((answered) => (globalThis.answered = answered));
