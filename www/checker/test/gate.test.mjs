// What gates let through, and what they answer otherwise, wherever they stand.
import assert from "node:assert/strict";
import { Agent, createServer, request } from "node:http";
import { connect as dial } from "node:net";
import { once } from "node:events";
import { after, afterEach, test } from "node:test";
import { serve as serveHono } from "@hono/node-server";
import express from "express";
import { Hono } from "hono";
import { RolewrightError, connect, load } from "rolewright";
import { gate as expressGate } from "rolewright/express";
import { KNOWN, PUBLIC, gate } from "rolewright/gate";
import { gate as honoGate } from "rolewright/hono";
import { NOW, MINUTE, Signer, disposeAll, kept, passOf, snapshot } from "./fixtures.mjs";
import { FakeServer } from "./server.mjs";

const signer = await Signer.create();
const closing = [];
afterEach(disposeAll);
after(() => closing.forEach((close) => close()));

const ROUTES = {
  "GET /health": PUBLIC,
  "GET /": KNOWN,
  "GET /me": KNOWN,
  "GET /reports": "reports.run",
  "GET /reports/new": "reports.edit",
  "GET /reports/:report": "reports.run",
  "PUT /reports/:report": { permission: "reports.edit", level: "read_only" },
  "POST /reports/:report": { permission: "reports.edit" },
  "GET /assets/*": PUBLIC,
  "POST /servers/:server/tasks/:task/run": { permission: "tasks.run", resource: "servers/:server/tasks/:task" },
  "POST /servers/:server/tasks/:task/start": { operation: "tasks.start", resources: { task: "servers/:server/tasks/:task" } },
};

const full = async () => kept(await load(await signer.snapshot(snapshot()), { keys: signer.keys, now: () => NOW }));
const passes = { ana: passOf(), ben: passOf("ben", { links: [{ id: "a2", made: { epoch: 1, revision: 1 } }], holdings: [{ role: "operator", scope: "servers/prod", links: [0] }] }) };
const bearer = async (who, claims) => ({ authorization: `Bearer ${await signer.pass(passes[who], claims)}` });

/** Asks a gate of the table, with a full snapshot: what it says, as a status and a body. */
async function asker(options = {}, routes = ROUTES) {
  const guard = gate(await full(), routes, options);
  return async (method, path, headers = {}) => {
    const { refused, rw: _, subject, ...passed } = await guard(new Request(`https://app.test${path}`, { method, headers }));
    if (refused === undefined) return { status: 200, ...passed, subject: subject?.id };
    return { status: refused.status, headers: refused.headers, body: await refused.json() };
  };
}

test("a route asks for its permission where the path says", async () => {
  const ask = await asker({ contact: "admin@example.test" });
  const [ana, ben] = [await bearer("ana"), await bearer("ben")];
  for (const [who, method, path, status, permission, resource] of [
    [ana, "GET", "/reports", 200],
    [ana, "HEAD", "/reports", 200],
    [ana, "GET", "/reports/weekly", 200],
    [ana, "GET", "/me", 200],
    [ana, "GET", "/", 200],
    [ana, "PUT", "/reports/weekly", 200],
    [ana, "POST", "/reports/weekly", 403, "reports.edit"],
    [ana, "GET", "/reports/new", 403, "reports.edit"],
    [ben, "GET", "/reports", 403, "reports.run"],
    [ben, "PUT", "/reports/weekly", 403, "reports.edit"],
    [ben, "POST", "/servers/prod/tasks/t1/run", 200],
    [ben, "POST", "/servers/prod/tasks/t1/start", 200],
    [ben, "POST", "/servers/test/tasks/t1/run", 403, "tasks.run", "servers/test/tasks/t1"],
    [ben, "POST", "/servers/test/tasks/t1/start", 403, "tasks.run", "servers/test/tasks/t1"],
    [ana, "POST", "/servers/prod/tasks/t1/run", 403, "tasks.run", "servers/prod/tasks/t1"],
    // Decoded once, what is left is no place: the model says so.
    [ben, "POST", "/servers/prod/tasks/t%252F1/run", 403, "tasks.run", "servers/prod/tasks/t%2F1"],
  ]) {
    const { status: answered, headers, body } = await ask(method, path, who);
    assert.equal(answered, status, `${method} ${path}`);
    if (status === 200) continue;
    assert.equal(headers.get("content-type"), "application/problem+json");
    assert.equal(headers.get("cache-control"), "no-store");
    assert.deepEqual([body.type, body.status], ["urn:rolewright:problem:forbidden", 403]);
    assert.deepEqual([body.permission, body.resource, body.contact], [permission, resource, "admin@example.test"], path);
    for (const told of [permission, resource ?? permission, "Ask admin@example.test"]) assert.ok(body.detail.includes(told), body.detail);
  }
});

