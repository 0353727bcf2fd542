import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { RolewrightError, connect } from "rolewright";
import { NOW, Signer, disposeAll, kept, passOf, snapshot, MINUTE } from "./fixtures.mjs";
import { FakeServer } from "./server.mjs";

const signer = await Signer.create();
const serve = (kind = "policy", more) => new FakeServer(signer, snapshot(kind, more));
afterEach(disposeAll);
const fails = (code) => (error) => {
  assert.ok(error instanceof RolewrightError, String(error));
  assert.equal(error.code, code, error.message);
  return true;
};
const revision = (epoch, revision) => ({ epoch, revision });

test("asks for keys and the snapshot, with the key", async () => {
  const server = serve();
  const rw = kept(await connect(server.options()));
  assert.deepEqual(
    server.requests.map(({ path, kind }) => [path, kind]),
    [["/api/v1/tenants/acme/snapshot", "policy"], ["/.well-known/jwks.json", null]],
  );
  assert.equal(server.requests[0].headers.authorization, "Bearer rw_key");
  assert.equal(server.requests[1].headers.authorization, undefined, "the key goes where it is needed");
  const { at, confirmed, expires, stale, error } = rw.freshness;
  assert.deepEqual([at, confirmed, expires, stale, error], [revision(1, 5), NOW, NOW + 5 * MINUTE, false, undefined]);
});

test("a subject snapshot knows whose it is", async () => {
  const document = snapshot("full");
  const server = new FakeServer(signer, { ...document, kind: "subject", users: document.users.slice(0, 1), assignments: document.assignments.slice(0, 1) });
  const rw = kept(await connect(server.options({ key: undefined, kind: undefined, pass: "token" })));
  assert.equal(server.requests[0].kind, "subject");
  assert.equal(rw.self.id, "ana");
  assert.equal(rw.can(rw.self, "reports.run"), true);
  server.failure = 401;
  server.now += MINUTE;
  await assert.rejects(rw.fresh(), fails("stale"));
  assert.equal(rw.can(rw.self ?? "ana", "reports.run"), false, "a session that ended holds nothing");
});

test("within max_stale nothing is asked; beyond it the server is, before the answer", async () => {
  const server = serve();
  const rw = kept(await connect(server.options({ maxStale: 500 })));
  const pass = await signer.pass(passOf());
  const ana = await rw.open(pass);
  server.now += 499;
  await rw.open(pass);
  assert.equal(server.asked, 1);
  server.now += 1;
  await rw.open(pass);
  assert.equal(server.asked, 2);
  assert.match(server.requests.at(-1).headers["if-none-match"], /^"[0-9a-f]{64}"$/);
  assert.equal(rw.freshness.expires, server.now + 5 * MINUTE, "a 304 brings a new stamp");

  server.document = snapshot("policy", { at: revision(1, 6), revoked: [{ id: "a1", at: revision(1, 6) }] });
  assert.equal(rw.can(ana, "reports.run"), true);
  server.now += 500;
  assert.equal(rw.can(await rw.open(pass), "reports.run"), false, "what was taken away counts at once");
  assert.equal(rw.can(ana, "reports.run"), false, "for handles that are held too");
});

test("an edited role is seen by handles that are held, whatever their permissions are numbered", async () => {
  const server = serve("full");
  const rw = kept(await connect(server.options({ maxStale: 0 })));
  assert.equal(rw.can("ana", "reports.run"), true);
  const document = snapshot("full", { at: revision(1, 6) });
  document.catalogue.modules.reverse();
  document.roles[2].grants = { "reports.edit": "yes" };
  server.document = document;
  await rw.fresh();
  assert.equal(rw.can("ana", "reports.run"), false);
  assert.equal(rw.can("ana", "reports.edit"), true);
  assert.equal(rw.can("ben", "tasks.run", "servers/prod"), true);
});

test("a stamp may confirm the same content for a later revision", async () => {
  const server = serve();
  const rw = kept(await connect(server.options({ maxStale: 0 })));
  server.claims = { at: revision(1, 9) };
  await rw.fresh();
  assert.deepEqual(rw.freshness.at, revision(1, 9));
  await rw.atLeast(9);
});

