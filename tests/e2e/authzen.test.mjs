// The certification cases of AuthZEN, asked of the server and of a worker beside it: both answer the same, to the byte.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { build } from "esbuild";
import { buildFolder, root } from "../surfaces/places.mjs";
import { serve } from "../surfaces/workerd.mjs";
import { binary, command, eventually, startServer } from "./rolewright.mjs";

const fixture = (name) => join(root, "crates/server/tests", name);
const { evaluation, evaluations, invalid, texts } = JSON.parse(readFileSync(fixture("authzen-certification-cases.json"), "utf8"));
const MAY = ["snapshot.full", "access.check", "access.explain", "users.view", "users.manage", "users.assign_roles", "roles.view", "roles.escalate", "records.read", "records.write", "records.delete"];

let server;
let worker;
let key;
/** The cases name people by the ids that the standard's fixture has; here they have others. */
const ids = {};
const named = (asks) => JSON.parse(JSON.stringify(asks), (name, value) => (name === "id" && value in ids ? ids[value] : value));

before(async () => {
  server = await startServer({ args: ["--template", fixture("authzen-certification.json")] });
  const within = ["--data", server.data, "--json"];
  key = JSON.parse(await command("key", "create", "--name", "edge", ...MAY.flatMap((may) => ["--permission", may]), ...within)).key;
  for (const who of ["alice", "bob"]) {
    const words = ["user", "create", "--email", `${who}@example.com`, "--role", "reader", "--password-stdin", ...within];
    ids[who] = JSON.parse(execFileSync(binary, words, { input: "a password for the fixture\n", encoding: "utf8" })).id;
    // Another process made it.
    await eventually(`${who} is known`, async () => (await ask("GET", `/users/${ids[who]}`)).ok);
  }
  for (const [who, role, scope] of [["alice", "writer", "/"], ["alice", "keeper", "records/record-1"], ["bob", "archivist", "/"], ["bob", "reader", "records/record-2"]]) {
    await api("POST", "/assignments", { principal: { user: ids[who] }, role, scope });
  }
  const { headers } = await ask("GET", `/users/${ids.bob}`);
  await api("PUT", `/users/${ids.bob}/attributes`, { role: "admin" }, { "if-match": headers.get("etag") });

  const folder = buildFolder("authzen");
  await build({
    entryPoints: [join(root, "tests/e2e/authzen-worker.mjs")],
    outfile: join(folder, "worker.js"),
    bundle: true,
    format: "esm",
    conditions: ["workerd"],
    external: ["*.wasm"],
    logLevel: "warning",
  });
  copyFileSync(createRequire(import.meta.url).resolve("rolewright/rolewright_bg.wasm"), join(folder, "rolewright_bg.wasm"));
  copyFileSync(join(root, "tests/e2e/authzen-worker.capnp"), join(folder, "config.capnp"));
  worker = await serve(join(folder, "config.capnp"), { ROLEWRIGHT_URL: server.url, ROLEWRIGHT_KEY: key });
});
after(async () => {
  await worker?.stop();
  await server?.stop();
});

