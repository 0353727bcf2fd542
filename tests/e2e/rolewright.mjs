// The real server, its command line, and a real browser, for the end-to-end tests.

import { execFile, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { chromium } from "playwright-core";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** The program. */
export const binary = process.env.ROLEWRIGHT_BIN ?? join(root, "target/debug/rolewright");
const run = promisify(execFile);

/** A port of the loopback that nobody listens on. */
export async function freePort() {
  const probe = createServer();
  await new Promise((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** Resolves when `probe` answers something, and rejects with `what` after `seconds`. */
export async function eventually(what, probe, seconds = 20) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const found = await Promise.resolve()
      .then(probe)
      .catch(() => undefined);
    if (found) return found;
    if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Runs one command of the binary and returns what it prints. */
export async function command(...args) {
  const { stdout } = await run(binary, args);
  return stdout;
}

/**
 * Starts `rolewright serve` on a fresh data folder (or on `data`), and waits until it answers.
 * `setupLink` is the one-time link that it printed, if it did.
 */
export async function startServer({ args = ["--template", "mailer"], data, port } = {}) {
  const folder = data ?? (await mkdtemp(join(tmpdir(), "rolewright-")));
  const listening = port ?? (await freePort());
  const server = spawn(binary, ["serve", "--port", String(listening), "--data", folder, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  server.stdout.on("data", (text) => (printed += text));
  server.stderr.on("data", (text) => (printed += text));
  const exited = new Promise((resolve) => server.once("exit", resolve));
  const url = `http://127.0.0.1:${listening}`;
  await eventually(
    "the server answers",
    async () => {
      if (server.exitCode !== null) throw new Error(printed);
      return (await fetch(`${url}/healthz`)).ok;
    },
    30,
  ).catch((error) => {
    throw new Error(`${error.message}\n${printed}`);
  });
  return {
    url,
    data: folder,
    port: listening,
    setupLink: /https?:\/\/\S+\/setup#token=\S+/.exec(printed)?.[0],
    output: () => printed,
    async stop({ keep = false } = {}) {
      server.kill("SIGTERM");
      await exited;
      if (!keep) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Starts Chromium as the toolchain notes say, with nothing that calls home. */
export function startBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** Creates the first superuser through the one-time link, in the page, and is signed in. */
export async function setUp(page, server, { email, password }) {
  await page.goto(server.setupLink);
  await page.getByLabel("Email").fill(email);
  await page.getByRole("textbox", { name: /^Password/ }).fill(password);
  await page.getByRole("button", { name: "Create superuser" }).click();
  await page.getByRole("link", { name: "Users" }).first().waitFor();
}

/**
 * A server with a template and its demo people, or nobody but its first superuser, a browser, and the page of that one; `stop` ends both.
 * `get` asks for something of the API, `go` opens a page, `toast` waits for what is said at the foot of it.
 */
export async function begin(template, { email, password }, { demo = true } = {}) {
  const args = ["--template", template, ...(demo ? ["--demo"] : [])];
  const [server, browser] = await Promise.all([startServer({ args }), startBrowser()]);
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  const said = watch(page);
  await setUp(page, server, { email, password });
  return {
    server,
    browser,
    page,
    said,
    get: async (path) => (await call(page, "GET", path)).body,
    go: (path) => page.goto(server.url + path),
    toast: (text) => page.getByRole("status").getByText(text).first().waitFor(),
    async stop() {
      await browser.close();
      await server.stop();
    },
  };
}

/** Somebody new, active, who signs in with that password; `page` is that of who invites. */
export async function accepted(page, { url }, { email, password, ...names }) {
  const { link, user } = (await call(page, "POST", "/users", { email, ...names })).body;
  const response = await fetch(`${url}/api/v1/tenants/default/invitations/accept`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token: decodeURIComponent(link.split("#token=")[1]), password }),
  });
  if (!response.ok) throw new Error(`${email}: ${response.status} ${await response.text()}`);
  return user;
}

/** A page of a browser of their own, on which somebody has signed in. */
export async function signedIn(browser, { url }, { email, password }) {
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  await page.goto(`${url}/sign-in`);
  await page.getByLabel("Email").fill(email);
  await page.getByRole("textbox", { name: /^Password/ }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: /^Account of / }).waitFor();
  return page;
}

/** What an authenticator with that secret (base32) shows now: RFC 6238. */
export function code(secret) {
  const bits = [...secret.replace(/=/g, "")].map((it) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(it).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const hash = createHmac("sha1", key).update(counter).digest();
  const number = hash.readUInt32BE(hash[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}

/** Keeps what a page says to its console that it should not say; `clean()` is then empty. */
export function watch(page) {
  const said = [];
  page.on("console", (message) => message.type() === "error" && said.push(message.text()));
  page.on("pageerror", (error) => said.push(String(error)));
  return () => said;
}

/** Asks the API as who is signed in on the page. A body of an edit goes with the `ETag` of its GET. */
export function call(page, method, path, body, etag) {
  return page.evaluate(
    async ([method, path, body, etag]) => {
      const headers = { "content-type": "application/json", ...(etag ? { "if-match": etag } : {}) };
      const answer = await fetch(`/api/v1/tenants/default${path}`, { method, headers, body: body && JSON.stringify(body) });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
      return { body: text ? JSON.parse(text) : undefined, etag: answer.headers.get("etag") };
    },
    [method, path, body, etag],
  );
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe-core finds wrong with the page as it is, in both themes: a line for each. */
export async function axe(page) {
  const found = [];
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.evaluate(axeSource);
    const violations = await page.evaluate(async () => (await globalThis.axe.run()).violations);
    for (const { id, nodes } of violations) {
      found.push(...nodes.map((node) => `${colorScheme}: ${id}: ${node.html.slice(0, 160)}: ${node.failureSummary.split("\n")[1]?.trim()}`));
    }
  }
  return found;
}
