import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { transform } from "esbuild";
import * as esm from "rolewright";
import { NOW, Signer, snapshot } from "./fixtures.mjs";

const here = join(dirname(fileURLToPath(import.meta.url)), "..");
const manifest = JSON.parse(readFileSync(join(here, "package.json"), "utf8"));
const require = createRequire(import.meta.url);

test("the exports stand in the order in which they are tried", () => {
  assert.deepEqual(Object.keys(manifest.exports["."]), ["types", "workerd", "deno", "bun", "node", "browser", "default"]);
  for (const legacy of ["main", "module", "browser", "types"]) assert.ok(!(legacy in manifest), legacy);
});

test("each export says its types first, for import and for require", () => {
  const { ".": main, "./package.json": _, "./rolewright_bg.wasm": wasm, ...entries } = manifest.exports;
  assert.deepEqual(Object.keys(wasm), ["types", "default"]);
  assert.deepEqual(Object.keys(entries), ["./slim", "./inline", "./authzen", "./gate", "./express", "./hono", "./elements", "./react", "./live", "./stores"]);
  for (const [name, { types, ...rest }] of Object.entries(entries)) {
    const file = `./dist/${name.slice(2)}`;
    assert.deepEqual([types, rest], [{ require: `${file}.d.cts`, default: `${file}.d.ts` }, { require: `${file}.cjs`, default: `${file}.js` }]);
    assert.equal(Object.keys(manifest.exports[name])[0], "types");
  }
  assert.deepEqual(main.types, { require: "./dist/index.d.cts", default: "./dist/index.d.ts" });
});

test("each entry gives the same names to import and to require, and needs no browser to be imported", async () => {
  for (const name of ["slim", "inline", "authzen", "gate", "express", "hono", "elements", "react", "live", "stores"]) {
    const imported = await import(`rolewright/${name}`);
    assert.deepEqual(Object.keys(require(`rolewright/${name}`)).sort(), Object.keys(imported).sort(), name);
    if (["slim", "inline"].includes(name)) assert.deepEqual(Object.keys(imported).sort(), Object.keys(esm).sort(), name);
  }
});

test("slim takes the module from its caller, and says so where it has none", async () => {
  const slim = await import("rolewright/slim");
  const signer = await Signer.create();
  const options = [await signer.snapshot(snapshot()), { keys: signer.keys, now: () => NOW }];
  await assert.rejects(slim.load(...options), (error) => error instanceof slim.RolewrightError && error.code === "misuse");
  await assert.rejects(slim.init(new Uint8Array([1, 2, 3])), WebAssembly.CompileError);
  await slim.init(readFileSync(require.resolve("rolewright/rolewright_bg.wasm")));
  await slim.init();
  const rw = await slim.load(...options);
  assert.equal(rw.can("ana", "reports.run"), true);
  rw.dispose();
});

