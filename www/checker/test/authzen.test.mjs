// The decision point for AuthZEN: the certification cases, who may ask, and what is refused. tests/e2e holds it beside the server.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { afterEach, test } from "node:test";
import { connect, load } from "rolewright";
import { authzen } from "rolewright/authzen";
import { MINUTE, NOW, Signer, disposeAll, kept, passOf, snapshot } from "./fixtures.mjs";
import { FakeServer } from "./server.mjs";

const fixture = (name) => JSON.parse(readFileSync(new URL(`../../../crates/server/tests/${name}`, import.meta.url), "utf8"));
const { catalogue, roles } = fixture("authzen-certification.json");
const { evaluation, evaluations, invalid, texts } = fixture("authzen-certification-cases.json");
const signer = await Signer.create();
afterEach(disposeAll);

const made = { epoch: 1, revision: 1 };
const given = (user, role, scope, at) => ({ id: `a${at}`, principal: { user }, role, scope, made });
/** The fixture's people. */
const people = snapshot("full", {
  catalogue,
  roles,
  users: [
    { id: "alice", status: "active" },
    { id: "bob", status: "active", attributes: { role: "admin" } },
    { id: "cem", status: "disabled" },
  ],
  assignments: [
    ["alice", "reader", "/"],
    ["bob", "reader", "/"],
    ["alice", "writer", "/"],
    ["alice", "keeper", "records/record-1"],
    ["bob", "archivist", "/"],
    ["cem", "writer", "/"],
  ].map((words, at) => given(...words, at)),
});
const loaded = async (document = people) => kept(await load(await signer.snapshot(document), { keys: signer.keys, now: () => NOW }));