test("never goes back, unless to a newer epoch", async () => {
  const server = serve("full");
  const rw = kept(await connect(server.options({ maxStale: 0 })));
  const next = (at) => {
    server.now += 2_000;
    server.document = snapshot("full", { at, assignments: [] });
    return rw.fresh();
  };
  await next(revision(1, 4));
  assert.equal(rw.freshness.error.code, "rewound");
  assert.equal(rw.can("ana", "reports.run"), true, "an older revision is not taken");
  await next(revision(2, 1));
  assert.equal(rw.freshness.error, undefined);
  assert.equal(rw.can("ana", "reports.run"), false, "a newer epoch is");
  await next(revision(1, 99));
  assert.equal(rw.freshness.error.code, "rewound");
  assert.deepEqual(rw.freshness.at, revision(2, 1));
});

test("what the server answers is verified each time", async () => {
  const other = await Signer.create();
  for (const [spoil, code] of [
    [(server) => (server.signer = other), "bad_signature"],
    [(server) => (server.claims = { tenant: "other" }), "wrong_tenant"],
    [(server) => (server.claims = { kind: "full" }), "wrong_kind"],
    [(server) => (server.claims = { content: "0".repeat(64) }), "wrong_content"],
    [(server) => (server.claims = { expires: NOW - 1 }), "expired"],
    [(server) => (server.document = snapshot("policy", { tenant: "other" })), "wrong_tenant"],
    [(server) => (server.body = async () => (await signer.snapshot(server.document)).slice(0, -1)), "bad_signature"],
    [(server) => (server.failure = 500), "unreachable"],
    [(server) => (server.failure = 403), "unauthorized"],
    [(server) => (server.failure = new TypeError("refused")), "unreachable"],
  ]) {
    const first = serve();
    const options = first.options({ keys: signer.keys });
    spoil(first);
    await assert.rejects(connect(options), fails(code));

    const server = serve("policy");
    const rw = kept(await connect(server.options({ keys: signer.keys, maxStale: 100 })));
    const ana = await rw.open(await signer.pass(passOf()));
    server.document = snapshot("policy", { at: revision(1, 6), revoked: [{ id: "a1", at: revision(1, 6) }] });
    spoil(server);
    server.now += 100;
    await rw.fresh();
    assert.equal(rw.freshness.error.code, code);
    assert.equal(rw.can(ana, "reports.run"), true, `${code}: the last state goes on`);
  }
});

test("clocks may differ by a minute, and what differs by more says so", async () => {
  const ahead = async (by) => {
    const server = serve();
    const options = server.options({ now: () => NOW });
    server.now = NOW + by;
    return { server, rw: kept(await connect(options)) };
  };
  const { rw } = await ahead(MINUTE);
  assert.equal(rw.can(await rw.open(await signer.pass(passOf())), "reports.run"), true);
  await assert.rejects(ahead(MINUTE + 1), fails("not_yet_valid"));
  // Of a server whose clock is behind the stamp is good for less, and at last for nothing.
  const behind = (await ahead(-4 * MINUTE)).rw;
  assert.equal(behind.freshness.expires, NOW + MINUTE);
  await assert.rejects(ahead(-5 * MINUTE), fails("expired"));
});

test("a clock that goes back has the server asked, and nothing is good for longer by it", async () => {
  const server = serve();
  const rw = kept(await connect(server.options({ maxStale: 500 })));
  server.now -= 30_000;
  await rw.fresh();
  assert.equal(server.asked, 2);
  assert.equal(rw.freshness.expires, NOW - 30_000 + 5 * MINUTE, "the answer that was asked for last is the one that counts");
});

test("a proxy that answers what it kept takes nothing back and makes nothing good for longer", async () => {
  const server = serve();
  const answers = [];
  let replayed;
  const proxy = async (...asked) => {
    if (replayed !== undefined) return replayed.clone();
    const response = await server.fetch(...asked);
    answers.push(response.clone());
    return response;
  };
  const rw = kept(await connect(server.options({ fetch: proxy, keys: signer.keys, maxStale: 500 })));
  const ana = await rw.open(await signer.pass(passOf()));
  server.now += MINUTE;
  await rw.fresh();
  const [first, unchanged] = answers;
  assert.deepEqual([first.status, unchanged.status], [200, 304]);
  const { expires } = rw.freshness;
  for (const kept of [first, unchanged]) {
    server.now += MINUTE;
    replayed = kept;
    await rw.fresh();
    assert.equal(rw.freshness.expires, expires, "what was kept says no more than when it was said");
  }
  replayed = undefined;
  server.document = snapshot("policy", { at: revision(1, 6), revoked: [{ id: "a1", at: revision(1, 6) }] });
  server.now += MINUTE;
  await rw.fresh();
  assert.equal(rw.can(ana, "reports.run"), false);
  for (const kept of [first, unchanged]) {
    server.now += MINUTE;
    replayed = kept;
    await rw.fresh();
    assert.ok(["older", "expired", "wrong_content"].includes(rw.freshness.error?.code), rw.freshness.error?.code);
    assert.equal(rw.can(ana, "reports.run"), false, "what was taken away stays so");
  }
});