test("publint and attw find nothing wrong with the tarball", () => {
  const folder = mkdtempSync(join(tmpdir(), "rolewright-pack-"));
  try {
    const [{ filename }] = JSON.parse(execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], { cwd: here, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
    const run = (name, ...options) => {
      const { bin, dir } = program(name);
      const { status, stdout, stderr } = spawnSync(process.execPath, [join(dir, bin), join(folder, filename), ...options], { encoding: "utf8" });
      assert.equal(status, 0, `${name}\n${stdout}${stderr}`);
    };
    run("publint", "--strict");
    // `require` of a WebAssembly module is for nobody.
    run("@arethetypeswrong/cli", "--profile", "node16", "--exclude-entrypoints", "./rolewright_bg.wasm");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a catalogue that is registered holds for import and for require alike", () => {
  const folder = mkdtempSync(join(here, "test", "registered-"));
  try {
    const uses = (how) => `${how}\nexport const can = (rw: Rolewright): boolean => rw.can("ana", "reports.run");\n// @ts-expect-error misspelt\nexport const cannot = (rw: Rolewright): boolean => rw.can("ana", "reprots.run");\n`;
    for (const [name, text] of Object.entries({
      "package.json": '{ "type": "commonjs" }',
      "registered.d.ts": 'import "rolewright";\ndeclare module "rolewright" { interface Register { readonly catalogue: { permissions: { "reports.run": "none" | "allowed" }; operations: {} } } }\n',
      "imports.mts": uses('import type { Rolewright } from "rolewright";'),
      "requires.cts": uses('import rolewright = require("rolewright");\ntype Rolewright = rolewright.Rolewright;'),
      "tsconfig.json": '{ "extends": "../tsconfig.json", "compilerOptions": { "rootDir": "../..", "verbatimModuleSyntax": false }, "include": ["*.ts", "*.mts", "*.cts"] }',
    })) writeFileSync(join(folder, name), text);
    const { bin, dir } = program("typescript");
    const { status, stdout } = spawnSync(process.execPath, [join(dir, bin), "--project", folder], { encoding: "utf8" });
    assert.equal(status, 0, stdout);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** Where the one program of a package is. */
function program(name) {
  // Not every package exports its manifest.
  const dir = join(here, "../../node_modules", name);
  const { bin } = JSON.parse(readFileSync(join(dir, "package.json"), "utf8"));
  return { dir, bin: typeof bin === "string" ? bin : Object.values(bin)[0] };
}

test("the tarball holds one WebAssembly module and every file that the exports name", () => {
  const listing = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], { cwd: here, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  const files = JSON.parse(listing)[0].files.map(({ path }) => path);
  assert.deepEqual(files.filter((path) => path.endsWith(".wasm")), ["dist/rolewright_bg.wasm"]);
  const named = JSON.stringify(manifest.exports).match(/\.\/[^"]+/g).map((path) => path.slice(2)).filter((path) => path.includes("."));
  for (const path of ["LICENSE", "README.md", ...named.filter((path) => path.startsWith("dist/"))]) assert.ok(files.includes(path), path);
  assert.ok(!files.some((path) => path.startsWith("src/") || path.startsWith("test/")));
});

test("what is installed alone has its licence, and a readme that leads to nothing that is not there", () => {
  const read = (path) => readFileSync(join(here, path), "utf8");
  assert.equal(read("LICENSE"), read("../../LICENSE"));
  assert.deepEqual(read("README.md").match(/\]\((?!https:)[^)]*\)/g), null);
});

test("no entry waits at its top level, and each finds the module its own way", async () => {
  for (const name of readdirSync(join(here, "dist")).filter((name) => /^entry\..*js$/.test(name))) {
    const text = readFileSync(join(here, "dist", name), "utf8");
    // A plain script cannot wait: esbuild says so.
    await transform(text, { format: "iife", logLevel: "silent" });
  }
  const entry = (name) => readFileSync(join(here, `dist/entry.${name}.js`), "utf8");
  assert.ok(entry("browser").includes('new URL("./rolewright_bg.wasm",import.meta.url)'));
  assert.ok(entry("node").includes('new URL("./rolewright_bg.wasm",import.meta.url)'));
  assert.match(entry("workerd"), /import [\w$]+ from"\.\/rolewright_bg\.wasm"/);
  assert.match(entry("deno"), /import source [\w$]+ from"\.\/rolewright_bg\.wasm"/);
  assert.match(entry("bun"), /import [\w$]+ from"\.\/rolewright_bg\.wasm"with\{type:"file"\}/);
  for (const name of ["workerd", "deno"]) assert.ok(!/import\.meta|node:/.test(entry(name)), name);
});

test("`guard` says that it is for pages", async () => {
  const { guard } = await import("rolewright/elements");
  assert.throws(() => guard(undefined), { name: "TypeError", message: /is for pages/ });
});

test("what a browser alone can run says so to whoever renders on a server", () => {
  for (const name of ["react.js", "react.cjs"]) assert.match(readFileSync(join(here, "dist", name), "utf8"), /^("use strict";)?"use client";/, name);
});

test("an error that nobody caught shows a line of Node's entries, not all of them", () => {
  for (const name of ["entry.node.js", "entry.node.cjs"]) {
    const lines = readFileSync(join(here, "dist", name), "utf8").split("\n");
    assert.ok(Math.max(...lines.map((line) => line.length)) < 4_000, name);
  }
});

test("require gives the same names and answers", async () => {
  const cjs = require("rolewright");
  assert.deepEqual(Object.keys(cjs).sort(), Object.keys(esm).sort());
  const signer = await Signer.create();
  const rw = await cjs.load(await signer.snapshot(snapshot()), { keys: signer.keys, now: () => NOW });
  assert.equal(rw.can("ana", "reports.run"), true);
  rw.dispose();
});

test("init may be called again, and by many at once", async () => {
  await Promise.all([esm.init(), esm.init()]);
  await esm.init();
});

test("the types are what they should be, for import and for require", () => {
  const tsc = join(dirname(require.resolve("typescript/package.json")), "bin/tsc");
  execFileSync(process.execPath, [tsc, "--project", join(here, "test/tsconfig.json")], { stdio: "inherit" });
});
