// What would be published, installed as anybody does, in every runtime and by every bundler: one WebAssembly module in each, and the
// same answers.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, extname, join } from "node:path";
import { after, before, test } from "node:test";
import { build as esbuild } from "esbuild";
import { Log, LogLevel, Miniflare } from "miniflare";
import { build as viteBuild, createServer as viteServer } from "vite";
import webpack from "webpack";
import { launch } from "./chromium.mjs";
import { signedCases } from "./cases.mjs";
import { root } from "./places.mjs";
import { program } from "./runtime.mjs";
import { serve as startWorkerd } from "./workerd.mjs";

/** Fewer cases than these of the mailer's file are a mistake. */
const FEWEST = 20;
const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";

let home;
let installed;
let file;
let browser;

before(async () => {
  // Away from the checkout, in which everything is found anyway.
  home = mkdtempSync(join(tmpdir(), "rolewright-tarball-"));
  const npm = (...words) => execFileSync("npm", words, { cwd: home, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  const [{ filename }] = JSON.parse(npm("pack", join(root, "www/checker"), "--json", "--ignore-scripts"));
  writeFileSync(join(home, "package.json"), '{ "private": true, "type": "module" }\n');
  npm("install", `./${filename}`, "--offline", "--ignore-scripts", "--no-audit", "--no-fund");
  installed = join(home, "node_modules/rolewright");
  [[, file]] = await signedCases(["mailer.json"]);
  for (const name of ["ask.mjs", "ask-by.mjs"]) copyFileSync(join(root, "tests/surfaces", name), join(home, name));
  cpSync(join(root, "tests/surfaces/tarball"), home, { recursive: true });
  writeFileSync(join(home, "cases.json"), JSON.stringify(file));
  writeFileSync(join(home, "cases.js"), `export default ${JSON.stringify(file)};\n`);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  rmSync(home, { recursive: true, force: true });
});

/** Holds what was answered to what the model says. */
function hold({ asked, failures }) {
  assert.deepEqual(failures, []);
  for (const [way, count] of Object.entries(asked)) assert.ok(count >= FEWEST, `${count} cases of the ${way} snapshot are too few`);
}

/** Every file below a folder. */
const files = (folder) => readdirSync(folder, { recursive: true }).map(String);
const modules = (folder) => files(folder).filter((name) => name.endsWith(".wasm"));

/** Runs a program in the project; what it prints is what was answered. */
function run(command, ...options) {
  const { status, stdout, stderr } = spawnSync(command, options, { cwd: home, encoding: "utf8" });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

test("one WebAssembly module is installed, and nothing that is not needed", () => {
  assert.deepEqual(modules(installed), ["dist/rolewright_bg.wasm"]);
  assert.deepEqual(readdirSync(join(home, "node_modules")).filter((name) => !name.startsWith(".")), ["rolewright"]);
});

test("Node, by import and by require, with the module beside, within, and given", () => {
  for (const name of ["node.mjs", "node.cjs"]) {
    for (const entry of ["rolewright", "rolewright/inline", "rolewright/slim"]) hold(run(process.execPath, "--disable-warning=ExperimentalWarning", name, entry));
  }
});

const isThorough = process.env.ROLEWRIGHT_THOROUGH === "1";
test("Node 20, 22 and 24", { skip: isThorough ? false : "long: npm fetches each" }, () => {
  for (const version of ["20", "22", "24"]) {
    for (const name of ["node.mjs", "node.cjs"]) {
      hold(run("npm", "exec", "--yes", `--package=node@${version}`, "--", "node", "--disable-warning=ExperimentalWarning", name, "rolewright"));
    }
  }
});

test("Deno and Bun", () => {
  hold(run(program("deno"), "run", "--no-prompt", "plain.mjs"));
  copyFileSync(join(root, "www/examples/deno/src/main.ts"), join(home, "main.ts"));
  execFileSync(program("deno"), ["check", "--quiet", "main.ts"], { cwd: home, stdio: ["ignore", "ignore", "inherit"] });
  hold(run(program("bun"), "run", "plain.mjs"));
});

test("workerd and miniflare", async () => {
  const folder = join(home, "worker");
  await esbuild({ absWorkingDir: home, entryPoints: ["worker.mjs", "worker-slim.mjs", "worker-cache.mjs"], outdir: folder, bundle: true, format: "esm", conditions: ["workerd"], external: ["*.wasm"], logLevel: "warning" });
  copyFileSync(join(installed, "dist/rolewright_bg.wasm"), join(folder, "rolewright_bg.wasm"));
  assert.deepEqual(modules(folder), ["rolewright_bg.wasm"]);
  for (const name of ["worker.js", "worker-slim.js"]) {
    writeFileSync(join(folder, "config.capnp"), readFileSync(join(root, "tests/surfaces/cases-worker.capnp"), "utf8").replace('embed "worker.js"', `embed "${name}"`));
    const workerd = await startWorkerd(join(folder, "config.capnp"));
    try {
      hold(await (await fetch(workerd.url)).json());
    } finally {
      await workerd.stop();
    }
  }
  const miniflare = new Miniflare({
    log: new Log(LogLevel.ERROR),
    compatibilityDate: "2026-01-01",
    modules: [
      { type: "ESModule", path: join(folder, "worker.js") },
      { type: "CompiledWasm", path: join(folder, "rolewright_bg.wasm") },
    ],
    modulesRoot: folder,
  });
  try {
    hold(await (await miniflare.dispatchFetch("http://worker.test/")).json());
  } finally {
    await miniflare.dispose();
  }
  const sharing = new Miniflare({ log: new Log(LogLevel.ERROR), compatibilityDate: "2026-01-01", modules: [{ type: "ESModule", path: join(folder, "worker-cache.js") }], modulesRoot: folder });
  try {
    assert.deepEqual(await (await sharing.dispatchFetch("http://worker.test/")).json(), { before: null, after: [[1, 2, 3], [[4], [5, 6]], "stamp"] });
  } finally {
    await sharing.dispose();
  }
});

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm", ".json": "application/json" };

/** What a page of a folder answers in Chromium, under a strict policy. */
async function page(folder) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://page");
    const path = join(folder, pathname === "/" ? "index.html" : pathname);
    if (!existsSync(path)) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": TYPES[extname(path)] ?? "text/plain", "content-security-policy": POLICY }).end(readFileSync(path));
  });
  await new Promise((resume) => server.listen(0, "127.0.0.1", resume));
  try {
    return await look(`http://127.0.0.1:${server.address().port}/`);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

/** What a page at an address answers, and how many modules it fetched. */
async function look(url) {
  const page = await browser.newPage();
  const said = [];
  const fetched = [];
  page.on("pageerror", (error) => said.push(String(error)));
  page.on("response", (response) => new URL(response.url()).pathname.endsWith(".wasm") && fetched.push(response.url()));
  await page.goto(url);
  await page.waitForFunction(() => globalThis.answered, undefined, { timeout: 20_000 }).catch((error) => assert.fail(`${error.message}\n${said.join("\n")}`));
  const answered = await page.evaluate(() => globalThis.answered);
  await page.close();
  assert.deepEqual(said, []);
  return { answered, fetched: fetched.length };
}

test("a plain page, esbuild, webpack and Vite", async (context) => {
  await context.test("a plain page, without a bundler", async () => {
    const { answered, fetched } = await page(home);
    hold(answered);
    assert.equal(fetched, 1);
  });

  await context.test("esbuild, with the module within", async () => {
    const folder = join(home, "esbuild");
    await esbuild({ absWorkingDir: home, entryPoints: ["page-inline.mjs"], outfile: "esbuild/page.js", bundle: true, format: "esm", logLevel: "warning" });
    copyFileSync(join(home, "bundled.html"), join(folder, "index.html"));
    const { answered, fetched } = await page(folder);
    hold(answered);
    assert.deepEqual([modules(folder), fetched], [[], 0]);
  });

  await context.test("webpack", async () => {
    const folder = join(home, "webpack");
    const stats = await new Promise((resolve, reject) =>
      webpack({ context: home, mode: "production", entry: "./page.mjs", output: { path: folder, filename: "page.js", publicPath: "auto" } }, (error, stats) => (error ? reject(error) : resolve(stats))),
    );
    assert.deepEqual(stats.toJson({ all: false, errors: true, warnings: true }).errors, []);
    copyFileSync(join(home, "bundled.html"), join(folder, "index.html"));
    const { answered, fetched } = await page(folder);
    hold(answered);
    assert.deepEqual([modules(folder).length, fetched], [1, 1]);
  });

  const vite = { root: join(home, "vite"), configFile: false, logLevel: "error", cacheDir: join(home, "vite-cache"), optimizeDeps: { exclude: ["rolewright"] } };
  await context.test("Vite's build", async () => {
    await viteBuild({ ...vite, build: { outDir: join(home, "vite-out"), emptyOutDir: true } });
    const { answered, fetched } = await page(join(home, "vite-out"));
    hold(answered);
    assert.deepEqual([modules(join(home, "vite-out")).length, fetched], [1, 1]);
  });

  await context.test("Vite's server", async () => {
    const server = await viteServer({ ...vite, server: { port: 0, host: "127.0.0.1", fs: { strict: false }, hmr: false, watch: null } });
    try {
      await server.listen();
      const { answered, fetched } = await look(`http://127.0.0.1:${server.httpServer.address().port}/`);
      hold(answered);
      assert.equal(fetched, 1);
    } finally {
      await server.close();
    }
  });
});

test("the gates, elements and React's hooks are installed too, and need nothing but what they are for", () => {
  for (const name of ["gate", "express", "hono", "elements"]) {
    run(process.execPath, "--input-type=module", "--eval", `import * as it from "rolewright/${name}"; console.log(JSON.stringify(Object.keys(it)))`);
    run(process.execPath, "--input-type=commonjs", "--eval", `console.log(JSON.stringify(Object.keys(require("rolewright/${name}"))))`);
  }
  const { stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", 'import "rolewright/react"'], { cwd: home, encoding: "utf8" });
  assert.match(stderr, /Cannot find package 'react'/);
  assert.equal(dirname(installed), join(home, "node_modules"));
});