test("a refusal says why, and of an operation what is missing of each alternative", async () => {
  const ask = await asker({ contact: ({ permission }) => `${permission.split(".")[0]}@example.test` });
  const edit = (await ask("PUT", "/reports/weekly", await bearer("ben"))).body;
  assert.deepEqual([edit.level, edit.reason, edit.contact], ["read_only", "not_granted", "reports@example.test"]);
  const start = (await ask("POST", "/servers/test/tasks/t1/start", await bearer("ben"))).body;
  const leg = { permission: "tasks.run", level: "allowed", resource: "servers/test/tasks/t1" };
  assert.deepEqual([start.operation, start.missing], ["tasks.start", [[leg]]]);
  const unknown = await asker({}, { "GET /": "no.such" });
  assert.equal((await unknown("GET", "/", await bearer("ana"))).body.reason, "unknown_permission");
});

/** Paths, each with what they come to for who holds everything that the table names but `reports.edit`. */
const PATHS = [
  ["GET", "/health", 200],
  ["GET", "/assets/a/b.css", 200, { "*": "a/b.css" }],
  ["GET", "/assets", 404],
  ["GET", "/assets/", 404],
  ["GET", "/assets/a//b", 404],
  ["GET", "/assets/a%2F..%2Fb", 400],
  ["GET", "/reports?x=/admin", 200],
  ["GET", "/reports/a%20b", 200, { report: "a b" }],
  ["GET", "/reports/%C3%A9", 200, { report: "é" }],
  ["GET", "/reports/a%252Fb", 200, { report: "a%2Fb" }],
  ["GET", "/reports/a:b;c=d", 200, { report: "a:b;c=d" }],
  ["GET", "/reports/a%3Fb", 200, { report: "a?b" }],
  // Nothing that parts segments, whoever decodes it.
  ["GET", "/reports/a%2Fb", 400],
  ["GET", "/reports/a%2fb", 400],
  ["GET", "/reports/a%5Cb", 400],
  ["GET", "/reports/..%2Fadmin", 400],
  ["GET", "/reports%2Fweekly", 400],
  ["GET", "/reports/a%00b", 400],
  ["GET", "/reports/a%0Ab", 400],
  ["GET", "/reports/%FF", 400],
  ["GET", "/reports/%C0%AF", 400],
  ["GET", "/reports/%", 400],
  ["GET", "/reports/%zz", 400],
  // Nothing that another router would take for another route.
  ["GET", "/Reports", 404],
  ["GET", "/reports/", 404],
  ["GET", "//reports", 404],
  ["GET", "/reports//weekly", 404],
  ["GET", "/reports/weekly/", 404],
  ["GET", "/%72eports", 404],
  ["GET", "/reports/NEW", 404],
  ["GET", "/reports/%6Eew", 404],
  ["GET", "/reports/new/", 404],
  ["POST", "/Reports/weekly", 404],
  // Nothing that is not named.
  ["GET", "/nothing", 404],
  ["GET", "/reports/a/b", 404],
  ["GET", "/HEALTH", 404],
  ["DELETE", "/reports/weekly", 405],
  ["OPTIONS", "/reports", 405],
  ["PATCH", "/", 405],
  ["POST", "/health", 405],
];

test("paths are matched as they are, and decoded once", async () => {
  const ask = await asker();
  const ana = await bearer("ana");
  for (const [method, path, status, variables] of PATHS) {
    const answered = await ask(method, path, ana);
    assert.equal(answered.status, status, `${method} ${path}`);
    if (variables !== undefined) assert.deepEqual(answered.variables, variables, path);
  }
  assert.equal((await ask("DELETE", "/reports/weekly", ana)).headers.get("allow"), "GET, HEAD, PUT, POST");
});

