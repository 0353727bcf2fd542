import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { build } from "esbuild";
import { launch } from "./chromium.mjs";
import { run, signedCases } from "./cases.mjs";
import { buildFolder, root } from "./places.mjs";

/** What the page is made of: nothing inline, and WebAssembly but no other code made at run time. */
const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";

test("the decision cases in Chromium", async (context) => {
  const files = await signedCases();
  const folder = buildFolder("cases-chromium");
  await build({
    entryPoints: [join(root, "tests/surfaces/ask.mjs")],
    outfile: join(folder, "ask.js"),
    bundle: true,
    format: "esm",
    conditions: ["browser"],
    logLevel: "warning",
  });
  const wasm = createRequire(import.meta.url).resolve("rolewright/rolewright_bg.wasm");
  const pages = {
    "/": ["text/html", () => "<!doctype html><title>Decision cases</title>"],
    "/ask.js": ["text/javascript", () => readFileSync(join(folder, "ask.js"))],
    "/rolewright_bg.wasm": ["application/wasm", () => readFileSync(wasm)],
  };
  const server = createServer((request, response) => {
    const path = new URL(request.url, "http://page").pathname;
    const file = files.get(path.replace("/cases/", ""));
    const [type, read] = pages[path] ?? ["application/json", () => JSON.stringify(file)];
    if (pages[path] === undefined && file === undefined) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": type, "content-security-policy": POLICY }).end(read());
  });
  await new Promise((resume) => server.listen(0, "127.0.0.1", resume));
  const browser = await launch();
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    const names = new Map([...files].map(([name, file]) => [file, name]));
    await run(context, files, (file) =>
      page.evaluate(async (path) => {
        const { ask } = await import("/ask.js");
        return ask(await (await fetch(path)).json());
      }, `/cases/${names.get(file)}`),
    );
  } finally {
    await browser.close();
    server.close();
    server.closeAllConnections();
  }
});
