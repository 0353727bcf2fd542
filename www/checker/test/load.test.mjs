import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { RolewrightError, load } from "rolewright";
import { NOW, Signer, disposeAll, kept, passOf, snapshot, MINUTE } from "./fixtures.mjs";

const signer = await Signer.create();
const now = () => NOW;
const open = (document = snapshot(), options = {}) =>
  signer.snapshot(document).then((bytes) => load(bytes, { keys: signer.keys, now, ...options }));
afterEach(disposeAll);
const fails = (code) => (error) => {
  assert.ok(error instanceof RolewrightError, String(error));
  assert.equal(error.code, code, error.message);
  return true;
};

test("answers by id from a full snapshot", async () => {
  const rw = kept(await open());
  assert.equal(rw.kind, "full");
  assert.equal(rw.tenant, "acme");
  assert.equal(rw.can("ana", "reports.run"), true);
  assert.equal(rw.can("ben", "reports.run"), false);
  assert.equal(rw.can("ben", "tasks.run"), false);
  assert.equal(rw.can("ben", "tasks.run", "servers/prod/tasks/nightly"), true);
  assert.equal(rw.can("ben", "tasks.run", "servers/production/tasks/nightly"), false);
  assert.equal(rw.level("ana", "reports.edit"), "read_only");
  assert.equal(rw.ui("ana", "reports.edit"), "read_only");
  assert.equal(rw.ui("ana", "reports.run"), "enabled");
  assert.deepEqual(rw.decide({ subject: "ana", permission: "reports.edit" }), {
    allowed: false,
    level: "read_only",
    ui: "read_only",
    reason: "level_too_low",
  });
  assert.equal(rw.decide({ subject: "ana", permission: "reports.edit", asked: "read_only" }).allowed, true);
  const started = rw.check({ subject: "ben", operation: "tasks.start", resources: { task: "servers/prod/tasks/t" } });
  assert.equal(started.allowed, true);
  assert.equal(started.alternatives[0].legs[0].permission, "tasks.run");
  assert.deepEqual(rw.permissions("ana").map(({ permission }) => permission), ["reports.run", "reports.edit"]);
  assert.deepEqual(rw.held("ana").map(({ role }) => role), ["runner", "user"]);
});

test("whatever is not known is a no", async () => {
  const rw = kept(await open());
  const other = kept(await open());
  const pass = await signer.pass(passOf());
  for (const subject of ["zed", "", "cem", pass, undefined, null, 7, {}, [], other.subject("ana"), { id: "ana" }]) {
    assert.equal(rw.can(subject, "reports.run"), false);
  }
  for (const permission of ["reports.fly", "", "__proto__", "constructor", undefined, null, {}]) {
    assert.equal(rw.can("ana", permission), false);
    assert.equal(rw.level("ana", permission), "");
    assert.equal(rw.ui("ana", permission), "hidden");
  }
  for (const resource of ["", "/servers", "servers//a", "servers/../a", "nowhere/x", "servers/a%2Fb", null, 7, {}]) {
    assert.equal(rw.can("ana", "reports.run", resource), false, String(resource));
  }
  assert.equal(rw.level("zed", "reports.run"), "");
  assert.equal(rw.ui("zed", "reports.run"), "hidden");
  assert.equal(rw.decide({ subject: "zed", permission: "reports.run" }).reason, "unknown_subject");
  assert.equal(rw.decide({ subject: "cem", permission: "reports.run" }).reason, "inactive_subject");
  assert.equal(rw.check({ subject: "ben", operation: "tasks.stop" }).reason, "unknown_operation");
  assert.equal(rw.check({ subject: "ben", operation: "tasks.start", resources: { task: 7 } }).allowed, false);
  for (const asked of ["fly", "", 1, true, {}, ["allowed"], new String("allowed")]) {
    const { allowed, reason } = rw.decide({ subject: "ana", permission: "reports.run", asked });
    assert.deepEqual({ allowed, reason }, { allowed: false, reason: "unknown_level" }, String(asked));
  }
});

