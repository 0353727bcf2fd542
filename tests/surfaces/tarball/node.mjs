// By the entry that is named.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { askBy } from "./ask-by.mjs";

const { init, load } = await import(process.argv[2]);
const module = readFileSync(createRequire(import.meta.url).resolve("rolewright/rolewright_bg.wasm"));
await init(...(process.argv[2].endsWith("slim") ? [module] : []));
console.log(JSON.stringify(await askBy(load, JSON.parse(readFileSync("cases.json", "utf8")))));
