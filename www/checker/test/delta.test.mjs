import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { connect } from "rolewright";
import { MINUTE, NOW, Signer, contentOf, disposeAll, kept, passOf, snapshot } from "./fixtures.mjs";
import { FakeServer } from "./server.mjs";

const signer = await Signer.create();
afterEach(disposeAll);
const made = { epoch: 1, revision: 6 };
/** The fixtures' snapshot some revisions later: ana no longer runs reports, and ben does. */
const later = (kind = "full", by = 1, more = {}) => {
  const document = snapshot(kind, { at: { epoch: 1, revision: 5 + by }, ...more });
  if (kind === "full") {
    const ben = { id: "a4", principal: { user: "ben" }, role: "runner", scope: "/", made };
    document.assignments = [...document.assignments.slice(1), ben];
  }
  return document;
};
const serve = (kind = "full") => new FakeServer(signer, snapshot(kind));
const asked = (server) => server.requests.filter(({ path }) => path.endsWith("/snapshot"));

test("a checker says what it holds, and catches up by a delta", async () => {
  const server = serve();
  let whole = 0;
  server.body = () => (whole++, signer.snapshot(server.document));
  const rw = kept(await connect(server.options({ maxStale: 0 })));
  assert.equal(rw.can("ana", "reports.run"), true);
  const ben = rw.subject("ben");
  assert.equal(rw.can(ben, "reports.run"), false);
  server.move(later());
  await rw.fresh();
  assert.equal(rw.can("ana", "reports.run"), false);
  assert.equal(rw.can(ben, "reports.run"), true, "handles that are held stay good");
  assert.equal(rw.can(ben, "tasks.run", "servers/prod"), true);
  assert.deepEqual(rw.freshness.at, { epoch: 1, revision: 6 });
  server.move(later("full", 2, { users: [{ id: "ana", status: "active" }, { id: "dia", status: "active" }, { id: "ben", status: "disabled" }, { id: "cem", status: "active" }] }));
  await rw.fresh();
  assert.deepEqual(["ana", "ben", "cem", "dia"].map((id) => rw.can(id, "tasks.run", "servers/prod")), [false, false, true, false]);
  await rw.fresh();
  assert.deepEqual(asked(server).map(({ since }) => since), [null, "1.5", "1.6", "1.7"]);
  assert.equal(asked(server).at(-1).headers["if-none-match"], `"${contentOf(server.document)}"`);
  assert.equal(whole, 1, "the whole came once");
  assert.equal(rw.freshness.error, undefined);
});

test("a policy and what it revokes come by a delta too", async () => {
  const server = serve("policy");
  const rw = kept(await connect(server.options({ maxStale: 0 })));
  const ana = await rw.open(await signer.pass(passOf()));
  assert.equal(rw.can(ana, "reports.run"), true);
  const roles = snapshot("policy").roles.map((role) =>
    role.id === "runner" ? { ...role, grants: { "tasks.run": "allowed" } } : role,
  );
  server.move(later("policy", 1, { roles }));
  await rw.fresh();
  assert.deepEqual([rw.can(ana, "reports.run"), rw.can(ana, "tasks.run")], [false, true]);
  server.move(later("policy", 2, { roles, revoked: [{ id: "a1", at: { epoch: 1, revision: 7 } }] }));
  await rw.fresh();
  assert.equal(rw.can(ana, "tasks.run"), false, "what was taken away counts at once");
  assert.deepEqual(asked(server).map(({ since }) => since), [null, "1.5", "1.5", "1.6"]);
});

test("whose server no longer knows the revision takes the whole", async () => {
  const server = serve();
  const rw = kept(await connect(server.options({ maxStale: 0 })));
  server.document = later();
  await rw.fresh();
  assert.equal(rw.can("ben", "reports.run"), true);
  assert.equal(server.asked, 2);
});

const other = (more) => ({ ...snapshot(), at: { epoch: 1, revision: 4 }, ...more });
const elsewhere = { tenant: "elsewhere" };
for (const [what, delta] of [
  ["is signed by another", async (from, to) => (await Signer.create()).delta(from, to)],
  ["was changed after it was signed", async (from, to) => (await signer.delta(from, to)).map((byte, at, all) => (at === all.length - 3 ? byte ^ 1 : byte))],
  ["was cut", async (from, to) => (await signer.delta(from, to)).slice(0, -1)],
  ["is empty", async () => new Uint8Array()],
  ["is signed as a snapshot", (from, to) => signer.delta(from, to, { typ: "rolewright-snapshot" })],
  ["is a signed snapshot", (_, to) => signer.snapshot(to)],
  ["is no delta, though signed", () => signer.delta(new TextEncoder().encode("RWD\x01 and no more"))],
  ["leads on from another revision", (_, to) => signer.delta(other(), to)],
  ["leads elsewhere", (from) => signer.delta(from, later("full", 9))],
  ["is of another tenant", () => signer.delta({ ...snapshot(), ...elsewhere }, { ...later(), ...elsewhere })],
  ["is of another kind", () => signer.delta(snapshot("policy"), later("policy"))],
]) {
  test(`a delta that ${what} is not taken, and the whole is`, async () => {
    const server = serve();
    const rw = kept(await connect(server.options({ maxStale: 0 })));
    server.move(later());
    server.delta = (base) => delta(base, server.document);
    await rw.fresh();
    assert.deepEqual(["ana", "ben"].map((id) => rw.can(id, "reports.run")), [false, true]);
    assert.deepEqual(asked(server).map(({ since }) => since), [null, "1.5", null]);
    assert.equal(rw.freshness.error, undefined);
    delete server.delta;
    server.move(later("full", 2));
    await rw.fresh();
    assert.equal(asked(server).at(-1).since, "1.6", "the next is asked for again");
  });
}