test("what throws while it is read is the caller's mistake, and the checker goes on", async () => {
  const rw = kept(await open());
  const start = (resources) => rw.check({ subject: "ben", operation: "tasks.start", resources });
  const throwing = {
    get task() {
      throw new Error("not now");
    },
  };
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  for (const resources of [throwing, revoked.proxy]) assert.throws(() => start(resources), fails("misuse"));
  assert.equal(start({ task: "servers/prod/tasks/t" }).allowed, true);
  assert.equal(rw.can("ana", "reports.run"), true);
  assert.equal(rw.can("ben", "tasks.run", "servers/prod/tasks/nightly"), true);
});

test("conditions read what a question says; what cannot be read is an error", async () => {
  const document = snapshot();
  const [reports, tasks] = document.catalogue.modules;
  const equal = (...operands) => ({ eq: operands });
  const owned = equal({ attribute: "resource.owner" }, { attribute: "subject.id" });
  reports.permissions[0].levels = { allowed: { condition: owned } };
  tasks.permissions[0].levels = { allowed: { condition: owned } };
  document.catalogue.operations[0].alternatives[0].needs.push({
    permission: "tasks.design",
    unless: equal({ attribute: "action.dry" }, true),
  });
  const rw = kept(await open(document));
  const run = (attributes) => rw.decide({ subject: "ana", permission: "reports.run", attributes });
  assert.deepEqual(run({ resource: { owner: "ana" } }), { allowed: true, level: "allowed", ui: "enabled" });
  assert.deepEqual(run(), { allowed: false, level: "none", ui: "hidden", reason: "condition_false" });
  assert.equal(run({ resource: { owner: "ben" } }).allowed, false);
  assert.equal(rw.can("ana", "reports.run"), false);
  const start = (attributes) =>
    rw.check({ subject: "ben", operation: "tasks.start", resources: { task: "servers/prod/tasks/t" }, attributes });
  const mine = { task: { owner: "ben" } };
  assert.deepEqual(start({ resources: mine, action: { dry: true } }).alternatives[0].legs.map(({ dropped }) => dropped), [undefined, true]);
  assert.equal(start({ resources: mine, action: { dry: true } }).allowed, true);
  assert.equal(start({ resources: mine }).allowed, false);
  assert.equal(start({ resource: { owner: "ben" }, action: { dry: true } }).allowed, false);
  for (const bad of [null, 7, [], { subject: { id: "ana" } }, { resource: { owner: {} } }, { resource: { owner: [null] } }, { context: { hour: NaN } }]) {
    assert.throws(() => run(bad), fails("malformed"), JSON.stringify(bad));
  }
  for (const nothing of [null, undefined]) {
    assert.equal(run({ resource: { owner: "ana", at: nothing }, action: nothing, context: { hour: nothing } }).allowed, true, String(nothing));
    assert.equal(run({ resource: { owner: nothing } }).reason, "condition_false", String(nothing));
  }
  const cycle = {};
  cycle.cycle = cycle;
  assert.throws(() => start({ context: cycle }), fails("misuse"));
  assert.equal(rw.can("ana", "reports.edit"), false);
});

test("what a question says arrives as it was said", async () => {
  const document = snapshot();
  const texts = ["", " ", "a\"b\\c/d", "tab\tline\nfeed\r\b\f\u0001\u007f", "\u00e9\u4e2d\u{1f600}", "{}[],:", "true", "null", "1", "__proto__"];
  const numbers = [0, 1, -1, 0.1, -2.5, 1e21, 1e-7, 123456789012345, Number.MAX_VALUE];
  const [reports] = document.catalogue.modules;
  const owner = { attribute: "resource.owner" };
  const among = { in: [owner, [...texts, ...numbers, true]] };
  reports.permissions[0].levels = { allowed: { condition: { any: [among, { in: ["b", { attribute: "resource.tags" }] }] } } };
  const rw = kept(await open(document));
  const run = (attributes) => rw.decide({ subject: "ana", permission: "reports.run", attributes }).allowed;
  const nested = (depth) => (depth === 0 ? "x" : [nested(depth - 1)]);
  for (const owner of [...texts, ...numbers, true]) {
    assert.equal(run({ resource: { owner } }), true, JSON.stringify(owner));
    assert.equal(run({ resource: { before: ["b", 1, false], owner, after: "x" } }), true, JSON.stringify(owner));
    assert.equal(run({ resource: { [String(owner)]: "x", owner } }), true, JSON.stringify(owner));
  }
  for (const owner of ["A", "a", "a\"b\\\\c/d", "tab", "\u00e8", "\ud800", 2, 0.2, 1e20, false, []]) {
    assert.equal(run({ resource: { owner } }), false, JSON.stringify(owner));
  }
  assert.deepEqual([["a", "b"], ["a", "c"], []].map((tags) => run({ resource: { tags } })), [true, false, false]);
  for (const bad of [() => "x", nested(3), { resource: nested(200) }, { resource: { owner: nested(200), tags: ["b"] } }, { resource: { owner: {} , tags: ["b"] } }]) {
    assert.throws(() => run(bad), fails("malformed"), String(bad));
  }
  assert.equal(run({ resource: { tags: ["b"] } }), true);
});

