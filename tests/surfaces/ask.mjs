// Asks the decision cases of the checker, wherever this runs: in Node, Deno and Bun, in workerd, in a browser.
import { load } from "rolewright";
import { askBy } from "./ask-by.mjs";

/** Answers how many were asked of each way, and what differed. */
export const ask = (file) => askBy(load, file);