test("what brings a delta is no more believed than what brings a snapshot", async () => {
  const server = serve();
  const rw = kept(await connect(server.options({ maxStale: 0 })));
  server.move(later());
  server.claims = { tenant: "elsewhere" };
  await rw.fresh();
  assert.equal(rw.freshness.error.code, "wrong_tenant");
  assert.deepEqual(rw.freshness.at, { epoch: 1, revision: 5 });
  assert.equal(rw.can("ana", "reports.run"), true, "nothing has changed");
});

test("requests that overtake one another apply a delta once", async () => {
  const server = serve();
  const rw = kept(await connect(server.options({ maxStale: 0 })));
  server.move(later());
  await Promise.all([rw.fresh(), rw.fresh(), rw.atLeast(6)]);
  assert.equal(rw.can("ben", "reports.run"), true);
  assert.equal(rw.freshness.error, undefined);
});

test("a subject snapshot is not led on", async () => {
  const document = snapshot("full");
  const server = new FakeServer(signer, { ...document, kind: "subject", users: document.users.slice(0, 1), assignments: document.assignments.slice(0, 1) });
  const rw = kept(await connect(server.options({ key: undefined, kind: undefined, pass: "token", maxStale: 0 })));
  await rw.fresh();
  assert.deepEqual(asked(server).map(({ since }) => since), [null, null]);
});

test("a store keeps deltas beside the snapshot, and a restart begins with them", async () => {
  let stored;
  const store = { get: async () => stored, put: async (state) => void (stored = state) };
  const server = serve();
  const options = server.options({ keys: signer.keys, store, maxStale: 0 });
  const rw = kept(await connect(options));
  for (const by of [1, 2]) {
    server.move(later("full", by));
    await rw.fresh();
  }
  assert.equal(stored.deltas.length, 2);
  server.failure = new TypeError("connection refused");
  {
    const restarted = kept(await connect(options));
    assert.equal(restarted.can("ben", "reports.run"), true);
    assert.deepEqual(restarted.freshness.at, { epoch: 1, revision: 7 });
  }
  const whole = stored;
  for (const deltas of [whole.deltas.slice(0, 1), whole.deltas.slice(1), whole.deltas.toReversed(), [], undefined]) {
    stored = { ...whole, deltas };
    await assert.rejects(connect(options), { code: "unreachable" }, "only all of them lead to what the stamp names");
  }
  stored = whole;
  server.failure = undefined;
  const restarted = kept(await connect(options));
  server.move(later("full", 3));
  await restarted.fresh();
  assert.equal(asked(server).at(-1).since, "1.7", "from where it was");
  assert.equal(stored.deltas.length, 3);
});

test("what is stored does not grow without end", async () => {
  let stored;
  const store = { get: async () => undefined, put: async (state) => void (stored = state) };
  const server = serve("policy");
  const rw = kept(await connect(server.options({ store, maxStale: 0 })));
  const { length } = stored.snapshot;
  let most = 0;
  for (let by = 1; by <= 40; by++) {
    server.now = NOW + by * MINUTE;
    server.move(later("policy", by));
    await rw.fresh();
    most = Math.max(most, stored.deltas.reduce((sum, delta) => sum + delta.length, 0));
  }
  assert.ok(most < 2 * length, `${most} bytes of deltas beside ${length}`);
  assert.ok(asked(server).some(({ since }, at) => at > 0 && since === null));
  assert.deepEqual(rw.freshness.at, { epoch: 1, revision: 45 });
});

test("without a store too the whole is fetched again after so many deltas", async () => {
  const server = serve("policy");
  const rw = kept(await connect(server.options({ maxStale: 0 })));
  for (let by = 1; by <= 102; by++) {
    server.move(later("policy", by));
    await rw.fresh();
  }
  const whole = asked(server).flatMap(({ since }, at) => (since === null ? [at] : []));
  // A hundred at most, and fewer the longer they are.
  assert.ok(whole.length >= 2 && whole[1] <= 101, `${whole}`);
  assert.deepEqual(rw.freshness.at, { epoch: 1, revision: 107 });
});
