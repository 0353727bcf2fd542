import { load } from "rolewright/inline";
import { askBy } from "./ask-by.mjs";
import file from "./cases.js";

askBy(load, file).then((answered) => (globalThis.answered = answered));