const URL_OF = "https://edge.example.com/acme";
const open = (rw, more = {}) => authzen(rw, { url: URL_OF, authorize: () => true, people: true, ...more });
const post = (path, body, headers = {}) =>
  new Request(`${URL_OF}/access/v1/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
const asks = (subject, action, resource, more = {}) => ({ subject: { type: "user", id: subject }, action: { name: action }, resource, ...more });
const RECORD = { type: "record", id: "record-1" };
const ALICE = asks("alice", "read", RECORD);

test("the decisions of the certification", async () => {
  const point = open(await loaded());
  for (const [path, cases] of Object.entries({ evaluation, evaluations })) {
    for (const { row, asks, decision, decisions } of cases) {
      const response = await point(post(path, asks, { "x-request-id": row }));
      assert.deepEqual([response.status, response.headers.get("content-type"), response.headers.get("x-request-id")], [200, "application/json", row], row);
      const answer = await response.json();
      assert.deepEqual(decisions === undefined ? answer.decision : answer.evaluations.map((it) => it.decision), decisions ?? decision, row);
    }
  }
});

test("what is not asked as it must be is a 400 with a message as plain text", async () => {
  const point = open(await loaded());
  for (const { path, asks, says } of invalid) {
    const response = await point(post(path, asks));
    assert.deepEqual([response.status, response.headers.get("content-type")], [400, "text/plain; charset=utf-8"]);
    const text = await response.text();
    assert.ok(text.includes(says), `${text} does not say ${says}`);
  }
  for (const { media, text } of texts) {
    const body = new TextEncoder().encode(text);
    const request = new Request(`${URL_OF}/access/v1/evaluation`, { method: "POST", headers: media === null ? {} : { "content-type": media }, body });
    assert.equal((await point(request)).status, 400, text);
  }
  for (const [what, body] of [
    ["a name twice", '{"subject":{"type":"user","id":"bob","\\u0069d":"alice"},"action":{"name":"read"},"resource":{"type":"record","id":"record-1"}}'],
    ["a number that no number is", JSON.stringify(ALICE).replace('"name":"read"', '"name":"read","properties":{"a":[1e999]}')],
    ["too many properties", { ...ALICE, context: Object.fromEntries(Array.from({ length: 257 }, (_, at) => [`p${at}`, at])) }],
    ["one property in two ways", { ...ALICE, context: { "a.b": 1, a: { b: 1 } } }],
    ["what nests too deep", JSON.stringify(ALICE).replace(/}$/, `,"x":${"[".repeat(200)}${"]".repeat(200)}}`)],
    ["a byte order mark", `\ufeff${JSON.stringify(ALICE)}`],
    ["another semantic", { ...ALICE, options: { evaluations_semantic: "toString" } }],
    ["evaluations that are no list", { ...ALICE, evaluations: {} }],
    ["more than 10,000 evaluations", { ...ALICE, evaluations: Array.from({ length: 10_001 }, () => ({})) }],
  ]) {
    assert.equal((await point(post("evaluations", body))).status, 400, what);
  }
  assert.equal((await point(post("evaluation", `"${"x".repeat(2 * 1024 * 1024)}"`))).status, 413);
});

test("one evaluation of a batch that is wrong is a no, and the others are answered", async () => {
  const point = open(await loaded());
  const { evaluations: all } = await (await point(post("evaluations", { ...ALICE, evaluations: [{}, { action: { name: 1 } }, null, { resource: { id: "record-2" } }] }))).json();
  assert.deepEqual(all.map(({ decision, context }) => [decision, context?.error?.status]), [[true, undefined], [false, 400], [false, 400], [true, undefined]]);
});

test("who may ask is for the app to say, and unless it does nobody may", async () => {
  const rw = await loaded();
  const env = { TOKEN: "secret" };
  for (const [authorize, status] of [
    [undefined, 401],
    [() => undefined, 401],
    [async () => false, 403],
    [() => "yes", 403],
    [(request, given) => request.headers.get("authorization") === given.TOKEN, 200],
  ]) {
    const point = authzen(rw, { url: URL_OF, ...(authorize && { authorize }) });
    const response = await point(post("evaluation", ALICE, { authorization: "secret" }), env);
    assert.equal(response.status, status);
    assert.equal(response.headers.get("cache-control"), "no-store");
    assert.equal(response.headers.has("www-authenticate"), status === 401);
  }
});

test("nobody learns who is known here unless the app says so", async () => {
  const rw = await loaded();
  const reason = async (point, subject, action = "delete") => (await (await point(post("evaluation", asks(subject, action, RECORD)))).json()).context.id;
  const discreet = open(rw, { people: false });
  for (const who of ["nobody", "cem", "bob", "alice"]) assert.equal(await reason(discreet, who), "not_granted", who);
  assert.equal(await reason(discreet, "nobody", "fly"), "unknown_permission", "what hangs on the question is told");
  const told = open(rw);
  assert.deepEqual(await Promise.all(["nobody", "cem"].map((who) => reason(told, who))), ["unknown_subject", "inactive_subject"]);
});

test("names mean what the server takes them for", async () => {
  const rw = await loaded(snapshot("full"));
  const point = open(rw);
  const task = { type: "task", id: "servers/prod/tasks/t1" };
  for (const [who, action, resource, expected] of [
    ["ben", "tasks.run", task, true],
    ["ben", "tasks.start", task, true],
    ["ben", "operation:tasks.start", task, true],
    ["ben", "operation:tasks.run", task, "unknown_permission"],
    ["ben", "tasks.design", task, "not_granted"],
    ["ben", "tasks.run", { type: "task", id: "servers/dev/tasks/t1" }, "not_granted"],
    ["ben", "tasks.run", { type: "task", id: "t1" }, "not_a_place"],
    ["ben", "tasks.run", { type: "task", id: "servers/prod/tasks/../t1" }, "not_a_place"],
    ["ben", "tasks.run", { type: "collection", id: "servers/prod/tasks" }, true],
    ["ben", "tasks.run", { type: "collection", id: task.id }, "not_a_place"],
    ["ben", "tasks.run", { type: "spaceship", id: "x" }, "not_a_place"],
    ["ben", "tasks.start", { type: "tenant", id: "/" }, "not_a_place"],
    ["ana", "reports.run", { type: "tenant", id: "acme" }, true],
    ["ana", "reports.run", { type: "tenant", id: "other" }, "not_a_place"],
    ["ana", "toString", { type: "tenant", id: "/" }, "unknown_permission"],
  ]) {
    const answer = await (await point(post("evaluation", asks(who, action, resource)))).json();
    assert.equal(answer.decision || answer.context.id, expected, `${who} ${action} ${JSON.stringify(resource)}`);
    const { allowed, reason } = rw.evaluate({ subject: who, action, resource });
    assert.equal(allowed || reason, expected);
  }
});

test("an app says who a subject is, as what a pass opens to", async () => {
  const rw = await loaded(snapshot("policy"));
  const subject = async ({ type, properties }, _, rw) => (type === "session" ? rw.open(properties.pass) : undefined);
  const point = open(rw, { subject });
  const body = { ...asks("x", "reports.run", { type: "tenant", id: "/" }), subject: { type: "session", id: "x", properties: { pass: await signer.pass(passOf()) } } };
  assert.deepEqual(await (await point(post("evaluation", body))).json(), { decision: true });
  const nobody = await (await point(post("evaluation", asks("ana", "reports.run", { type: "tenant", id: "/" })))).json();
  assert.equal(nobody.context.id, "unknown_subject");
  // What shows a pass that is not to be taken is nobody, and the others of a batch are answered.
  const shown = async (pass) => ({ ...body, subject: { type: "session", id: "x", properties: { pass: await pass } } });
  const batch = [await shown("spoilt"), await shown(signer.pass(passOf(), { issued: NOW - 2, expires: NOW - 1 })), body];
  const { evaluations } = await (await point(post("evaluations", { evaluations: batch }))).json();
  assert.deepEqual(evaluations.map(({ decision, context }) => [decision, context?.id]), [[false, "unknown_subject"], [false, "unknown_subject"], [true, undefined]]);
});

test("without people, and without being told who a subject is, it says that it was set up wrongly", async () => {
  const point = open(await loaded(snapshot("policy")));
  await assert.rejects(point(post("evaluation", ALICE)), (error) => error instanceof TypeError && /say `subject`/.test(error.message));
});

test("where the state is stale it is a 503 that says so", async () => {
  const server = new FakeServer(signer, people);
  const rw = kept(await connect(server.options({ maxStale: 500 })));
  const point = open(rw);
  server.failure = new TypeError("refused");
  server.now += 4 * MINUTE;
  assert.equal((await point(post("evaluation", ALICE))).status, 200);
  server.now += MINUTE;
  const response = await point(post("evaluations", { ...ALICE, evaluations: [{}] }));
  assert.deepEqual([response.status, response.headers.get("retry-after"), response.headers.get("content-type")], [503, "1", "text/plain; charset=utf-8"]);
  assert.match(await response.text(), /stale since 2026-/);
  const away = open(async () => connect(server.options()));
  assert.equal((await away(post("evaluation", ALICE))).status, 503);
});

test("the metadata names what there is by the url that was said, whatever the host", async () => {
  const rw = await loaded();
  for (const [url, at, identifier] of [
    [URL_OF, "/.well-known/authzen-configuration/acme", URL_OF],
    ["https://edge.example.com/", "/.well-known/authzen-configuration", "https://edge.example.com"],
  ]) {
    const point = authzen(rw, { url });
    const response = await point(new Request(`https://other.example.org${at}`));
    assert.deepEqual(await response.json(), {
      policy_decision_point: identifier,
      access_evaluation_endpoint: `${identifier}/access/v1/evaluation`,
      access_evaluations_endpoint: `${identifier}/access/v1/evaluations`,
    });
    assert.equal((await point(new Request(`https://other.example.org${at}`, { method: "POST" }))).status, 405);
  }
  assert.throws(() => authzen(rw, { url: "edge" }), TypeError);
});

test("other methods are refused, and other paths are not for it", async () => {
  const point = open(await loaded());
  for (const path of ["evaluation", "evaluations"]) {
    const response = await point(new Request(`${URL_OF}/access/v1/${path}`));
    assert.deepEqual([response.status, response.headers.get("allow")], [405, "POST"]);
  }
  for (const path of ["", "search/subject", "evaluation/", "toString", "constructor"]) assert.equal(await point(post(path, ALICE)), undefined, path);
});