const ask = (method, path, body, headers = {}) =>
  fetch(`${server.url}/api/v1/tenants/default${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
async function api(...words) {
  const response = await ask(...words);
  const text = await response.text();
  assert.ok(response.ok, `${words.slice(0, 2).join(" ")}: ${text}`);
  return text === "" ? undefined : JSON.parse(text);
}

/** What both answer: status, type, and the text. */
async function both(path, text, { media = "application/json", authorization = `Bearer ${key}`, method = "POST" } = {}) {
  const headers = { ...(media === null ? {} : { "content-type": media }), ...(authorization === null ? {} : { authorization }), "x-request-id": "a/b c" };
  const request = { method, headers, ...(method === "POST" ? { body: new TextEncoder().encode(text) } : {}) };
  return Promise.all(
    [server, worker].map(async ({ url }) => {
      const response = await fetch(`${url}/access/v1/${path}`, request);
      assert.equal(response.headers.get("x-request-id"), "a/b c");
      assert.equal(response.headers.get("cache-control"), "no-store");
      return { status: response.status, type: response.headers.get("content-type"), text: await response.text() };
    }),
  );
}

test("every decision of the certification is the server's, to the byte", async () => {
  for (const [path, cases] of Object.entries({ evaluation, evaluations })) {
    for (const { row, asks, decision, decisions } of cases) {
      const [theirs, ours] = await both(path, JSON.stringify(named(asks)));
      assert.deepEqual(ours, theirs, row);
      const answered = JSON.parse(ours.text);
      assert.deepEqual(decisions === undefined ? answered.decision : answered.evaluations.map((it) => it.decision), decisions ?? decision, row);
    }
  }
});

test("every reason is told in the server's words", async () => {
  const of = (subject, action, resource, properties) => ({ subject, action: { name: action, ...(properties && { properties }) }, resource });
  const alice = { type: "user", id: "alice" };
  const record = { type: "record", id: "record-1" };
  const asks = [
    of({ type: "user", id: "nobody" }, "read", record),
    of({ type: "group", id: "alice" }, "read", record),
    of(alice, "fly", record),
    of(alice, "operation:records.read", record),
    of(alice, "records.read", { type: "spaceship", id: "x" }),
    of(alice, "records.read", { type: "record", id: "records/../x" }),
    of(alice, "records.read", { type: "collection", id: "records" }),
    of(alice, "records.read", { type: "tenant", id: "default" }),
    of(alice, "read", { type: "tenant", id: "/" }),
    of(alice, "read", { type: "tenant", id: "/" }, { resources: { record: "records/record-1" } }),
    of(alice, "records.write", record, { level: "always" }),
    of(alice, "records.write", record, { level: "none" }),
    of(alice, "records.write", { type: "record", id: "record-2" }, { level: "always" }),
    of(alice, "records.delete", record),
    of({ type: "user", id: "bob" }, "records.delete", record),
    of(alice, "records.delete", record, { soft: { deep: null } }),
    {},
    { subject: alice },
    "nothing",
  ];
  for (const one of asks.filter((one) => one.resource !== undefined)) {
    const [theirs, ours] = await both("evaluation", JSON.stringify(named(one)));
    assert.deepEqual(ours, theirs, JSON.stringify(one));
  }
  const [theirs, ours] = await both("evaluations", JSON.stringify(named({ evaluations: asks })));
  // What is wrong with one that is no object each says in words of its own.
  const without = ({ evaluations: all }) => all.map((it) => (it.context?.error?.message.includes("expected") ? it.context.error.status : it));
  assert.deepEqual(without(JSON.parse(ours.text)), without(JSON.parse(theirs.text)));
});

test("what is not asked as it must be is refused by both", async () => {
  for (const { path, asks, says } of invalid) {
    const answers = await both(path, JSON.stringify(named(asks)));
    for (const { status, type, text } of answers) {
      assert.deepEqual([status, type], [400, "text/plain; charset=utf-8"]);
      assert.ok(text.includes(says), `${text} does not say ${says}`);
    }
  }
  for (const path of ["evaluation", "evaluations"]) {
    for (const { media, text } of texts) {
      for (const { status, type } of await both(path, text, { media })) assert.deepEqual([status, type], [400, "text/plain; charset=utf-8"], text);
    }
    for (const [what, status] of [[{ authorization: null }, 401], [{ authorization: "Bearer rw_nobody" }, 401], [{ method: "GET" }, 405]]) {
      for (const answer of await both(path, "{}", what)) assert.equal(answer.status, status, JSON.stringify(what));
    }
  }
});

test("what is taken away is refused by both at once", async () => {
  const asks = JSON.stringify(named(evaluation[0].asks));
  const { items } = await api("GET", `/assignments?role=reader&user=${ids.alice}`);
  const [{ assignment: reader }] = items;
  const { headers } = await ask("GET", `/assignments/${reader.id}`);
  await api("DELETE", `/assignments/${reader.id}`, undefined, { "if-match": headers.get("etag") });
  const [theirs, ours] = await both("evaluation", asks);
  assert.deepEqual(ours, theirs);
  assert.equal(JSON.parse(ours.text).context.id, "not_granted");
});
