// Cold start, each time in a process of its own: from a module that is read from disk to the first answer.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { figure, median } from "./measure.mjs";

const [, self, folder, what] = process.argv;

/** Rolewright: compile and instantiate the module, then load the largest template's snapshot, signature and all. */
async function ours() {
  const { init, load } = await import("../../www/checker/dist/entry.node.js");
  const { signed } = await import("./world.mjs");
  const { bytes, keys } = await signed("template.snapshot");
  const start = performance.now();
  await init();
  const ready = performance.now();
  const rw = await load(bytes, { keys });
  rw.can("nobody", "nothing.at_all");
  return { ready: ready - start, loaded: performance.now() - ready };
}

/** cedar-wasm: its package compiles and instantiates the module when it is imported; then the policies are parsed. */
async function cedar() {
  const { json } = await import("./world.mjs");
  const { policies } = json("cedar.json");
  const start = performance.now();
  const module = await import("@cedar-policy/cedar-wasm/nodejs");
  const ready = performance.now();
  module.preparsePolicySet("world", { staticPolicies: policies });
  return { ready: ready - start, loaded: performance.now() - ready };
}

if (what !== undefined) {
  console.log(JSON.stringify(await { ours, cedar }[what]()));
} else {
  const start = () =>
    ["ours", "cedar"].map((which) => JSON.parse(execFileSync(process.execPath, [fileURLToPath(import.meta.url), folder, which], { encoding: "utf8" })));
  const rounds = Array.from({ length: 11 }, start);
  for (const [at, name] of ["js/cold start", "js/cedar-wasm, cold start"].entries()) {
    const total = rounds.map((round) => round[at].ready + round[at].loaded);
    figure(name, median(total), "ms");
    figure(`${name}, module alone`, median(rounds.map((round) => round[at].ready)), "ms");
  }
}
