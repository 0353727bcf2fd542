import { copyFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { build } from "esbuild";
import { run, signedCases } from "./cases.mjs";
import { buildFolder, root } from "./places.mjs";
import { serve } from "./workerd.mjs";

test("the decision cases in workerd", async (context) => {
  const files = await signedCases();
  const folder = buildFolder("cases-workerd");
  await build({
    entryPoints: [join(root, "tests/surfaces/cases-worker.mjs")],
    outfile: join(folder, "worker.js"),
    bundle: true,
    format: "esm",
    conditions: ["workerd"],
    external: ["*.wasm"],
    logLevel: "warning",
  });
  copyFileSync(createRequire(import.meta.url).resolve("rolewright/rolewright_bg.wasm"), join(folder, "rolewright_bg.wasm"));
  copyFileSync(join(root, "tests/surfaces/cases-worker.capnp"), join(folder, "config.capnp"));
  const worker = await serve(join(folder, "config.capnp"));
  try {
    await run(context, files, async (file) => {
      const response = await fetch(worker.url, { method: "POST", body: JSON.stringify(file) });
      if (!response.ok) throw new Error(`the worker answered ${response.status}: ${await response.text()}`);
      return response.json();
    });
  } finally {
    await worker.stop();
  }
});
