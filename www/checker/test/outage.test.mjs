// A server that is slow or silent, stores that fail, and what is told of it.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { RolewrightError, connect } from "rolewright";
import { gate } from "rolewright/gate";
import { MINUTE, NOW, Signer, asWorker, disposeAll, kept, passOf, snapshot } from "./fixtures.mjs";
import { FakeServer } from "./server.mjs";

const signer = await Signer.create();
afterEach(disposeAll);
const serve = (kind = "policy", more) => new FakeServer(signer, snapshot(kind, more));
const fails = (code) => (error) => error instanceof RolewrightError && error.code === code;
const never = () => new Promise(() => undefined);
/** Rejects where something is not there in time: a hang is no failure by itself. */
const soon = (what, time = 3_000) => Promise.race([what, pause(time).then(() => assert.fail("it hangs"))]);

test("a server that hangs holds no request up while the state is good, and is asked again beside", async () => {
  const server = serve();
  let hangs = false;
  const options = server.options({ maxStale: 500, fetch: (...asked) => (hangs ? never() : server.fetch(...asked)) });
  const rw = kept(await connect(options));
  const guard = gate(rw, { "GET /reports": "reports.run" });
  const pass = await signer.pass(passOf());
  const ask = async () => (await guard(new Request("https://app.test/reports", { headers: { authorization: `Bearer ${pass}` } }))).refused;
  assert.equal(await ask(), undefined);
  hangs = true;
  server.now += 1_000;
  const first = ask();
  await pause(0);
  // Time goes by: whoever comes later does not begin to wait anew.
  server.now += 2_000;
  for (let turn = 0; turn < 50; turn++) assert.equal(await soon(ask()), undefined);
  assert.equal(await soon(first), undefined);
  // A pass of a newer revision is answered about, too.
  const newer = await signer.pass(passOf("ana", { at: { epoch: 1, revision: 9 } }), { now: server.now });
  assert.equal(rw.can(await soon(rw.open(newer)), "reports.run"), true);
});

test("where requests share no request, one that waits for a server that hangs holds no other up", async () => {
  const worker = await asWorker();
  const server = serve();
  let hung = 0;
  let hangs = false;
  const fetch = (...asked) => (hangs ? (hung++, never()) : server.fetch(...asked));
  const rw = kept(await worker.connect(server.options({ maxStale: 500, fetch })));
  hangs = true;
  server.now += 600;
  const first = rw.fresh();
  // However many come, and however often: in the first second each asks, then nobody does.
  for (let turn = 0; turn < 5; turn++) {
    server.now += 150;
    void rw.fresh();
  }
  await pause(0);
  const asked = hung;
  for (let turn = 0; turn < 50; turn++) {
    server.now += 70;
    if (turn > 4) await soon(rw.fresh(), 300);
  }
  assert.deepEqual([asked, hung], [6, 6]);
  // The first waits no longer than the others.
  await soon(first);
  // A request that has ended may have taken its try with it: then another tries.
  server.now += 2_000;
  void rw.fresh();
  await pause(0);
  assert.equal(hung, 7);
  hangs = false;
  server.now += 6_000;
  await soon(rw.fresh());
  assert.equal(rw.freshness.confirmed, server.now);
  await pause(1_000);
});

test("a pass that never comes ends a try like a server that never answers", async () => {
  const server = serve("policy");
  let hangs = false;
  const pass = () => (hangs ? never() : "rw_key");
  const rw = kept(await connect(server.options({ key: undefined, kind: "policy", pass, maxStale: 500, timeout: 50 })));
  hangs = true;
  server.now += 1_000;
  await soon(rw.fresh());
  assert.deepEqual([rw.freshness.error.code, rw.freshness.error.message], ["unreachable", "`pass` did not answer"]);
  hangs = false;
  server.now += 2_000;
  await soon(rw.fresh());
  assert.equal(rw.freshness.error, undefined);
  hangs = true;
  await assert.rejects(soon(connect(server.options({ key: undefined, kind: "policy", pass, timeout: 50 }))), fails("unreachable"));
});

test("what is asked to be confirmed more seldom than stamps last is confirmed before they end", async () => {
  const server = serve();
  const rw = kept(await connect(server.options({ maxStale: 10 * MINUTE })));
  for (const later of [4 * MINUTE, 6 * MINUTE]) {
    server.now += later;
    await rw.fresh();
    assert.deepEqual([rw.freshness.confirmed, rw.freshness.stale], [server.now, false]);
  }
});