test("Express and Hono answer the same, whatever is behind the gate", async () => {
  const rw = await full();
  const app = express();
  app.use(expressGate(rw, ROUTES));
  app.use((request, response) => response.json(request.rolewright.variables));
  const hono = new Hono();
  hono.use(honoGate(rw, ROUTES));
  hono.all("*", (context) => context.json(context.get("rolewright").variables));

  const behindExpress = createServer(app).listen(0, "127.0.0.1");
  const behindHono = serveHono({ fetch: hono.fetch, port: 0, hostname: "127.0.0.1" });
  closing.push(() => behindExpress.close(), () => behindHono.close());
  const { authorization } = await bearer("ana");
  for (const [name, server] of [["Express", behindExpress], ["Hono", behindHono]]) {
    if (!server.listening) await once(server, "listening");
    for (const [method, path, status, variables] of PATHS) {
      const answered = await raw(server.address().port, method, path, authorization);
      assert.equal(answered.status, status, `${name}: ${method} ${path}`);
      if (variables !== undefined) assert.deepEqual(JSON.parse(answered.body), variables, path);
      if (status !== 200) assert.equal(answered.type, "application/problem+json");
    }
  }
  // What only a client without a parser of URLs sends.
  const port = behindExpress.address().port;
  for (const [target, status] of [["/reports/../health", 400], ["/reports/%2e%2e/health", 400], ["/reports\\weekly", 400], ["/reports/./weekly", 400], ["http://app.test/reports", 200], ["HTTP://app.test:80/Reports", 404], ["http://app.test", 200], ["http://app.test/reports/%2e%2e/health", 400], ["http://app.test\\reports", 400], ["http:/reports", 400], ["/reports#x", 400]]) {
    assert.equal((await raw(port, "GET", target, authorization)).status, status, target);
  }
});

/** Asks for a target as it is: a client would put it in order first. */
async function raw(port, method, target, authorization) {
  const socket = dial(port, "127.0.0.1");
  socket.end(`${method} ${target} HTTP/1.1\r\nhost: app.test\r\nauthorization: ${authorization}\r\nconnection: close\r\n\r\n`);
  let text = "";
  for await (const chunk of socket) text += chunk;
  const [head, body] = text.split("\r\n\r\n");
  const type = /^content-type: *([^;\r]*)/im.exec(head)?.[1];
  return { status: Number(head.split(" ")[1]), type, body: /transfer-encoding: chunked/i.test(head) ? body.split("\r\n")[1] : body };
}

test("what the gate asked about is what runs, in Express and in Hono, whatever the path", async () => {
  const everything = snapshot().roles.map((role) => (role.id === "runner" ? { ...role, grants: { "reports.run": "allowed", "reports.edit": "yes", "tasks.run": "allowed" } } : role));
  const rw = kept(await load(await signer.snapshot(snapshot("full", { roles: everything })), { keys: signer.keys, now: () => NOW }));
  const table = Object.entries(ROUTES).map(([route]) => [route, ...route.split(" ")]);
  const app = express();
  app.use(expressGate(rw, ROUTES));
  const hono = new Hono();
  hono.use(honoGate(rw, ROUTES));
  for (const [route, method, path] of table) {
    const ran = (passed) => ({ asked: passed.route, ran: route });
    app[method.toLowerCase()](path.replace("*", "*rest"), (request, response) => response.json(ran(request.rolewright)));
    hono.on(method, path, (context) => context.json(ran(context.get("rolewright"))));
  }
  const server = createServer(app).listen(0, "127.0.0.1");
  closing.push(() => server.close());
  await once(server, "listening");
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  closing.push(() => agent.destroy());

  const pieces = ["reports", "Reports", "%72eports", "new", "NEW", "%6Eew", "n%65W", "weekly", "a%20b", "%252e", "%2e%2e", "..", ".", "", "a%2Fb", "a%252Fb", "me", "ME", "assets", "Assets", "a.css", "servers", "prod", "tasks", "Tasks", "t1", "run", "Run", "start", "sta%72t", "a;b", "@", "%40", ":x", "a%3Fb", "%zz"];
  const { authorization } = await bearer("ana");
  let seed = 7;
  const next = (below) => (seed = (seed * 48271) % 2147483647) % below;
  let passed = 0;
  for (let turn = 0; turn < 3_000; turn++) {
    const [, method, pattern] = table[next(table.length)];
    // Half of them near a route, half of them anything.
    const near = pattern.slice(1).split("/").map((part) => (next(3) > 0 && !/[:*]/.test(part) ? part : pieces[next(pieces.length)]));
    const parts = turn % 2 === 0 ? near : Array.from({ length: 1 + next(5) }, () => pieces[next(pieces.length)]);
    const path = `/${parts.join("/")}${next(6) === 0 ? "/" : ""}`;
    const answers = [await asked(agent, server.address().port, method, path, authorization)];
    const response = await hono.request(`https://app.test${path}`, { method, headers: { authorization } });
    if (response.status === 200) answers.push(await response.json());
    for (const answer of answers.filter((answer) => answer !== undefined)) {
      passed++;
      assert.equal(answer.ran, answer.asked, `${method} ${path}`);
    }
  }
  assert.ok(passed > 500, `${passed} that pass are too few`);
});

