// The example worker, in the real Workers runtime, in front of a server that signs as ours does.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { Signer, passOf, snapshot } from "../../www/checker/test/fixtures.mjs";
import { root } from "./places.mjs";
import { Upstream } from "./upstream.mjs";
import { serve } from "./workerd.mjs";

const CONTACT = "admin@example.test";
const example = join(root, "www/examples/worker");
const mailer = JSON.parse(readFileSync(join(root, "crates/server/templates/mailer.json"), "utf8"));
const runner = {
  id: "runner",
  name: "Runner",
  kind: "custom",
  grants: Object.fromEntries(["reports.view", "reports.manage", "reports.run", "templates.view", "templates.manage"].map((id) => [id, "allowed"])),
};

/** The policy of the product at a revision. */
const policy = (revision, more = {}) =>
  snapshot("policy", { settings: mailer.settings, catalogue: mailer.catalogue, roles: [...mailer.roles, runner], at: { epoch: 1, revision }, ...more });

const signer = await Signer.create();
const upstream = new Upstream(signer, policy(5));
let worker;

before(async () => {
  execFileSync(process.execPath, [join(example, "build.mjs")], { stdio: "inherit" });
  const ROLEWRIGHT_URL = await upstream.listen();
  const env = { ROLEWRIGHT_URL, ROLEWRIGHT_TENANT: "acme", ROLEWRIGHT_KEY: "rw_key", CONTACT };
  worker = await serve(join(example, "dist/config.capnp"), env);
});
after(async () => {
  await worker?.stop();
  upstream.close();
});

const passFor = (pass, claims) => signer.pass(pass, { now: Date.now(), ...claims });
const ask = async (method, path, headers = {}) => {
  const response = await fetch(worker.url + path, { method, headers });
  return { status: response.status, headers: response.headers, body: await response.json() };
};
const as = (pass) => ({ authorization: `Bearer ${pass}` });

test("without a pass nobody is let in, and no header names anybody", async () => {
  const forged = await (await Signer.create()).pass(passOf(), { now: Date.now() });
  const stranger = await passFor(passOf("ana", { tenant: "other" }));
  const expired = await passFor(passOf(), { issued: Date.now() - 60_000, expires: Date.now() - 1 });
  const claims = forged.split(".")[1];
  for (const headers of [
    {},
    { "x-user": "ana", "x-forwarded-user": "ana", "remote-user": "ana", cookie: "user=ana" },
    { authorization: "Basic YW5hOmFuYQ==" },
    as("ana"),
    as(forged),
    as(stranger),
    as(expired),
    as(`${Buffer.from('{"alg":"none","typ":"rolewright-pass","kid":"k1"}').toString("base64url")}.${claims}.`),
  ]) {
    const { status, headers: answered, body } = await ask("POST", "/reports/weekly/run", headers);
    assert.equal(status, 401, JSON.stringify(headers));
    assert.match(answered.get("www-authenticate"), /^Bearer realm="rolewright"/);
    assert.equal(answered.get("content-type"), "application/problem+json");
    assert.equal(body.status, 401);
    assert.match(body.type, /^urn:rolewright:problem:/);
  }
});

test("a pass opens what its subject holds, and nothing else", async () => {
  const pass = await passFor(passOf());
  const ran = await ask("POST", "/reports/weekly/run", as(pass));
  assert.equal(ran.status, 200);
  assert.deepEqual(ran.body, { subject: "ana", route: "POST /reports/:report/run", report: "weekly" });
  for (const [method, path] of [["GET", "/reports"], ["PUT", "/reports/weekly"], ["GET", "/templates"], ["DELETE", "/templates/plain"]]) {
    assert.equal((await ask(method, path, as(pass))).status, 200, `${method} ${path}`);
  }
  for (const [method, path, permission] of [
    ["PUT", "/settings/mail", "mail.manage"],
    ["GET", "/settings/mail", "mail.view"],
    ["GET", "/users/ben", "users.manage"],
    ["PUT", "/users/ben", "users.manage"],
    ["PUT", "/users/ana/roles", "users.assign_roles"],
    ["GET", "/qlik/connections", "qlik.view"],
    ["POST", "/qlik/connections", "qlik.manage"],
    ["POST", "/api-keys", "api_keys.manage"],
    ["POST", "/alerts", "alerts.manage"],
    ["POST", "/recipients", "recipients.manage"],
  ]) {
    const { status, body } = await ask(method, path, { ...as(pass), "x-user": "admin" });
    assert.equal(status, 403, `${method} ${path}`);
    assert.equal(body.permission, permission);
    assert.equal(body.contact, CONTACT);
    assert.ok(body.detail.includes(permission) && body.detail.includes(CONTACT), body.detail);
  }
});

test("paths are matched as they are, and decoded once", async () => {
  const pass = await passFor(passOf());
  for (const path of ["/", "/nothing", "/reports/", "/reports//run", "/Reports", "/reports/a/b/run"]) {
    assert.equal((await ask("POST", path, as(pass))).status, 404, path);
  }
  const wrong = await ask("PATCH", "/reports/weekly", as(pass));
  assert.deepEqual([wrong.status, wrong.headers.get("allow")], [405, "GET, HEAD, PUT, DELETE"]);
  assert.equal((await ask("POST", "/reports/a%252Fb/run", as(pass))).body.report, "a%2Fb");
  for (const path of ["/reports/a%2Fb/run", "/reports/a%5Cb/run", "/reports%2Fweekly%2Frun", "/reports/%FF/run"]) {
    assert.equal((await ask("POST", path, as(pass))).status, 400, path);
  }
});

test("what is taken away is refused within a second", async (context) => {
  const pass = await passFor(passOf());
  const run = async () => (await ask("POST", "/reports/weekly/run", as(pass))).status;
  for (const [what, more] of [
    ["a link", { revoked: [{ id: "a1", at: { epoch: 1, revision: 6 } }] }],
    ["a grant", { roles: [...mailer.roles, { ...runner, grants: { "reports.view": "allowed" } }] }],
  ]) {
    const { revision } = upstream.document.at;
    upstream.document = policy(revision + 1);
    while ((await run()) !== 200) await pause(20);
    upstream.document = policy(revision + 2, more);
    const since = performance.now();
    let status;
    do status = await run();
    while (status === 200 && performance.now() - since < 5_000);
    const took = performance.now() - since;
    assert.equal(status, 403);
    assert.ok(took < 1_000, `${what} took ${took} ms`);
    context.diagnostic(`${what} taken away was refused after ${Math.round(took)} ms`);
    // The last one revoked it for passes made before.
    upstream.document = policy(revision + 3);
  }
});

test("out of reach it goes on until the stamp expires, says since when it is stale, and comes back", async () => {
  const pass = await passFor(passOf());
  const run = () => ask("POST", "/reports/weekly/run", as(pass));
  upstream.claims = { expires: Date.now() + 3_000 };
  upstream.document = policy(upstream.document.at.revision + 1);
  await pause(600);
  assert.equal((await run()).status, 200);
  const { expires } = upstream.claims;

  upstream.failure = new Error("out of reach");
  let answered;
  while (Date.now() < expires - 300) {
    answered = await run();
    assert.equal(answered.status, 200);
    await pause(100);
  }
  await pause(expires - Date.now() + 50);
  answered = await run();
  assert.equal(answered.status, 503);
  assert.equal(answered.body.type, "urn:rolewright:problem:stale");
  assert.equal(answered.body.since, new Date(expires).toISOString());
  assert.match(answered.body.detail, /stale since/);

  upstream.failure = undefined;
  upstream.claims = {};
  await pause(600);
  assert.equal((await run()).status, 200);
});
