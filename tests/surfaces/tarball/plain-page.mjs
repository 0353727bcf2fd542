import { load } from "./node_modules/rolewright/dist/entry.browser.js";
import { askBy } from "./ask-by.mjs";
import file from "./cases.js";

askBy(load, file).then((answered) => (globalThis.answered = answered));
