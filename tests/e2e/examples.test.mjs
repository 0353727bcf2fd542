// Every example, as its README starts it, with the real server.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { createServer, request } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, afterEach, before, test } from "node:test";
import { root } from "../surfaces/places.mjs";
import { program } from "../surfaces/runtime.mjs";
import { binary, command, eventually, startBrowser, startServer, watch } from "./rolewright.mjs";

const ADA = { email: "ada@example.com", password: "a long walk by the river" };
const BEN = { email: "ben@example.com", password: "seven green umbrellas" };
const CONTACT = ADA.email;
const examples = join(root, "www/examples");

let server, browser, ada, ben;
const running = [];

before(async () => {
  server = await startServer({ args: ["--template", "mailer"] });
  create(ADA, "--superuser");
  const { id } = create(BEN);
  // The server learns from the database what another process wrote.
  ada = await eventually("ada signs in", () => signIn(ADA));
  ben = { ...(await eventually("ben signs in", () => signIn(BEN))), id };
  await ada.write("POST", "/roles", { id: "builder", name: "Builder", grants: grants() });
  await ada.write("POST", "/assignments", { principal: { user: ben.id }, role: "builder", scope: "/" });
  browser = await startBrowser();
});
afterEach(() => running.splice(0).forEach((child) => child.kill("SIGTERM")));
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** What a builder may do: reports, templates and alerts, but not delete or make any. */
const grants = (more = {}) => ({ "reports.view": "allowed", "reports.run": "allowed", "templates.view": "allowed", "alerts.view": "allowed", ...more });

function create({ email, password }, ...more) {
  const words = ["user", "create", "--email", email, "--password-stdin", "--data", server.data, "--json", ...more];
  return JSON.parse(execFileSync(binary, words, { input: password, encoding: "utf8" }));
}

/** Someone's session: what they write, and the pass that they are given. */
async function signIn(credentials) {
  const api = `${server.url}/api/v1/tenants/default`;
  const send = async (method, path, body, headers = {}) => {
    const response = await fetch(api + path, { method, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) });
    if (!response.ok) assert.fail(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response;
  };
  const signedIn = await send("POST", "/session", credentials);
  const cookie = signedIn.headers.getSetCookie().map((one) => one.split(";")[0]).join("; ");
  const write = (method, path, body, headers) => send(method, path, body, { cookie, origin: server.url, ...headers });
  return { write, pass: async () => (await (await write("POST", "/passes", {})).json()).pass };
}

/** Sets what a builder may do; answers the revision that this made. */
async function setGrants(more) {
  const response = await ada.write("PUT", "/roles/builder", { id: "builder", name: "Builder", kind: "custom", grants: grants(more) }, { "if-match": "*" });
  return response.headers.get("rolewright-revision");
}

/** Starts a program that says where it listens. */
async function start(name, words, more = {}) {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, ROLEWRIGHT_URL: server.url, CONTACT, PORT: "0", ...more };
  const child = spawn(words[0], words.slice(1), { cwd: join(examples, name), env, stdio: ["ignore", "pipe", "inherit"] });
  running.push(child);
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /listening on (\S+)/.exec(line)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error(`${name} ended before it listened`);
}

const node = (file) => [process.execPath, file];
const keyOf = async (permission) => JSON.parse(await command("key", "create", "--name", permission, "--permission", permission, "--data", server.data, "--json")).key;

/** Asks an API as somebody: what it answers. */
const asker = (url, headers = {}) => async (method, path, body, more = {}) => {
  const response = await fetch(url + path, { method, headers: { ...headers, ...more, ...(body === undefined ? {} : { "content-type": "application/json" }) }, body });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === "" ? undefined : JSON.parse(text) };
};

