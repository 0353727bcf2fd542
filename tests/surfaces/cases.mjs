// The decision cases, made by the model and signed here as a server signs.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Signer } from "../../www/checker/test/fixtures.mjs";
import { root } from "./places.mjs";

/** Fewer than these on a surface is a mistake. */
const FEWEST = 150;

/** The signed case files, by name; all of them, or those of some names. */
export async function signedCases(only) {
  const signer = await Signer.create();
  const base64 = async (snapshot) => Buffer.from(await signer.snapshot(Buffer.from(snapshot, "base64"))).toString("base64");
  const files = new Map();
  for (const [name, { full, policy, subjects, cases }] of madeByTheModel()) {
    if (only !== undefined && !only.includes(name)) continue;
    files.set(name, {
      keys: signer.keys,
      full: await base64(full),
      policy: await base64(policy),
      subjects: await Promise.all(subjects.map(base64)),
      cases: await Promise.all(
        cases.map(async (one) => ({ ...one, pass: one.pass && (await signer.pass(one.pass, { now: one.question.at })) })),
      ),
    });
  }
  return files;
}

/** The case files with the snapshots and passes that `case-snapshots` makes of them. */
function madeByTheModel() {
  // A folder each: the surfaces are tested side by side.
  const folder = mkdtempSync(join(tmpdir(), "rolewright-cases-"));
  try {
    const command = ["run", "--quiet", "--package", "rolewright-tests", "--bin", "case-snapshots", "--", folder];
    execFileSync(process.env.CARGO ?? "cargo", command, { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
    return readdirSync(folder)
      .sort()
      .map((name) => [name, JSON.parse(readFileSync(join(folder, name), "utf8"))]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Asks every file by `ask` and holds what it answers to the expectations. */
export async function run(context, files, ask) {
  const total = { full: 0, pass: 0, subject: 0 };
  for (const [name, file] of files) {
    await context.test(name, async () => {
      const { asked, failures } = await ask(file);
      assert.deepEqual(failures, [], `${failures.length} answers differ:\n${failures.join("\n")}`);
      for (const way of Object.keys(total)) total[way] += asked[way];
    });
  }
  for (const [way, asked] of Object.entries(total)) {
    assert.ok(asked >= FEWEST, `${asked} cases of the ${way} snapshot are too few`);
    context.diagnostic(`${asked} cases asked of the ${way} snapshot`);
  }
}
