import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { run, signedCases } from "./cases.mjs";
import { converse, program, project } from "./runtime.mjs";

const files = await signedCases();
const bun = program("bun");

test("the decision cases in Bun", async (context) => {
  const folder = project("cases-bun", ["ask.mjs", "ask-by.mjs", "cases-lines.mjs"]);
  const asked = converse(bun, ["run", "cases-lines.mjs"], folder);
  try {
    await run(context, files, asked.ask);
  } finally {
    await asked.stop();
  }
});

test("the decision cases in a bundle of Bun, which needs nothing but itself", async (context) => {
  const folder = project("bundle-bun", ["ask.mjs", "ask-by.mjs", "cases-lines.mjs"]);
  execFileSync(bun, ["build", "--target=bun", "--outdir=bundle", "cases-lines.mjs"], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  rmSync(join(folder, "node_modules"), { recursive: true });
  const asked = converse(bun, ["run", join(folder, "bundle/cases-lines.js")], tmpdir());
  try {
    await run(context, files, asked.ask);
  } finally {
    await asked.stop();
  }
});
