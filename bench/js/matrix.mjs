// The policy snapshot of 2,000 roles by 5,000 permissions: its size, how long it takes to load, and what it holds in memory.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { figure, median } from "./measure.mjs";

const [, , folder, what] = process.argv;

/** Loads it in a process that has done nothing else. */
async function once() {
  let memory;
  const { Instance } = WebAssembly;
  WebAssembly.Instance = class extends Instance {
    constructor(...given) {
      super(...given);
      // Names are short in what is shipped: it is told by what it is.
      memory ??= Object.values(this.exports).find((value) => value instanceof WebAssembly.Memory);
    }
  };
  const { init, load } = await import("../../www/checker/dist/entry.node.js");
  const { signed } = await import("./world.mjs");
  const { bytes, keys } = await signed("matrix.snapshot");
  await init();
  const held = () => {
    globalThis.gc();
    return memory.buffer.byteLength + process.memoryUsage().heapUsed;
  };
  const before = held();
  const start = performance.now();
  const rw = await load(bytes, { keys });
  const time = performance.now() - start;
  const after = held();
  if (rw.kind !== "policy") throw new Error("not the snapshot that was meant");
  return { size: bytes.length, time, memory: after - before };
}

if (what === "once") {
  console.log(JSON.stringify(await once()));
} else {
  const child = () => execFileSync(process.execPath, ["--expose-gc", fileURLToPath(import.meta.url), folder, "once"], { encoding: "utf8" });
  const rounds = Array.from({ length: 5 }, () => JSON.parse(child()));
  const of = (name) => median(rounds.map((round) => round[name]));
  figure("js/matrix, loaded", of("time"), "ms");
  figure("js/matrix, size", of("size") / 1e6, "MB");
  figure("js/matrix, memory", of("memory") / 1e6, "MB");
}