/** What is answered to who may, by Express; a target is sent as it is. */
function asked(agent, port, method, path, authorization) {
  return new Promise((resolve, reject) => {
    const sent = request({ agent, host: "127.0.0.1", port, method, path, headers: { authorization } }, async (response) => {
      let text = "";
      for await (const chunk of response) text += chunk;
      resolve(response.statusCode === 200 ? JSON.parse(text) : undefined);
    });
    sent.on("error", reject).end();
  });
}

test("in a router of Express the gate knows where it stands", async () => {
  const app = express();
  const router = express.Router();
  router.use(expressGate(await full(), { "GET /api": KNOWN, "GET /api/reports/:report": "reports.run" }));
  router.use((request, response) => response.json(request.rolewright.variables));
  app.use("/api", router);
  const server = createServer(app).listen(0, "127.0.0.1");
  closing.push(() => server.close());
  await once(server, "listening");
  const { authorization } = await bearer("ana");
  const status = async (path) => (await raw(server.address().port, "GET", path, authorization)).status;
  assert.deepEqual([await status("/api/reports/weekly"), await status("/api"), await status("/api/"), await status("/API/reports/weekly")], [200, 200, 404, 404]);
});

test("no router takes for `/admin/*` what came through as something else", async () => {
  const rw = await full();
  const PATTERNS = { "/admin/*": "/admin/*rest", "/files/*": "/files/*rest" };
  const RAN = "the area";
  const routers = {
    Hono: (guard, path) => {
      const app = new Hono();
      app.use(guard.hono);
      for (const pattern of Object.keys(PATTERNS)) app.get(pattern, (context) => context.text(RAN));
      return app.request(`https://app.test${path}`).then((response) => response.text());
    },
    Express: async (guard, path) => {
      const app = express();
      app.use(guard.express);
      for (const pattern of Object.values(PATTERNS)) app.get(pattern, (_, response) => response.send(RAN));
      const server = createServer(app).listen(0, "127.0.0.1");
      await once(server, "listening");
      try {
        return (await raw(server.address().port, "GET", path, "")).body;
      } finally {
        server.close();
      }
    },
    // Where the runtime has it.
    URLPattern: async (guard, path) => {
      if (globalThis.URLPattern === undefined) return "";
      const request = new Request(`https://app.test${path}`);
      const runs = Object.keys(PATTERNS).some((pathname) => new URLPattern({ pathname }).test(request.url));
      return runs && (await guard.web(request)).refused === undefined ? RAN : "";
    },
  };
  for (const [table, options] of [
    [{ "GET /admin/*": "reports.run", "GET /files/*": "reports.run", "GET /*": PUBLIC }, {}],
    [{ "GET /admin/*": "reports.run", "GET /files/*": "reports.run" }, { unlisted: "pass" }],
  ]) {
    const guard = { web: gate(rw, table, options), hono: honoGate(rw, table, options), express: expressGate(rw, table, options) };
    for (const path of ["/admin", "/admin/", "/admin//", "/admin/?", "/admin/x", "/ADMIN/", "/%61dmin/", "/files/", "/files"]) {
      for (const [name, run] of Object.entries(routers)) assert.ok(!(await run(guard, path)).includes(RAN), `${name}: ${path}`);
      assert.notEqual((await guard.web(new Request(`https://app.test${path}`))).refused, undefined, path);
    }
    for (const path of ["/admin/%2e", "/admin/x/..", "/admin/x/%2e%2e/"]) {
      assert.equal((await guard.web(new Request(`https://app.test${path}`))).refused?.status, 404, path);
    }
  }
  // A page of that name is named before.
  const both = gate(rw, { "GET /admin": PUBLIC, "GET /admin/*": "reports.run" });
  assert.equal((await both(new Request("https://app.test/admin"))).refused, undefined);
  assert.equal((await both(new Request("https://app.test/admin/"))).refused?.status, 404);
});

