// The catalogue as types: what is misspelt does not compile, and what has drifted is told.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { buildFolder, root } from "../surfaces/places.mjs";
import { binary, startServer } from "./rolewright.mjs";

const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
const template = join(root, "crates/server/templates/enterprise-manager.json");

/** Runs `codegen`, whatever comes of it. */
function codegen(...options) {
  const { status, stdout, stderr } = spawnSync(binary, ["codegen", "--lang", "ts", ...options], { encoding: "utf8" });
  return { status, stdout, stderr };
}

/** What `tsc` says of files beside the types of a catalogue. */
function compile(name, files) {
  const folder = buildFolder(`codegen-${name}`);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  const compilerOptions = { target: "es2022", module: "nodenext", strict: true, noEmit: true, skipLibCheck: false, types: [], lib: ["es2022", "dom"] };
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts", "*.cts"] }));
  const { status, stdout } = spawnSync(process.execPath, [tsc, "--project", folder], { encoding: "utf8", cwd: folder });
  return { status, said: stdout };
}

const USES = `
import type { LevelId, PermissionId, Rolewright } from "rolewright";
import { gate } from "rolewright/gate";
import { Can, useLevel } from "rolewright/react";

export function uses(rw: Rolewright, server: string, id: PermissionId): void {
  rw.can("ana", "servers.view");
  rw.can("ana", id);
  const level: "no" | "read_only" | "yes" | "" = rw.level("ana", "servers.view");
  const held: LevelId<"servers.manage"> = "allowed";
  rw.ui("ana", "servers.manage", "servers/prod");
  rw.decide({ subject: "ana", permission: "servers.view", asked: "read_only" });
  rw.check({ subject: "ana", operation: "tasks.design", resources: { task: \`servers/\${server}/tasks/t\` } });
  rw.check({ subject: "ana", operation: "servers.view" });
  useLevel("servers.view") === "read_only";
  Can({ permission: "servers.view", children: level + held });
  gate(rw, {
    "GET /servers": "servers.view",
    "PUT /servers/:server": { permission: "servers.view", resource: "servers/:server", level: "yes" },
    "POST /servers/:server/tasks/:task": { operation: "tasks.design", resources: { task: "servers/:server/tasks/:task" } },
  });
}
`;

/** Each does not compile. */
const WRONG = [
  'rw.can("ana", "servers.veiw");',
  'rw.level("ana", "reprots.run");',
  'rw.ui("ana", "reports.run");',
  'rw.level("ana", "servers.view") === "allowed";',
  'rw.decide({ subject: "ana", permission: "servers.veiw" });',
  'rw.decide({ subject: "ana", permission: "servers.view", asked: "allowed" });',
  'rw.check({ subject: "ana", operation: "tasks.desing" });',
  'rw.check({ subject: "ana", operation: "tasks.design", resources: { tsak: "servers/a/tasks/b" } });',
  'rw.check({ subject: "ana", operation: "tasks.design", resources: { task: "tasks/b" } });',
  'rw.check({ subject: "ana", operation: "servers.view", resources: { server: "servers/a" } });',
  'gate(rw, { "GET /": "servers.veiw" });',
  'gate(rw, { "GET /": { permission: "servers.view", level: "allowed" } });',
  'gate(rw, { "GET /": { operation: "tasks.design", resources: { tsak: "x" } } });',
  'useCan("servers.veiw");',
  'Can({ permission: "servers.veiw" });',
];

test("what a catalogue names compiles, and what it does not name does not", () => {
  const types = codegen("--policy", template);
  assert.deepEqual([types.status, types.stderr], [0, ""]);
  const good = compile("good", {
    "rolewright.d.ts": types.stdout,
    "uses.ts": USES,
    "required.cts": 'import rolewright = require("rolewright");\nexport const can = (rw: rolewright.Rolewright): boolean => rw.can("ana", "servers.view");\n',
  });
  assert.deepEqual(good, { status: 0, said: "" });

  const imports = 'import type { Rolewright } from "rolewright";\nimport { gate } from "rolewright/gate";\nimport { Can, useCan } from "rolewright/react";\n';
  const lines = WRONG.map((line) => `export const _${WRONG.indexOf(line)} = (rw: Rolewright) => { void rw; ${line} };`);
  const bad = compile("bad", { "rolewright.d.ts": types.stdout, "wrong.ts": `${imports}void [gate, Can, useCan];\n${lines.join("\n")}\n` });
  assert.notEqual(bad.status, 0);
  const wrong = new Set([...bad.said.matchAll(/^wrong\.ts\((\d+),/gm)].map(([, line]) => Number(line) - 5));
  assert.deepEqual(WRONG.filter((_, at) => !wrong.has(at)), [], bad.said);
  // Without the types any text is an id.
  assert.equal(compile("untyped", { "uses.ts": 'import type { Rolewright } from "rolewright";\nexport const can = (rw: Rolewright, id: string): boolean => rw.can("ana", id);\n' }).status, 0);
});

test("drift between the code and the catalogue fails, and says what has drifted", async () => {
  const folder = buildFolder("codegen-drift");
  const file = join(folder, "rolewright.d.ts");
  const server = await startServer({ args: ["--template", "mailer"] });
  try {
    const data = ["--data", server.data];
    writeFileSync(file, codegen(...data).stdout);
    assert.equal(codegen(...data, "--check", file).status, 0);
    writeFileSync(file, readFileSync(file, "utf8").replaceAll("\n", "\r\n"));
    assert.equal(codegen(...data, "--check", file).status, 0, "ends of lines are no drift");
    writeFileSync(file, readFileSync(file, "utf8").replace('"reports.run"', '"reports.walk"'));
    const drifted = codegen(...data, "--check", file);
    assert.equal(drifted.status, 1);
    assert.match(drifted.stdout, /^\+ readonly "reports\.run": "none" \| "allowed";\n- readonly "reports\.walk"/);
    assert.match(drifted.stderr, /is not what the catalogue says; write it anew/);
    const told = codegen(...data, "--check", file, "--json");
    assert.deepEqual([told.status, JSON.parse(told.stdout).current, JSON.parse(told.stdout).gone.length], [1, false, 1]);
  } finally {
    await server.stop();
  }
  assert.equal(codegen("--policy", template, "--check", join(folder, "absent.d.ts")).status, 2);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "policy.json"), "{}");
  assert.equal(codegen("--policy", join(folder, "policy.json")).status, 1);
  execFileSync(binary, ["codegen", "--help"]);
});