test("a snapshot of another tenant, stamp and all, is refused", async () => {
  const server = serve("policy", { tenant: "other" });
  await assert.rejects(connect(server.options({ tenant: "acme" })), fails("wrong_tenant"));
});

test("out of reach, the last state answers until its stamp expires, and then nothing does", async () => {
  const server = serve();
  const rw = kept(await connect(server.options({ maxStale: 500 })));
  const pass = await signer.pass(passOf());
  const ana = await rw.open(pass);
  server.failure = new TypeError("connection refused");
  server.now = NOW + 5 * MINUTE - 1;
  assert.equal(rw.can(await rw.open(pass), "reports.run"), true);
  server.now = NOW + 5 * MINUTE;
  assert.equal(rw.can(ana, "reports.run"), false);
  assert.equal(rw.decide({ subject: ana, permission: "reports.run" }).reason, "stale");
  await assert.rejects(rw.open(pass), (error) => fails("stale")(error) && error.since === NOW + 5 * MINUTE);
  server.failure = undefined;
  server.now += 1_000;
  assert.equal(rw.can(await rw.open(pass), "reports.run"), true, "back in reach");
});

test("a server that fails is not asked with every question", async () => {
  const server = serve();
  const rw = kept(await connect(server.options({ maxStale: 500 })));
  server.failure = 503;
  server.now += 1_000;
  for (let turn = 0; turn < 5; turn++) await rw.fresh();
  assert.equal(server.asked, 2);
  server.now += 500;
  await rw.fresh();
  assert.equal(server.asked, 3);
});

test("many who ask at once share one request", async () => {
  const server = serve();
  const rw = kept(await connect(server.options({ maxStale: 500 })));
  server.now += 1_000;
  await Promise.all(Array.from({ length: 20 }, () => rw.fresh()));
  assert.equal(server.asked, 2);
});

test("a pass made at a newer revision brings that revision first", async () => {
  const server = serve();
  const rw = kept(await connect(server.options()));
  server.document = snapshot("policy", { at: revision(1, 6), roles: snapshot().roles.map((role) => (role.id === "operator" ? { ...role, grants: { "tasks.design": "allowed" } } : role)) });
  const pass = passOf("ben", { at: revision(1, 6), holdings: [{ role: "operator", scope: "/", links: [0] }] });
  const ben = await rw.open(await signer.pass(pass));
  assert.equal(server.asked, 2);
  assert.equal(rw.can(ben, "tasks.design"), true);
});

test("pinned keys stay what they are", async () => {
  const server = serve();
  const rw = kept(await connect(server.options({ keys: signer.keys })));
  server.now += MINUTE;
  await assert.rejects(rw.open(await (await Signer.create("k2")).pass(passOf())), fails("unknown_key"));
  assert.ok(!server.requests.some(({ path }) => path.endsWith("jwks.json")));
});

test("waits for a revision, and not for ever", async () => {
  const server = serve("full");
  const { now: _, ...options } = server.options({ maxStale: 1 });
  server.claims = { issued: Date.now(), expires: Date.now() + MINUTE };
  const rw = kept(await connect(options));
  await assert.rejects(rw.atLeast(6, { timeout: 250 }), fails("timeout"));
  setTimeout(() => (server.document = snapshot("full", { at: revision(1, 6) })), 50);
  await rw.atLeast(6);
  assert.deepEqual(rw.freshness.at, revision(1, 6));
});