test("what every object has inherited opens nothing", async () => {
  const before = await asker();
  for (const [name, value] of [
    ["open", "everybody"],
    ["open", true],
    ["kind", "open"],
    ["unlisted", "pass"],
    ["subject", () => "ana"],
    ["methods", []],
    ["route", { name: "", needs: { kind: "open", open: "everybody" } }],
    ["permission", "reports.run"],
    ["at", NOW],
    ["attributes", {}],
    ["authorization", (await bearer("ana")).authorization],
  ]) {
    Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true });
    try {
      for (const ask of [before, await asker()]) {
        for (const [method, path, who, status] of [
          ["GET", "/reports", "ben", 403],
          ["POST", "/reports/weekly", "ana", 403],
          ["POST", "/servers/test/tasks/t1/start", "ben", 403],
          ["GET", "/reports", undefined, 401],
          ["GET", "/nothing", undefined, 404],
          ["DELETE", "/reports", undefined, 405],
        ]) {
          const headers = who === undefined ? {} : await bearer(who);
          assert.equal((await ask(method, path, headers)).status, status, `${name}: ${method} ${path}`);
        }
      }
      let status;
      const answer = { setHeader: () => undefined, end: () => undefined, set statusCode(said) { status = said; } };
      await expressGate(await full(), ROUTES)({ method: "GET", url: "/reports", headers: {} }, answer, () => assert.fail(name));
      assert.equal(status, 401, name);
    } finally {
      delete Object.prototype[name];
    }
  }
});

test("what is not listed passes only where that was said, and never what another router would take for a route", async () => {
  const ask = await asker({ unlisted: "pass" });
  for (const [method, path, status] of PATHS) {
    if (status === 200) continue;
    const passes = ["/nothing", "/reports/a/b"].includes(path);
    const answered = await ask(method, path, await bearer("ana"));
    assert.equal(answered.status, passes ? 200 : status, `${method} ${path}`);
    if (answered.status === 200) assert.deepEqual([answered.route, answered.subject], [undefined, undefined]);
  }
});

test("who is not known is refused with what to send", async () => {
  const ask = await asker({ realm: "app" });
  const stranger = await (await Signer.create()).pass(passOf());
  for (const [authorization, code] of [
    [undefined, "unauthenticated"],
    ["Basic YW5hOmFuYQ==", "unauthenticated"],
    ["Bearer ana", "malformed"],
    [`Bearer ${stranger}`, "bad_signature"],
    [`Bearer ${await signer.pass(passOf("ana", { tenant: "other" }))}`, "wrong_tenant"],
    [`Bearer ${await signer.pass(passOf(), { issued: NOW - MINUTE, expires: NOW - 1 })}`, "expired"],
  ]) {
    const { status, headers, body } = await ask("GET", "/reports", authorization === undefined ? { "x-user": "ana" } : { authorization });
    assert.deepEqual([status, body.type], [401, `urn:rolewright:problem:${code}`]);
    assert.equal(headers.get("www-authenticate"), `Bearer realm="app"${code === "unauthenticated" ? "" : ', error="invalid_token"'}`);
  }
});

test("an app with sessions of its own says who asks", async () => {
  const ask = await asker({ subject: (request) => request.headers.get("x-session") ?? undefined });
  for (const [session, status] of [["ana", 200], ["ben", 403], ["nobody", 403], [undefined, 401]]) {
    const headers = session === undefined ? {} : { "x-session": session };
    assert.equal((await ask("GET", "/reports", { ...headers, ...(await bearer("ana")) })).status, status, session);
  }
});