test("windows open and close without a new snapshot, and while the clock goes back", async () => {
  const document = snapshot();
  Object.assign(document.assignments[0], { from: NOW + MINUTE, until: NOW + 2 * MINUTE });
  let clock = NOW;
  const rw = kept(await open(document, { now: () => clock }));
  for (const [minute, expected] of [[0, false], [1, true], [1.9, true], [2, false], [1, true], [0, false]]) {
    clock = NOW + minute * MINUTE;
    assert.equal(rw.can("ana", "reports.run"), expected, `minute ${minute}`);
  }
});

test("the end of one window is the end of what it gives alone", async () => {
  const document = snapshot();
  const [link] = document.assignments;
  const others = ["bea", "cid"].map((user, at) => ({ ...link, id: user, principal: { user }, until: NOW + (at + 1) * MINUTE }));
  document.users.push({ id: "bea", status: "active" }, { id: "cid", status: "active" });
  document.assignments.push(...others);
  let clock = NOW;
  const rw = kept(await open(document, { now: () => clock }));
  for (const [minute, expected] of [[0, "ana bea cid"], [1, "ana cid"], [1.5, "ana cid"], [2, "ana"], [0, "ana bea cid"]]) {
    clock = NOW + minute * MINUTE;
    const may = ["ana", "bea", "cid"].filter((user) => rw.can(user, "reports.run"));
    assert.equal(may.join(" "), expected, `minute ${minute}`);
  }
});

test("answers of one turn share a reading of the host's clock: 64 at most, and none of the next turn", async (context) => {
  let clock = NOW;
  context.mock.method(Date, "now", () => clock);
  const document = snapshot();
  Object.assign(document.assignments[0], { until: NOW + MINUTE });
  const rw = kept(await open(document, { now: undefined }));
  const yes = () => rw.can("ana", "reports.run");
  assert.equal(yes(), true);
  clock = NOW + MINUTE;
  assert.equal(yes(), true, "time stands still");
  await undefined;
  assert.equal(yes(), false, "a turn later it does not");
  clock = NOW;
  await undefined;
  assert.equal(yes(), true, "nor while it goes back");
  clock = NOW + MINUTE;
  let answers = 0;
  while (yes()) assert.ok(++answers < 64);
});

test("can says at every text what decide says", async () => {
  const document = snapshot();
  const made = { epoch: 1, revision: 1 };
  const at = (scope, role) => ({ id: `b${scope.replaceAll("/", "-")}`, principal: { user: "ben" }, role, scope, made });
  document.assignments.push(at("servers/prod/tasks/t", "runner"), at("servers/\u00e9t\u00e9", "operator"), at("servers/p", "runner"));
  const rw = kept(await open(document));
  const long = "x".repeat(600);
  const texts = ["/", "", "servers", "servers/", "/servers", "servers/prod", "servers/prod/", "servers/prod/tasks", "servers/prod/tasks/t", "servers/prod/tasks/t2",
    "servers/prod/tasks/t/x", "servers/p", "servers/p/tasks/t", "servers/pr/tasks/t", "servers/prod/task/t", "servers/../tasks/t", "servers/.../tasks/t",
    "servers/\u00e9t\u00e9", "servers/\u00e9t\u00e9/tasks/t", "servers/\u00e9/tasks/t", "servers/a b", "servers/prod/tasks/a%2Fb", "servers/prod/tasks/\u0000", "servers/prod/tasks/\ud800",
    `servers/prod/tasks/${long}`, `servers/prod/tasks/${long}${long}`, `servers/${long}`, "toString", "__proto__"];
  for (const subject of ["ana", "ben", "cem", rw.subject("ben")]) {
    for (const resource of texts) {
      for (const permission of ["reports.run", "reports.edit", "tasks.run", "tasks.design"]) {
        const { allowed, level } = rw.decide({ subject, permission, resource });
        assert.equal(rw.can(subject, permission, resource), allowed, `${subject} ${permission} ${resource}`);
        if (rw.can(subject, permission, resource)) assert.equal(rw.level(subject, permission, resource), level);
      }
    }
  }
});