test("follows in the background, and stops when disposed of", async () => {
  const server = serve("full");
  const { now: _, ...options } = server.options({ maxStale: 100 });
  server.claims = { issued: Date.now(), expires: Date.now() + MINUTE };
  const rw = await connect(options);
  server.document = snapshot("full", { at: revision(1, 6), assignments: [] });
  const end = Date.now() + 2_000;
  while (rw.can("ana", "reports.run") && Date.now() < end) await new Promise((resume) => setTimeout(resume, 20));
  assert.equal(rw.can("ana", "reports.run"), false);
  rw.dispose();
  await new Promise((resume) => setTimeout(resume, 150));
  const { asked } = server;
  await new Promise((resume) => setTimeout(resume, 250));
  assert.equal(server.asked, asked);
});

test("a store keeps the last state beyond the process, and what it held is not undone", async () => {
  let stored;
  const store = { get: async () => stored, put: async (state) => void (stored = state) };
  const server = serve("full");
  const options = server.options({ keys: signer.keys, store });
  (await connect(options)).dispose();
  assert.ok(stored.snapshot.length > 0);

  server.failure = new TypeError("connection refused");
  {
    const rw = kept(await connect(options));
    assert.equal(rw.can("ana", "reports.run"), true);
    server.now = NOW + 5 * MINUTE;
    assert.equal(rw.can("ana", "reports.run"), false);
  }
  await assert.rejects(connect(options), fails("unreachable"), "a stamp that has expired is of no use");
  server.now = NOW;
  stored = { ...stored, snapshot: stored.snapshot.slice(0, -1) };
  await assert.rejects(connect(options), fails("unreachable"), "it is verified again");
});

test("after a restart a server that says what was before is not believed, and one restored from a backup is", async () => {
  let stored;
  const store = { get: async () => stored, put: async (state) => void (stored = state) };
  const server = serve("full", { at: revision(1, 6), assignments: [] });
  const options = server.options({ keys: signer.keys, store });
  (await connect(options)).dispose();
  server.document = snapshot("full");
  const rw = kept(await connect(options));
  assert.deepEqual([rw.freshness.error?.code, rw.freshness.at], ["rewound", revision(1, 6)]);
  assert.equal(rw.can("ana", "reports.run"), false);
  rw.dispose();
  server.document = snapshot("full", { at: revision(2, 5) });
  const restored = kept(await connect(options));
  assert.deepEqual([restored.freshness.error, restored.freshness.at], [undefined, revision(2, 5)]);
  assert.equal(restored.can("ana", "reports.run"), true);
});

test("a key and a pass together are a mistake", async () => {
  await assert.rejects(connect(serve().options({ pass: "x" })), fails("misuse"));
});

test("without a url or a tenant nothing is asked of anybody", async () => {
  const server = serve();
  for (const missing of [{ url: undefined }, { url: "" }, { tenant: undefined }, { tenant: "" }]) {
    await assert.rejects(connect({ ...server.options(), ...missing }), fails("misuse"), JSON.stringify(missing));
  }
  await assert.rejects(connect(), fails("misuse"));
});

test("what no request can be made of is a mistake of the call, and what the server does not take too", async () => {
  const server = serve();
  for (const wrong of [{ url: "not a url" }, { url: "access.test" }, { url: "/here" }, { key: "rw_key\n" }, { key: "a b" }]) {
    await assert.rejects(connect({ ...server.options(), ...wrong }), fails("misuse"), JSON.stringify(wrong));
  }
  assert.equal(server.asked, 0);
  server.failure = 422;
  await assert.rejects(connect(server.options({ kind: "nope" })), fails("misuse"));
});

test("a misspelt option is no option, and nothing is asked of anybody", async () => {
  for (const name of ["maxstale", "Key", "timeOut"]) {
    const server = new FakeServer(signer, snapshot("policy"));
    await assert.rejects(connect(server.options({ [name]: 1 })), (error) => fails("misuse")(error) && error.message === `there is no \`${name}\``, name);
    assert.deepEqual(server.requests, []);
  }
});

test("a redirect is not followed, and said to be none", async () => {
  const server = serve();
  const fetch = (address, request) => (address.includes("/snapshot") ? new Response(null, { status: 302, headers: { location: "https://other.test/" } }) : server.fetch(address, request));
  await assert.rejects(connect(server.options({ fetch })), (error) => fails("unreachable")(error) && /answered 302: no snapshot, or a redirect$/.test(error.message));
});