test("who is nobody, not known or not active passes no route, however little it needs", async () => {
  for (const [who, status, reason] of [
    [null, 401],
    [undefined, 401],
    [false, 401],
    [0, 401],
    ["", 401],
    ["ghost", 403, "unknown_subject"],
    [{ id: "ana" }, 403, "unknown_subject"],
    ["cem", 403, "inactive_subject"],
    ["ben", 200],
  ]) {
    const ask = await asker({ subject: () => who, contact: "admin@example.test" });
    const { status: answered, body } = await ask("GET", "/me");
    assert.deepEqual([answered, body?.reason], [status, reason], String(who));
    if (status === 403) assert.equal(body.detail, "you may not do this. Ask admin@example.test for access.");
  }
  // A subject of another checker is nobody of this one.
  const other = (await full()).subject("ben");
  assert.equal((await (await asker({ subject: () => other }))("GET", "/me")).status, 403);
});

test("a pass of a person who was disabled or removed opens nothing, with either snapshot", async () => {
  const bye = { ...passOf("cem"), links: [], holdings: [] };
  const revoked = { at: { epoch: 1, revision: 6 }, revoked: [{ id: "cem", at: { epoch: 1, revision: 6 } }] };
  for (const document of [snapshot("full", revoked), snapshot("full", { ...revoked, users: [], assignments: [] }), snapshot("policy", revoked)]) {
    const rw = kept(await load(await signer.snapshot(document), { keys: signer.keys, now: () => NOW }));
    const guard = gate(rw, ROUTES);
    for (const path of ["/me", "/reports"]) {
      const { refused } = await guard(new Request(`https://app.test${path}`, { headers: { authorization: `Bearer ${await signer.pass(bye)}` } }));
      assert.equal(refused?.status, 403, `${document.kind} ${path}`);
      assert.equal((await refused.json()).reason, "inactive_subject");
    }
  }
});

test("where the state is stale or cannot be had it is 503, with the reason", async () => {
  const server = new FakeServer(signer, snapshot("policy"));
  let rw;
  const guard = gate(async (_, env) => (rw ??= kept(await connect(server.options({ maxStale: 500, ...env })))), ROUTES);
  const ask = async () => (await guard(new Request("https://app.test/reports", { headers: await bearer("ana") }), {})).refused;
  server.failure = new TypeError("refused");
  const first = await ask();
  const told = await first.json();
  assert.ok(!JSON.stringify(told).includes("access.test"), "what is behind the gate is not told");
  assert.deepEqual([first.status, told.type, first.headers.get("retry-after")], [503, "urn:rolewright:problem:unreachable", "1"]);
  server.failure = undefined;
  assert.equal(await ask(), undefined);
  server.failure = 500;
  server.now = NOW + 5 * MINUTE;
  const stale = await ask();
  const body = await stale.json();
  assert.deepEqual([stale.status, body.type, body.since], [503, "urn:rolewright:problem:stale", new Date(NOW + 5 * MINUTE).toISOString()]);
  rw.dispose();
  assert.equal((await ask()).status, 503);
});

test("who made a change sees it: the gate waits for the revision that a request names, and not for ever", async () => {
  const server = new FakeServer(signer, snapshot("policy"));
  server.claims = { issued: Date.now(), expires: Date.now() + MINUTE };
  const { now: _, ...options } = server.options({ maxStale: MINUTE });
  const rw = kept(await connect(options));
  const guard = gate(rw, ROUTES, { wait: 150 });
  const { authorization } = await bearer("ana", { now: Date.now() });
  const status = async (revision) => (await guard(new Request("https://app.test/reports", { headers: { authorization, "rolewright-revision": revision } }))).refused?.status ?? 200;
  server.document = snapshot("policy", { at: { epoch: 1, revision: 6 }, roles: snapshot().roles.map((role) => ({ ...role, grants: {} })) });
  assert.equal(await status("1.5"), 200, "it has that already");
  assert.equal(await status("1.6"), 403, "the change is seen");
  assert.equal(await status("1.7"), 503, "it does not come");
  for (const wrong of ["soon", "", "1", `1.${"6".repeat(50)}x`]) assert.equal(await status(wrong), 400, wrong);
});