test("a session begun before a link does not see it where links wait", async () => {
  const document = snapshot("full", { settings: { new_links: "next_login" } });
  document.assignments[0].made = { epoch: 1, revision: 4 };
  const rw = kept(await open(document));
  assert.equal(rw.can(rw.subject("ana", { epoch: 1, revision: 3 }), "reports.run"), false);
  assert.equal(rw.can(rw.subject("ana", { epoch: 1, revision: 4 }), "reports.run"), true);
  assert.equal(rw.can("ana", "reports.run"), true);
  // As the server says it of a change, and as a number.
  for (const before of ["1.3", 3, { epoch: "1", revision: "3" }, { epoch: 1, revision: 1e20 }, "0.99999999999999999999"]) {
    assert.equal(rw.can(rw.subject("ana", before), "reports.run"), false, String(before));
  }
  assert.deepEqual([rw.can(rw.subject("ana", "1.4"), "reports.run"), rw.can(rw.subject("ana", 4), "reports.run")], [true, true]);
  for (const odd of [Infinity, NaN, -1, 1e300, 0.5]) assert.throws(() => rw.subject("ana", { epoch: odd, revision: odd }), fails("misuse"), String(odd));
  for (const none of [null, "", "3", "soon", {}, { revision: 3 }, { epoch: 1 }, [1, 3], NaN, -1, true]) {
    assert.throws(() => rw.subject("ana", none), fails("misuse"), JSON.stringify(none));
    await assert.rejects(rw.atLeast(none), fails("misuse"), JSON.stringify(none));
  }
  assert.equal(rw.subject("zed"), undefined);
});

test("a time that is none is refused, not answered for another time", async () => {
  const document = snapshot();
  document.assignments[0].until = NOW - 1;
  const rw = kept(await open(document));
  const ask = (at) => rw.decide({ subject: "ana", permission: "reports.run", at }).allowed;
  assert.deepEqual([ask(NOW - 2), ask(new Date(NOW - 2)), ask(NOW), ask(undefined)], [true, true, false, false]);
  for (const at of [NaN, Infinity, -Infinity, new Date(NaN), "", new Date(NOW).toISOString()]) {
    assert.throws(() => ask(at), fails("misuse"), String(at));
    assert.throws(() => rw.check({ subject: "ana", operation: "tasks.start", at }), fails("misuse"), String(at));
  }
});

test("more resources than are remembered are answered all the same", async () => {
  const rw = kept(await open());
  for (let round = 0; round < 2; round++) {
    for (let task = 0; task < 300; task++) assert.equal(rw.can("ben", "tasks.run", `servers/prod/tasks/t${task}`), true);
  }
});

test("a tampered snapshot is refused", async () => {
  const bytes = await signer.snapshot(snapshot());
  for (const at of [bytes.length - 1, bytes.length >> 1, bytes.indexOf(10) + 1]) {
    const changed = bytes.slice();
    changed[at] ^= 1;
    await assert.rejects(load(changed, { keys: signer.keys, now }), fails("bad_signature"));
  }
});

test("a truncated snapshot is refused", async () => {
  const bytes = await signer.snapshot(snapshot());
  await assert.rejects(load(bytes.slice(0, -1), { keys: signer.keys, now }), fails("bad_signature"));
  await assert.rejects(load(bytes.slice(0, 40), { keys: signer.keys, now }), fails("malformed"));
  await assert.rejects(load(new Uint8Array(), { keys: signer.keys, now }), fails("malformed"));
});

