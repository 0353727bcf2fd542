import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { RolewrightError, Subject, load } from "rolewright";
import { NOW, Signer, disposeAll, kept, passOf, snapshot, MINUTE } from "./fixtures.mjs";

const signer = await Signer.create();
const edge = async (now = () => NOW, more = {}) =>
  load(await signer.snapshot(snapshot("policy", more)), { keys: signer.keys, now });
afterEach(disposeAll);
const fails = (code) => (error) => {
  assert.ok(error instanceof RolewrightError, String(error));
  assert.equal(error.code, code, error.message);
  return true;
};

test("a pass opens to a subject", async () => {
  const rw = kept(await edge());
  const ana = await rw.open(await signer.pass(passOf()));
  assert.ok(ana instanceof Subject);
  assert.equal(ana.id, "ana");
  assert.equal(ana.expires, NOW + 15 * MINUTE);
  assert.equal(rw.can(ana, "reports.run"), true);
  assert.equal(rw.can(ana, "tasks.run"), false);
  assert.equal(rw.can("ana", "reports.run"), false, "nobody is known by id");
});

test("the same pass opens to the same subject, and a token is never one", async () => {
  const rw = kept(await edge());
  const pass = await signer.pass(passOf());
  assert.equal(await rw.open(pass), await rw.open(pass));
  assert.equal(rw.can(pass, "reports.run"), false);
});

test("a pass that expires makes every later answer no", async () => {
  let clock = NOW;
  const rw = kept(await edge(() => clock));
  const pass = await signer.pass(passOf());
  const ana = await rw.open(pass);
  assert.equal(rw.can(ana, "reports.run"), true);
  clock = NOW + 15 * MINUTE;
  assert.equal(rw.can(ana, "reports.run"), false);
  assert.equal(rw.decide({ subject: ana, permission: "reports.run" }).reason, "pass_expired");
  await assert.rejects(rw.open(pass), fails("expired"));
});

test("a pass that is not to be taken is refused", async () => {
  const rw = kept(await edge());
  for (const [claims, code] of [
    [{ aud: "rolewright:other" }, "wrong_tenant"],
    [{ aud: "acme" }, "wrong_audience"],
    [{ aud: ["rolewright:acme"] }, "malformed"],
    [{ pass: passOf("ana", { tenant: "other" }) }, "wrong_tenant"],
    [{ issued: NOW - MINUTE, expires: NOW }, "expired"],
    [{ expires: NOW + 16 * MINUTE }, "malformed"],
    [{ issued: NOW + 10 * MINUTE, expires: NOW + 11 * MINUTE }, "not_yet_valid"],
    [{ pass: passOf("ana", { roles: ["superuser"] }) }, "malformed"],
  ]) {
    await assert.rejects(rw.open(await signer.pass(passOf(), claims)), fails(code), JSON.stringify(claims));
  }
});

test("a tampered, forged or mistaken token is refused", async () => {
  const rw = kept(await edge());
  const pass = await signer.pass(passOf());
  const [head, body, tail] = pass.split(".");
  const as = (claims) => Buffer.from(JSON.stringify(claims)).toString("base64url");
  const superuser = { ...JSON.parse(Buffer.from(body, "base64url")), pass: passOf("ana", { holdings: [{ role: "superuser", scope: "/", links: [0] }] }) };
  await assert.rejects(rw.open(`${head}.${as(superuser)}.${tail}`), fails("bad_signature"));
  await assert.rejects(rw.open(await (await Signer.create()).pass(passOf())), fails("bad_signature"));
  await assert.rejects(rw.open(await (await Signer.create("k2")).pass(passOf())), fails("unknown_key"));
  const none = as({ alg: "none", typ: "rolewright-pass", kid: "k1" });
  for (const token of [
    "", "ana", "a.b.c", `${head}.${body}`, `${head}.${body}.`, `${pass}.`, `${head}.${body}.${tail.slice(0, -4)}`, `${none}.${body}.${tail}`,
    await signer.compact("JWT", { aud: "rolewright:acme" }), await signer.stamp(snapshot()), undefined, null, 7, {}, "x".repeat(1e6),
  ]) {
    await assert.rejects(rw.open(token), fails("malformed"), String(token).slice(0, 60));
  }
});

test("a revoked link or user, and a pass of another epoch, count for nothing", async () => {
  const at = { epoch: 1, revision: 6 };
  for (const revoked of [[{ id: "a1", at }], [{ id: "ana", at }]]) {
    const rw = kept(await edge(undefined, { revoked, at }));
    assert.equal(rw.can(await rw.open(await signer.pass(passOf())), "reports.run"), false);
    assert.equal(rw.can(await rw.open(await signer.pass(passOf("ana", { at }))), "reports.run"), true, "made afterwards");
  }
  const restored = kept(await edge(undefined, { at: { epoch: 2, revision: 1 } }));
  const ana = await restored.open(await signer.pass(passOf()));
  assert.equal(restored.can(ana, "reports.run"), false);
  assert.equal(restored.decide({ subject: ana, permission: "reports.run" }).reason, "inactive_subject");
});

test("a subject whose place was given away is opened again", async () => {
  const rw = kept(await load(await signer.snapshot(snapshot()), { keys: signer.keys, now: () => NOW }));
  const ana = await rw.open(await signer.pass(passOf()));
  for (let other = 0; other < 10_050; other++) rw.subject("ben");
  assert.equal(rw.decide({ subject: ana, permission: "reports.run" }).allowed, true);
  assert.equal(rw.can(ana, "reports.run"), true);
  assert.equal(rw.can("ben", "reports.run"), false);
});

test("of a time after a pass has ended it says nothing", async () => {
  const rw = kept(await edge());
  const ana = await rw.open(await signer.pass(passOf()));
  const ask = (at) => rw.decide({ subject: ana, permission: "reports.run", at });
  assert.deepEqual([ask(NOW + 14 * MINUTE).allowed, ask(NOW + 15 * MINUTE), ask(NOW - MINUTE).allowed], [true, { allowed: false, level: "", ui: "hidden", reason: "pass_expired" }, true]);
  assert.equal(rw.check({ subject: ana, operation: "tasks.start", at: new Date(NOW + 20 * MINUTE) }).reason, "pass_expired");
});