test("who waits for a revision waits no longer than that, whoever hangs", async () => {
  const server = new FakeServer(signer, snapshot("policy"));
  server.claims = { issued: Date.now(), expires: Date.now() + MINUTE };
  let hangs = false;
  const { now: _, ...options } = server.options({ maxStale: MINUTE, fetch: (...asked) => (hangs ? new Promise(() => undefined) : server.fetch(...asked)) });
  const guard = gate(kept(await connect(options)), ROUTES, { wait: 100 });
  const { authorization } = await bearer("ana", { now: Date.now() });
  hangs = true;
  const request = new Request("https://app.test/reports", { headers: { authorization, "rolewright-revision": "1.6" } });
  const answered = await Promise.race([guard(request), new Promise((resume) => setTimeout(resume, 2_000))]);
  assert.equal(answered?.refused?.status, 503);
});

test("what conditions read is said by the app, and what is no error of the checker's is thrown on", async () => {
  const seen = [];
  const ask = await asker({ attributes: (request, chosen) => (seen.push(chosen), { context: { path: new URL(request.url).pathname } }) });
  assert.equal((await ask("GET", "/reports/weekly", await bearer("ana"))).status, 200);
  assert.deepEqual(seen, [{ route: "GET /reports/:report", variables: { report: "weekly" } }]);
  const broken = gate(() => Promise.reject(new TypeError("broken")), ROUTES);
  await assert.rejects(broken(new Request("https://app.test/reports", { headers: await bearer("ana") })), TypeError);
  let passedOn;
  await expressGate(() => Promise.reject(new TypeError("broken")), ROUTES)({ method: "GET", url: "/reports", headers: await bearer("ana") }, {}, (error) => (passedOn = error));
  assert.ok(passedOn instanceof TypeError && !(passedOn instanceof RolewrightError));
});

test("what an option answers may come later, and `null` is nothing", async () => {
  const document = snapshot();
  document.catalogue.modules[0].permissions[0].levels = { allowed: { condition: { eq: [{ attribute: "context.network" }, "office"] } } };
  const rw = kept(await load(await signer.snapshot(document), { keys: signer.keys, now: () => NOW }));
  const ask = async (options) => {
    const { refused } = await gate(rw, { "GET /reports": "reports.run" }, { subject: () => "ana", ...options })(new Request("https://app.test/reports"));
    return refused === undefined ? 200 : refused.json();
  };
  const office = { context: { network: "office", since: null } };
  for (const attributes of [() => office, async () => office]) assert.equal(await ask({ attributes }), 200);
  for (const nothing of [undefined, null]) assert.equal((await ask({ attributes: async () => nothing })).reason, "condition_false");
  for (const attributes of [() => ({ context: Promise.resolve(office.context) }), () => new Map(Object.entries(office))]) {
    await assert.rejects(ask({ attributes }), { name: "RolewrightError", code: "misuse" });
  }
  for (const contact of [() => "ada", async () => "ada"]) {
    const { contact: told, detail } = await ask({ contact });
    assert.deepEqual([told, detail], ["ada", "you need `reports.run`. Ask ada for access."]);
  }
  for (const nothing of [undefined, null]) assert.equal((await ask({ contact: async () => nothing })).contact, undefined);
  await assert.rejects(ask({ contact: () => ({ mail: "ada" }) }), { name: "TypeError", message: /`contact`/ });
});

test("ids of people mean nothing to a policy snapshot: the host is told so, and nobody is let through", async () => {
  const rw = kept(await load(await signer.snapshot(snapshot("policy")), { keys: signer.keys, now: () => NOW }));
  const request = new Request("https://app.test/reports", { headers: await bearer("ana") });
  const told = { name: "TypeError", message: /a policy snapshot has no people: have `subject` open a pass/ };
  await assert.rejects(gate(rw, ROUTES, { subject: () => "ana" })(request), told);
  let passedOn;
  await expressGate(rw, ROUTES, { subject: () => "ana" })({ method: "GET", url: "/reports", headers: {} }, {}, (error) => (passedOn = error));
  assert.match(passedOn.message, told.message);
  assert.equal((await gate(rw, ROUTES)(request)).refused, undefined);
});

test("a gate without a checker is none", () => {
  for (const none of [undefined, null, "rw", 1]) assert.throws(() => gate(none, ROUTES), { name: "TypeError", message: /needs the checker/ });
});