test("a snapshot by another key is refused", async () => {
  const other = await Signer.create();
  const bytes = await signer.snapshot(snapshot());
  await assert.rejects(load(bytes, { keys: other.keys, now }), fails("bad_signature"));
  await assert.rejects(load(bytes, { keys: (await Signer.create("k2")).keys, now }), fails("unknown_key"));
  await assert.rejects(load(bytes, { keys: { keys: [] }, now }), fails("malformed"));
});

test("a header that says something else is refused", async () => {
  for (const header of [{ alg: "none" }, { alg: "HS256" }, { typ: "rolewright-stamp" }, { b64: true }, { crit: ["b64", "x"] }]) {
    const bytes = await signer.snapshot(snapshot(), header);
    await assert.rejects(load(bytes, { keys: signer.keys, now }), fails("malformed"), JSON.stringify(header));
  }
});

test("signed bytes that are not a snapshot are refused", async () => {
  for (const [bytes, why] of [
    ["{", /another version/],
    [JSON.stringify(snapshot()), /another version/],
    ["RWS\u0002", /another version/],
    ["RWS\u0001", /shape/],
  ]) {
    await assert.rejects(open(bytes), (error) => fails("malformed")(error) && why.test(error.message), bytes);
  }
  await assert.rejects(load("x", { keys: signer.keys, now }), fails("malformed"));
});

test("a snapshot of another tenant is refused where one is expected", async () => {
  await assert.rejects(open(snapshot(), { tenant: "other" }), fails("wrong_tenant"));
});

test("a stamp bounds how long the answers are good", async () => {
  const document = snapshot();
  let clock = NOW;
  const stamp = await signer.stamp(document);
  const rw = kept(await open(document, { stamp, now: () => clock }));
  assert.equal(rw.can("ana", "reports.run"), true);
  clock += 5 * MINUTE;
  assert.equal(rw.can("ana", "reports.run"), false);
  assert.equal(rw.ui("ana", "reports.run"), "hidden");
  assert.equal(rw.decide({ subject: "ana", permission: "reports.run" }).reason, "stale");
  assert.deepEqual(rw.check({ subject: "ben", operation: "tasks.start" }), { allowed: false, reason: "stale", alternatives: [] });
  assert.deepEqual(rw.permissions("ana"), []);
  assert.equal(rw.freshness.stale, true);
  await assert.rejects(rw.fresh(), (error) => fails("stale")(error) && error.since === NOW + 5 * MINUTE);
});

test("a stamp of something else is refused", async () => {
  const document = snapshot();
  for (const [claims, code] of [
    [{ tenant: "other" }, "wrong_tenant"],
    [{ kind: "policy" }, "wrong_kind"],
    [{ content: "0".repeat(64) }, "wrong_content"],
    [{ at: { epoch: 1, revision: 4 } }, "older"],
    [{ issued: NOW + 10 * MINUTE }, "not_yet_valid"],
    [{ expires: NOW }, "expired"],
    [{ expires: "soon" }, "malformed"],
    [{ at: { epoch: 1 } }, "malformed"],
  ]) {
    await assert.rejects(open(document, { stamp: await signer.stamp(document, claims) }), fails(code), JSON.stringify(claims));
  }
  const forged = await (await Signer.create()).stamp(document);
  await assert.rejects(open(document, { stamp: forged }), fails("bad_signature"));
});

test("after disposal every answer is no", async () => {
  const rw = await open();
  const ana = rw.subject("ana");
  assert.equal(rw.can(ana, "reports.run"), true);
  rw.dispose();
  rw.dispose();
  assert.equal(rw.can(ana, "reports.run"), false);
  assert.equal(rw.can("ana", "reports.run"), false);
  assert.equal(rw.subject("ana"), undefined);
  assert.throws(() => rw.decide({ subject: ana, permission: "reports.run" }), fails("disposed"));
  await assert.rejects(rw.open(await signer.pass(passOf())), fails("disposed"));
});