test("Express: a pass opens what its person holds, a change is seen by who made it, and by all at once", async () => {
  await setGrants();
  const url = await start("express", node("src/server.js"), { ROLEWRIGHT_KEY: await keyOf("snapshot.policy") });
  const nobody = asker(url, {});
  assert.equal((await nobody("GET", "/health")).status, 200);
  assert.equal((await nobody("GET", "/reports")).status, 401);
  assert.equal((await nobody("GET", "/nothing")).status, 404);
  const ask = asker(url, { authorization: `Bearer ${await ben.pass()}` });
  const ran = await ask("POST", "/reports/weekly/run");
  assert.deepEqual([ran.status, ran.body], [200, { id: "weekly", runs: 1, by: ben.id }]);
  const refused = await ask("DELETE", "/reports/weekly");
  assert.deepEqual([refused.status, refused.body.permission, refused.body.contact], [403, "reports.manage", CONTACT]);

  // The header of the change has the next request wait for it.
  const revision = await setGrants({ "reports.manage": "allowed" });
  const made = await ask("POST", "/reports", '{"id":"daily"}', { "rolewright-revision": revision });
  assert.deepEqual([made.status, made.body.id], [201, "daily"]);
  // And without it the stream tells of it.
  await setGrants();
  await eventually("it is taken away", async () => (await ask("DELETE", "/reports/daily")).status === 403, 15);
});

test("Hono: an app with sessions of its own asks by a person's id", async () => {
  await setGrants();
  const url = await start("hono", node("src/server.js"), { ROLEWRIGHT_KEY: await keyOf("snapshot.full") });
  const nobody = asker(url, {});
  assert.equal((await nobody("GET", "/templates")).status, 401);
  assert.equal((await nobody("POST", "/session", '{"pass":"ben"}')).status, 401);
  const signedIn = await nobody("POST", "/session", JSON.stringify({ pass: await ben.pass() }));
  assert.equal(signedIn.status, 204);
  const ask = asker(url, { cookie: signedIn.headers.getSetCookie()[0].split(";")[0] });
  assert.equal((await ask("GET", "/templates")).status, 200);
  assert.equal((await ask("PUT", "/templates/plain", "x")).body.permission, "templates.manage");
  const { body } = await ask("GET", "/session");
  assert.deepEqual([body.subject, body.may.includes("templates.view"), body.may.includes("templates.manage")], [ben.id, true, false]);
});

test("Deno: permitted the network and its environment, and nothing else", async () => {
  await setGrants();
  const url = await start("deno", [program("deno"), "run", "--no-prompt", "--allow-env", "--allow-net", "src/main.ts"], { ROLEWRIGHT_KEY: await keyOf("snapshot.policy") });
  const ask = asker(url, { authorization: `Bearer ${await ben.pass()}` });
  assert.equal((await ask("GET", "/alerts")).status, 200);
  assert.equal((await ask("PUT", "/alerts/late", "x")).body.permission, "alerts.manage");
  const revision = await setGrants({ "alerts.manage": "allowed" });
  const put = await ask("PUT", "/alerts/late", "a report is late", { "rolewright-revision": revision });
  assert.deepEqual([put.status, put.body], [200, { late: "a report is late" }]);
});

test("Rust: the model answers natively, from a verified snapshot that is followed", async () => {
  const revision = await setGrants();
  execFileSync(process.env.CARGO ?? "cargo", ["build", "--quiet", "--package", "rolewright-example-rust"], { cwd: root, stdio: "inherit" });
  const { target_directory: target } = JSON.parse(execFileSync(process.env.CARGO ?? "cargo", ["metadata", "--format-version", "1", "--no-deps"], { cwd: root, maxBuffer: 2 ** 30 }));
  const program = [join(target, "debug/rolewright-example-rust")];
  const ask = asker(await start("rust", program, { ROLEWRIGHT_KEY: await keyOf("snapshot.full") }));
  const check = async (permission, subject = ben.id) => (await ask("GET", `/check?subject=${subject}&permission=${permission}`)).body;
  await eventually(`it holds ${revision}`, async () => (await check("reports.run")).allowed, 15);
  assert.deepEqual(await check("reports.manage"), { allowed: false, level: "none", ui: "hidden", reason: "not_granted" });
  assert.equal((await check("reports.run", "nobody")).reason, "unknown_subject");
  await setGrants({ "reports.run": undefined });
  await eventually("it is taken away", async () => !(await check("reports.run")).allowed, 15);
  // What it is not let read it does not answer by.
  const shut = asker(await start("rust", program, { ROLEWRIGHT_KEY: await keyOf("snapshot.policy") }));
  assert.equal((await shut("GET", "/check?subject=x&permission=y")).status, 503);
});