test("a table that is not what it should be is refused when it is made", () => {
  const checker = () => undefined;
  for (const [routes, what] of [
    [{ "GET reports": "a" }, /METHOD \/path/],
    [{ "get /reports": "a" }, /METHOD \/path/],
    [{ "GET /reports/": "a" }, /segment ``/],
    [{ "GET /a b": "a" }, /METHOD \/path/],
    [{ "GET /%41": "a" }, /segment `%41`/],
    [{ "GET /a/../b": "a" }, /segment `..`/],
    [{ "GET /*/a": "a" }, /segment `\*`/],
    [{ "GET /:a-b": "a" }, /segment `:a-b`/],
    [{ "GET /:a/:a": "a" }, /twice/],
    [{ "GET /:a": { permission: "p", resource: "servers/:b" } }, /no variable `b`/],
    [{ "GET /a": {} }, /neither/],
    [{ "GET /a": "" }, /empty text/],
    [{ "GET /a": { permission: "" } }, /empty text/],
    [{ "GET /a": { operation: "" } }, /empty text/],
    [{ "GET /a": null }, /neither/],
    [{ "GET /a": { permission: "p", operation: "o" } }, /neither/],
    [{ "GET /:a": "p", "GET /b": "p" }, /`GET \/b` is never reached: `GET \/:a`/],
    [{ "GET /*": "p", "GET /a/:b": "p" }, /never reached/],
    [{ "GET /:a/*": "p", "GET /x/*": "p" }, /never reached/],
    [{ "GET /a": "p", "GET /A": "p" }, /`GET \/A` is never reached: `GET \/a`/],
    [{ "GET /:b": { permission: "p", resource: "servers/s-:b" } }, /whole segment/],
    [{ "GET /:b": { permission: "p", resource: "/servers/:b" } }, /no slash at its ends/],
    [{ "GET /:b": { permission: "p", resource: "servers/:b/" } }, /no slash at its ends/],
    [{ "GET /a": { permission: "p", resuorce: "servers" } }, /says `resuorce`, where it may say permission, resource, level/],
    [{ "GET /a": { permission: "p", levl: "yes" } }, /`levl`/],
    [{ "GET /a": { operation: "o", resource: "servers" } }, /`resource`/],
    [{ "GET /a": { ...KNOWN, permission: "p" } }, /`permission`/],
    [{ "GET /a/*": "p", "GET /a": "p" }, /`GET \/a` is never reached: `GET \/a\/\*`/],
    [{ "GET /*": "p", "GET /": "p" }, /never reached/],
    [{ "GET /a": { operation: "o", resources: "servers/1" } }, /`resources` that are no object/],
    [undefined, /no plain object/],
    [null, /no plain object/],
    [new Map([["GET /a", "p"]]), /no plain object/],
    ["GET /a", /no plain object/],
  ]) {
    assert.throws(() => gate(checker, routes), (error) => error instanceof TypeError && what.test(error.message), JSON.stringify(routes));
  }
  gate(checker, { "GET /a": "p", "GET /:a": "p", "POST /:a": "p", "GET /:a/:b": "p", "GET /": "p", "GET /*": "p" }, null);
  for (const [options, what] of [
    [{ conact: "x" }, /no option `conact`: it takes contact, /],
    [{ toString: "x" }, /no option `toString`/],
    [{ unlisted: "Pass" }, /`unlisted` is `refuse` or `pass`/],
    [{ wait: "1s" }, /`wait` is a time/],
    [{ subject: 1 }, /`subject` is a function/],
    [{ subject: null }, /`subject` is a function/],
    [{ attributes: 5 }, /`attributes` is a function/],
    [{ attributes: { context: {} } }, /`attributes` is a function/],
    [{ contact: "" }, /`contact` is a text or a function/],
    [{ contact: Promise.resolve("x") }, /`contact` is a text or a function/],
    ...["", 1, 'a"b', "a\\b", "a\nb", "a\u0000", "\u00e9"].map((realm) => [{ realm }, /`realm` is a text without quotes/]),
  ]) {
    assert.throws(() => gate(checker, ROUTES, options), (error) => error instanceof TypeError && what.test(error.message), JSON.stringify(options));
  }
});