test("times to wait are whole milliseconds, and end where the clock stands still", async () => {
  const rw = kept(await connect(serve().options({ timeout: 50 })));
  for (const timeout of ["500", Infinity, NaN, -1, 1.5, 2 ** 31, null]) {
    await assert.rejects(rw.atLeast(99, { timeout }), fails("misuse"), String(timeout));
    assert.throws(() => gate(rw, { "GET /": "reports.run" }, { wait: timeout }), { name: "TypeError", message: /`wait`/ }, String(timeout));
  }
  await assert.rejects(soon(rw.atLeast(99, { timeout: 200 })), fails("timeout"));
  await assert.rejects(rw.atLeast(null), fails("misuse"));
});

test("a store that never answers, fails or is no promise's costs nothing but its help, and says that it failed", async () => {
  for (const [name, store, told] of [
    ["never answers", { get: never, put: never }],
    ["rejects", { get: () => Promise.reject(new Error("disk")), put: () => Promise.reject(new Error("disk")) }, "the store failed: disk"],
    ["throws", { get: () => assert.fail("disk"), put: () => assert.fail("disk") }, "the store failed: disk"],
    ["does not read", { get: () => assert.fail("disk"), put: () => undefined }],
    ["does not write", { get: () => undefined, put: () => assert.fail("full") }, "the store failed: full"],
    ["is none", {}, /^the store failed: /],
    ["answers at once", { get: () => undefined, put: () => undefined }],
    ["answers null", { get: async () => null, put: () => undefined }],
  ]) {
    const server = serve();
    const rw = kept(await soon(connect(server.options({ store, maxStale: 0, timeout: 50 }))));
    server.document = snapshot("policy", { at: { epoch: 1, revision: 6 } });
    await soon(rw.fresh());
    assert.equal(rw.freshness.at.revision, 6, name);
    const { message } = rw.freshness.error ?? {};
    if (told instanceof RegExp) assert.match(message, told, name);
    else assert.equal(message, told, name);
  }
});

test("why a store is not gone by is told, with the server and without it", async () => {
  const server = serve("policy");
  let stored;
  const store = { get: async () => stored, put: async (state) => void (stored = state) };
  kept(await connect(server.options({ store, keys: signer.keys })));
  const good = stored;
  const other = snapshot("policy", { tenant: "other" });
  for (const [spoilt, code] of [
    [{ ...good, snapshot: await signer.snapshot(other), stamp: await signer.stamp(other) }, "wrong_tenant"],
    [{ ...good, snapshot: await signer.snapshot(snapshot("policy", { at: { epoch: 1, revision: 6 } })) }, "wrong_content"],
    [{ ...good, snapshot: good.snapshot.slice(0, -1) }, "bad_signature"],
  ]) {
    stored = spoilt;
    server.failure = new TypeError("down");
    await assert.rejects(connect(server.options({ store, keys: signer.keys })), (error) => fails("unreachable")(error) && /did not answer; the store failed: /.test(error.message), code);
    server.failure = undefined;
    const rw = kept(await connect(server.options({ store, keys: signer.keys, maxStale: 0 })));
    assert.deepEqual([rw.freshness.error.code, rw.freshness.stale], [code, false]);
    server.now += 2 * MINUTE;
    await rw.fresh();
    assert.equal(rw.freshness.error, undefined, "it was written anew");
  }
});

test("without the server it is told that what the store holds has ended, and no address tells what was asked", async () => {
  const server = serve("policy");
  let stored;
  const options = server.options({ keys: signer.keys, store: { get: async () => stored, put: async (state) => void (stored = state) } });
  kept(await connect(options));
  server.failure = new TypeError("down");
  server.now += 6 * MINUTE;
  await assert.rejects(connect(options), {
    code: "unreachable",
    message: "https://access.test/api/v1/tenants/acme/snapshot did not answer; what the store holds is good no more",
  });
});

test("a store is written when something has changed, and once a minute that nothing has", async () => {
  const server = serve();
  const puts = [];
  const store = { get: () => undefined, put: (state) => void puts.push(state) };
  const rw = kept(await connect(server.options({ store, maxStale: 0 })));
  for (let turn = 0; turn < 12; turn++) {
    server.now += 10_000;
    await rw.fresh();
  }
  assert.equal(puts.length, 3);
  server.move(snapshot("policy", { at: { epoch: 1, revision: 6 } }));
  server.now += 1;
  await rw.fresh();
  assert.equal(puts.length, 4);
  assert.equal(puts[3].deltas.length, 1);
});

test("a refusal says what the server says", async () => {
  const server = serve();
  const fetch = async () => Response.json({ detail: "you need `snapshot.full`" }, { status: 403 });
  await assert.rejects(connect(server.options({ fetch })), (error) => fails("unauthorized")(error) && /403: you need `snapshot.full`/.test(error.message));
});