test("page: what is not there ends nothing, and what is handed on goes to Rolewright alone", async () => {
  const stranger = createServer((_, response) => response.end("a stranger")).listen(0, "127.0.0.1");
  await once(stranger, "listening");
  try {
    const other = `127.0.0.1:${stranger.address().port}`;
    const url = await start("page", node("src/server.js"));
    for (const [target, status] of [
      ["/favicon.ico", 404],
      ["/", 200],
      ["/rolewright/entry.browser.js", 200],
      ["/rolewright/", 404],
      ["/../src/server.js", 404],
      ["/%2e%2e/src/server.js", 404],
      ["/.well-known/jwks.json", 200],
      ["/api/v1/tenants/default/session", 401],
      [`//${other}/api/x`, 404],
      [`/\\${other}/api/x`, 404],
      [`http://${other}/api/x`, 404],
      ["/api/../settings", 404],
      ["/", 200],
    ]) {
      const answer = await answerTo(url, target, { cookie: "s=secret" });
      assert.equal(answer.status, status, target);
      assert.notEqual(answer.body, "a stranger", target);
      assert.match(answer.headers["content-security-policy"], /^default-src 'none'/, target);
    }
    const gone = await start("page", node("src/server.js"), { ROLEWRIGHT_URL: "http://127.0.0.1:1" });
    for (const status of [502, 502]) assert.equal((await answerTo(gone, "/api/x")).status, status);
  } finally {
    stranger.close();
  }
});

/** What a server answers to a target as it is: a client would put it in order first. */
async function answerTo(url, path, headers = {}) {
  const [response] = await once(request(url, { path, headers }).end(), "response");
  return { status: response.statusCode, headers: response.headers, body: (await response.toArray()).join("") };
}

for (const [name, build] of [["page", undefined], ["react", "build.mjs"]]) {
  test(`${name}: shows what the person may do, and follows an edit`, async () => {
    await setGrants();
    if (build !== undefined) execFileSync(process.execPath, [build], { cwd: join(examples, name), stdio: "inherit" });
    const url = await start(name, node("src/server.js"));
    const page = await (await browser.newContext()).newPage();
    const said = watch(page);
    await page.goto(url);
    await page.getByLabel("Email").fill(BEN.email);
    await page.getByLabel("Password").fill("not this one");
    assert.equal(await page.getByRole("button", { name: "Run" }).isVisible(), false);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").getByText(/./).waitFor();
    await page.getByLabel("Password").fill(BEN.password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("button", { name: "Run" }).waitFor();
    assert.equal(await page.getByRole("button", { name: "Delete" }).isVisible(), false);
    assert.equal(await page.getByRole("link", { name: "Mail settings" }).isVisible(), false);
    await setGrants({ "reports.manage": "allowed" });
    await page.getByRole("button", { name: "Delete" }).waitFor({ timeout: 15_000 });
    await setGrants({ "reports.run": undefined });
    await page.getByRole("button", { name: "Run" }).waitFor({ state: "hidden", timeout: 15_000 });
    // That nobody is signed in, and that the password is not this one, is all that was wrong.
    assert.deepEqual(said().filter((text) => !/40[14]|422|Unauthorized/.test(text)), []);
    await page.context().close();
  });
}

test("each example says in ten lines what it is, and where its test is", () => {
  for (const name of readdirSync(examples)) {
    const readme = readFileSync(join(examples, name, "README.md"), "utf8");
    assert.ok(readme.trim().split("\n").length <= 12, name);
    const [, file] = /Tests?: `([^`]+)`/.exec(readme) ?? [];
    assert.ok(file !== undefined && existsSync(join(root, file)), `${name}: ${file}`);
  }
});
