// The keys that a checker believes, and when it looks for others.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { RolewrightError, connect } from "rolewright";
import { gate, KNOWN } from "rolewright/gate";
import { MINUTE, NOW, Signer, disposeAll, kept, passOf, snapshot } from "./fixtures.mjs";
import { FakeServer } from "./server.mjs";

const signer = await Signer.create();
const next = await Signer.create("k2");
afterEach(disposeAll);
const fails = (code) => (error) => error instanceof RolewrightError && error.code === code;
const jwks = (server) => server.requests.filter(({ path }) => path.endsWith("jwks.json")).length;

test("a pass that an earlier key signed is good no more once a newer key set has come without it", async () => {
  for (const kind of ["policy", "full"]) {
    const server = new FakeServer(signer, snapshot(kind));
    const rw = kept(await connect(server.options({ maxStale: 500 })));
    const pass = await signer.pass(passOf());
    const guard = gate(rw, { "GET /me": KNOWN, "GET /reports": "reports.run" });
    const status = async (path) => (await guard(new Request(`https://app.test${path}`, { headers: { authorization: `Bearer ${pass}` } }))).refused?.status ?? 200;
    const ana = await rw.open(pass);
    assert.deepEqual([rw.can(ana, "reports.run"), await status("/me"), await status("/reports")], [true, 200, 200]);
    // The key has leaked: the state is signed by the next one alone.
    server.signer = next;
    server.now += MINUTE;
    await rw.fresh();
    assert.equal(rw.freshness.error, undefined);
    assert.equal(rw.can(ana, "reports.run"), false, "a handle that was opened before");
    assert.equal(rw.can(ana, "tasks.run", "servers/prod"), false);
    assert.equal(rw.decide({ subject: ana, permission: "reports.run" }).reason, "pass_expired");
    assert.deepEqual(rw.permissions(ana), []);
    await assert.rejects(rw.open(pass), fails(server.now < NOW + 2 * MINUTE ? "unknown_key" : "expired"));
    assert.deepEqual([await status("/me"), await status("/reports")], [401, 401]);
    const again = await rw.open(await next.pass(passOf(), { now: server.now }));
    assert.equal(rw.can(again, "reports.run"), true);
  }
});

test("a pass that is verified while the key set changes is held against the newer one", async () => {
  const server = new FakeServer(signer, snapshot("policy"));
  const rw = kept(await connect(server.options({ maxStale: 500 })));
  server.signer = next;
  server.now += MINUTE;
  await assert.rejects(rw.open(await signer.pass(passOf())), fails("unknown_key"));
});

test("many forged names at once have keys looked for once, also where they cannot be had", async () => {
  for (const failure of [undefined, new TypeError("refused")]) {
    const server = new FakeServer(signer, snapshot("policy"));
    const rw = kept(await connect(server.options({ maxStale: 3_600_000 })));
    const forged = await Promise.all(Array.from({ length: 20 }, async (_, at) => (await Signer.create(`forged-${at}`)).pass(passOf())));
    server.failure = failure;
    const codes = await Promise.all(forged.map((pass) => rw.open(pass).catch(({ code }) => code)));
    assert.equal(jwks(server), 2);
    assert.deepEqual([...new Set(codes)].sort(), failure === undefined ? ["unknown_key", "unreachable"] : ["unreachable"]);
    assert.equal(rw.can(await rw.open(await signer.pass(passOf())), "reports.run"), true, "who has a pass of a key that is known is let in");
  }
});

test("a key that signs moments after the last look is found at once, and whoever forges names has keys looked for seldom", async () => {
  const server = new FakeServer(signer, snapshot("policy"));
  const rw = kept(await connect(server.options({ maxStale: 3_600_000 })));
  server.signer = next;
  assert.equal(rw.can(await rw.open(await next.pass(passOf())), "reports.run"), true);
  assert.equal(jwks(server), 2);
  const forged = await (await Signer.create("forged")).pass(passOf());
  await assert.rejects(rw.open(forged), fails("unknown_key"));
  assert.equal(jwks(server), 3);
  await assert.rejects(rw.open(forged), fails("unknown_key"), "it was missing a moment ago");
  // Whether another is a new key's cannot be told now: nobody is signed out by that.
  const other = await (await Signer.create("other")).pass(passOf());
  for (let turn = 0; turn < 5; turn++) await assert.rejects(rw.open(other), fails("unreachable"));
  assert.equal(jwks(server), 3);
  const guard = gate(rw, { "GET /me": KNOWN });
  const { refused } = await guard(new Request("https://app.test/me", { headers: { authorization: `Bearer ${other}` } }));
  assert.equal(refused.status, 503);
  server.now += 10_000;
  await assert.rejects(rw.open(other), fails("unknown_key"));
  assert.equal(jwks(server), 4);
});