test("times that are none are refused before anything is asked", async () => {
  for (const option of ["maxStale", "timeout"]) {
    for (const time of ["200", NaN, Infinity, -1, 1.5, 2 ** 31, null, {}]) {
      const server = serve();
      await assert.rejects(connect(server.options({ [option]: time })), fails("misuse"), `${option} ${time}`);
      assert.equal(server.requests.length, 0);
    }
  }
});

test("listeners are told of a change and of what goes stale, not of every look", async () => {
  const server = serve("full");
  const rw = kept(await connect(server.options({ maxStale: 500 })));
  const told = [];
  rw.subscribe(() => told.push(rw.freshness.stale));
  const after = async (time) => {
    server.now += time;
    await rw.fresh().catch(() => undefined);
    await pause(0);
    return told.splice(0);
  };
  for (let turn = 0; turn < 5; turn++) assert.deepEqual(await after(1_000), [], "nothing changed");
  server.document = snapshot("full", { at: { epoch: 1, revision: 6 }, assignments: [] });
  assert.deepEqual(await after(1_000), [false]);
  server.failure = new TypeError("refused");
  assert.deepEqual(await after(1_000), []);
  assert.deepEqual(await after(5 * MINUTE), [true]);
  assert.deepEqual(await after(MINUTE), [], "once");
  server.failure = undefined;
  assert.deepEqual(await after(MINUTE), [false]);
  const stop = rw.subscribe(() => told.push("stopped"));
  rw.dispose();
  stop();
  await pause(0);
  assert.deepEqual(told, [true]);
});

test("`at` is a moment, or nothing is answered", async () => {
  const past = NOW - MINUTE;
  const document = snapshot("full");
  document.assignments[0] = { ...document.assignments[0], until: past };
  const rw = kept(await connect(new FakeServer(signer, document).options()));
  const ask = (at) => rw.decide({ subject: "ana", permission: "reports.run", at }).allowed;
  assert.deepEqual([ask(undefined), ask(NOW), ask(new Date(NOW)), ask(past - 1), ask(new Date(past - 1))], [false, false, false, true, true]);
  for (const at of [NaN, Infinity, "", new Date(past - 1).toISOString(), {}, [], true, new Date(NaN)]) {
    assert.throws(() => ask(at), fails("misuse"), String(at));
    assert.throws(() => rw.check({ subject: "ana", operation: "tasks.start", at }), fails("misuse"));
    assert.throws(() => rw.evaluate({ subject: "ana", action: "reports.run", resource: { type: "tenant", id: "acme" }, at }), fails("misuse"));
  }
});

test("`atLeast` waits for a revision, and for nothing that is none", async () => {
  const rw = kept(await connect(serve().options()));
  for (const said of [undefined, null, "", "soon", "6", "1.5.6", "9.9.0.5", "1.", "-1.5", {}, { at: { epoch: 1, revision: 6 } }, 1.5, NaN, -1, true]) {
    await assert.rejects(rw.atLeast(said), fails("misuse"), JSON.stringify(said));
  }
  for (const said of ["1.5", "0.99", 5, { epoch: 1, revision: 5 }]) await rw.atLeast(said);
});

test("`atLeast` looks until the time is over, and once more then", async () => {
  for (const [timeout, comes] of [[150, 120], [800, 650]]) {
    const server = serve();
    const { now: _, ...options } = server.options({ maxStale: MINUTE });
    server.claims = { issued: Date.now(), expires: Date.now() + MINUTE };
    const rw = kept(await connect(options));
    const late = setTimeout(() => (server.document = snapshot("policy", { at: { epoch: 1, revision: 6 } })), comes);
    await rw.atLeast(6, { timeout });
    clearTimeout(late);
    assert.equal(rw.freshness.at.revision, 6);
  }
});

test("`atLeast` looks once more when the time is over, though a timer ended early by the clock", async () => {
  const server = serve();
  const start = Date.now();
  const slow = () => start + (Date.now() - start) * 0.9;
  server.claims = { issued: start, expires: start + MINUTE };
  const rw = kept(await connect(server.options({ maxStale: MINUTE, now: slow })));
  setTimeout(() => (server.document = snapshot("policy", { at: { epoch: 1, revision: 6 } })), 400);
  await rw.atLeast(6, { timeout: 480 });
  assert.equal(rw.freshness.at.revision, 6);
});

test("many who wait for a revision that does not come ask no more often than one", async () => {
  const server = serve();
  const { now: _, ...options } = server.options({ maxStale: MINUTE });
  server.claims = { issued: Date.now(), expires: Date.now() + MINUTE };
  const rw = kept(await connect(options));
  await Promise.all(Array.from({ length: 20 }, () => assert.rejects(rw.atLeast("1.99999999", { timeout: 1_000 }), fails("timeout"))));
  assert.ok(server.asked < 8, `${server.asked}`);
});
