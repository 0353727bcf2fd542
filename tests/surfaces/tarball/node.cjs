// By the entry that is named.
const { readFileSync } = require("node:fs");
const { init, load } = require(process.argv[2]);

async function main() {
  const { askBy } = await import("./ask-by.mjs");
  const module = readFileSync(require.resolve("rolewright/rolewright_bg.wasm"));
  await init(...(process.argv[2].endsWith("slim") ? [module] : []));
  console.log(JSON.stringify(await askBy(load, JSON.parse(readFileSync("cases.json", "utf8")))));
}
main();