test("what is said of a request is little: more is refused at once", async () => {
  const rw = kept(await open());
  const named = (count) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`a${(at * 7919) % count}`, at]));
  const ask = (attributes) => rw.decide({ subject: "ana", permission: "reports.run", attributes }).allowed;
  const check = (attributes) => rw.check({ subject: "ana", operation: "tasks.start", attributes }).allowed;
  const evaluate = (attributes) => rw.evaluate({ subject: "ana", action: "reports.run", resource: { type: "tenant", id: "acme" }, attributes }).allowed;
  for (const of of ["resource", "action", "context"]) assert.equal(ask({ [of]: named(256) }), true, of);
  for (const asks of [ask, check, evaluate]) {
    const said = named(257);
    for (const of of ["resource", "action", "context"]) assert.throws(() => asks({ [of]: said }), fails("malformed"), of);
    assert.throws(() => asks({ resources: { task: said } }), fails("malformed"));
    assert.throws(() => asks({ resources: Object.fromEntries(Object.keys(said).map((name) => [name, {}])) }), fails("malformed"));
    assert.throws(() => asks({ context: { text: "x".repeat(2 ** 20) } }), fails("malformed"));
  }
  assert.throws(() => ask({ context: named(257) }), /`context` is not an object of at most 256 names/);
  const many = named(60_000);
  const begun = performance.now();
  assert.throws(() => ask({ context: many }), fails("malformed"));
  assert.ok(performance.now() - begun < 10_000, "it costs no square of their number");
});

test("attributes are plain objects: what JSON finds nothing in is refused by its name, not taken for no attributes", async () => {
  const rw = kept(await open());
  for (const [what, none] of [
    ["Map", new Map([["region", "eu"]])],
    ["Set", new Set(["region"])],
    ["Promise", Promise.resolve({ region: "eu" })],
    ["Headers", new Headers({ region: "eu" })],
    ["URLSearchParams", new URLSearchParams("region=eu")],
    ["Symbol", Symbol("eu")],
  ]) {
    for (const attributes of [none, { context: none }, { context: { region: none } }, { resources: { task: none } }]) {
      for (const ask of [
        () => rw.decide({ subject: "ana", permission: "reports.run", attributes }),
        () => rw.check({ subject: "ana", operation: "tasks.start", attributes }),
        () => rw.evaluate({ subject: "ana", action: "reports.run", resource: { type: "tenant", id: "acme" }, attributes }),
      ]) {
        assert.throws(ask, (error) => fails("misuse")(error) && error.message === `what is said is a ${what}`, what);
      }
    }
  }
});

test("a snapshot is loaded with what there is: what is misspelt is not passed over", async () => {
  const bytes = await signer.snapshot(snapshot());
  await assert.rejects(load(bytes, { keys: signer.keys, tenat: "other" }), (error) => fails("misuse")(error) && error.message === "there is no `tenat`");
});

test("a question says what there is, by its name: what is misspelt is no other question", async () => {
  const rw = kept(await open());
  const resource = { type: "tenant", id: "acme" };
  for (const [name, ask] of [
    ["level", () => rw.decide({ subject: "ana", permission: "reports.edit", level: "yes" })],
    ["askd", () => rw.decide({ subject: "ana", permission: "reports.edit", askd: undefined })],
    ["resource", () => rw.check({ subject: "ana", operation: "tasks.start", resource: "servers/prod/tasks/t" })],
    ["context", () => rw.evaluate({ subject: "ana", action: "reports.run", resource, context: {} })],
  ]) {
    assert.throws(ask, (error) => fails("misuse")(error) && error.message === `there is no \`${name}\``, name);
  }
});

test("a call that is none is refused or answered no, and ends nothing", async () => {
  const rw = kept(await open());
  for (const none of [undefined, null, {}, 5]) {
    assert.equal(rw.decide(none).allowed, false);
    assert.equal(rw.check(none).allowed, false);
    assert.equal(rw.evaluate(none).allowed, false);
    await assert.rejects(load(new Uint8Array(), none), fails("malformed"));
    assert.throws(() => rw.subscribe(none), fails("misuse"));
  }
  for (const none of [null, 5, {}]) assert.deepEqual([rw.permissions("ana", none), rw.held("ana", none)], [[], []]);
  for (const at of [Object.create(null), {}, []]) assert.throws(() => rw.decide({ subject: "ana", permission: "reports.run", at }), fails("misuse"));
  // What every object has inherited is said by nobody.
  Object.defineProperty(Object.prototype, "asked", { value: "no", configurable: true });
  try {
    assert.equal(rw.decide({ subject: "ben", permission: "reports.edit" }).allowed, false);
  } finally {
    delete Object.prototype.asked;
  }
});
