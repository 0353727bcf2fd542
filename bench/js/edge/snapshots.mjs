// What a snapshot weighs, as it is sent and as brotli, and how long a checker takes to verify and load it, by the tenant's size.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";
import { Signer } from "../../../www/checker/test/fixtures.mjs";
import { figure, median } from "../measure.mjs";

/** What a proxy compresses by. */
const QUALITY = 5;
const ROUNDS = 5;

const [, , folder, once] = process.argv;
const signed = async (name) => {
  const signer = await Signer.create();
  return { snapshot: await signer.snapshot(readFileSync(join(folder, name))), keys: signer.keys };
};

/** Loads one in a process that has loaded nothing else, the module ready. */
async function loaded(name) {
  const { init, load } = await import("../../../www/checker/dist/entry.node.js");
  const { snapshot, keys } = await signed(name);
  await init();
  const start = performance.now();
  const rw = await load(snapshot, { keys });
  rw.can("nobody", "nothing.at_all");
  return performance.now() - start;
}

if (once !== undefined) {
  console.log(await loaded(once));
} else {
  for (const users of JSON.parse(readFileSync(join(folder, "sizes.json"), "utf8"))) {
    for (const kind of ["full", "policy"]) {
      const name = `${kind}-${users}`;
      const { snapshot } = await signed(name);
      const brotli = brotliCompressSync(snapshot, { params: { [constants.BROTLI_PARAM_QUALITY]: QUALITY } });
      const child = () => Number(execFileSync(process.execPath, [fileURLToPath(import.meta.url), folder, name], { encoding: "utf8" }));
      const of = (what) => `edge/${kind}, ${users.toLocaleString("en-US")}, ${what}`;
      figure(of("raw"), snapshot.length / 1e3, "kB");
      figure(of("brotli"), brotli.length / 1e3, "kB");
      figure(of("loaded"), median(Array.from({ length: ROUNDS }, child)), "ms");
    }
  }
}
