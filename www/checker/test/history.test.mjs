// A server whose history is not what it was, what keeps its answers, and clocks that are set back.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { RolewrightError, connect } from "rolewright";
import { MINUTE, NOW, Signer, asWorker, disposeAll, kept, passOf, snapshot } from "./fixtures.mjs";
import { FakeServer } from "./server.mjs";

const signer = await Signer.create();
afterEach(disposeAll);
const at = (revision, epoch = 1) => ({ epoch, revision });
const full = (revision, more = {}) => snapshot("full", { at: at(revision), ...more });
const NOBODY = { assignments: [] };
const HEADS = ["a", "b"].map((letter) => letter.repeat(64));

/** Connected at revision 6, where ana holds nothing any more. */
async function after(more = {}) {
  const server = new FakeServer(signer, full(6, NOBODY));
  server.claims = { log_head: HEADS[0] };
  const rw = kept(await connect(server.options({ maxStale: 0, ...more })));
  return { server, rw };
}

test("a server that was restarted with older data is refused until it is restored into a new epoch", async () => {
  const { server, rw } = await after();
  for (const [says, code] of [
    // What was true before the change is true again: at an older revision, at the same one of another history, and at
    // later ones, however far that has come.
    [{ document: full(5) }, "rewound"],
    [{ document: full(6) }, "rewound"],
    [{ document: full(7) }, "rewound"],
    [{ document: full(60) }, "rewound"],
    [{ document: full(5, { at: at(5, 2) }) }, undefined],
  ]) {
    server.now += 10_000;
    server.document = says.document;
    server.claims = { log_head: HEADS[1] };
    server.log = { "1.6": HEADS[1] };
    await rw.fresh();
    assert.equal(rw.freshness.error?.code, code, JSON.stringify(says.document.at));
    assert.equal(rw.can("ana", "reports.run"), code === undefined);
  }
  assert.equal(rw.freshness.error, undefined);
});

test("one moment of older data is no end: once the history is the same again it goes on", async () => {
  for (const [document, head] of [
    [full(6, NOBODY), HEADS[0]],
    [full(9, NOBODY), HEADS[1]],
  ]) {
    const { server, rw } = await after();
    server.now += 10_000;
    server.document = full(5);
    await rw.fresh();
    assert.equal(rw.freshness.error?.code, "rewound");
    // What is held answers until its stamp ends, and not longer.
    assert.equal(rw.can("ben", "tasks.run", "servers/prod"), false);
    server.now += 5 * MINUTE;
    await assert.rejects(rw.fresh(), (error) => error.code === "stale" && error.cause.code === "rewound");
    server.now += 1_000;
    server.document = document;
    server.claims = { log_head: head };
    server.log = { "1.6": HEADS[0] };
    await rw.fresh();
    assert.deepEqual([rw.freshness.error, rw.freshness.at, rw.freshness.stale], [undefined, document.at, false]);
  }
});

test("a restart knows what was held also when its stamp has ended: nothing older is taken", async () => {
  for (const later of [MINUTE, 6 * MINUTE]) {
    let kept_;
    const store = { get: async () => kept_, put: async (state) => void (kept_ = state) };
    const { server } = await after({ store });
    const { revision } = kept_ && server.document.at;
    assert.equal(revision, 6);
    server.now += later;
    const right = server.document;
    for (const [document, head] of [
      [full(5), HEADS[0]],
      [full(6), HEADS[1]],
      [full(7), HEADS[1]],
    ]) {
      server.document = document;
      server.claims = { log_head: head };
      server.log = { "1.6": HEADS[1] };
      const again = connect(server.options({ store, keys: signer.keys }));
      if (later > 5 * MINUTE) {
        await assert.rejects(again, (error) => error.code === "rewound");
      } else {
        const rw = kept(await again);
        assert.deepEqual([rw.freshness.error.code, rw.can("ana", "reports.run")], ["rewound", false]);
      }
    }
    server.document = right;
    server.claims = { log_head: HEADS[0] };
    const rw = kept(await connect(server.options({ store, keys: signer.keys })));
    assert.deepEqual([rw.freshness.error, rw.freshness.at, rw.freshness.stale], [undefined, at(6), false]);
  }
});

test("what leads on from what was held before says nothing of what another request has brought meanwhile", async () => {
  const worker = await asWorker();
  const server = new FakeServer(signer, full(5));
  let answer = (asked) => asked();
  const rw = kept(await worker.connect(server.options({ maxStale: 0, fetch: (...asked) => answer(() => server.fetch(...asked)) })));
  let goOn;
  // One request asks, and is answered late; by then the server's data is another's.
  answer = (asked) => new Promise((resume) => (goOn = resume)).then(asked);
  const late = rw.fresh();
  answer = (asked) => asked();
  server.document = full(6, NOBODY);
  server.now += 10;
  await rw.fresh();
  assert.deepEqual(rw.freshness.at, at(6));
  server.document = full(7);
  server.now += 2_000;
  goOn();
  await late;
  assert.deepEqual([rw.freshness.at, rw.can("ana", "reports.run")], [at(6), false]);
});

test("a clock that is set back makes nothing good for longer where nothing else tells what has passed", async () => {
  const real = performance.now;
  try {
    for (const own of [true, false]) {
      let wall = NOW;
      const server = new FakeServer(signer, full(6));
      server.now = wall;
      const { now: _, ...options } = server.options({ maxStale: MINUTE });
      const { now } = Date;
      try {
        if (own) options.now = () => wall;
        else [Date.now, performance.now] = [() => wall, () => wall];
        const rw = kept(await connect(options));
        server.failure = new TypeError("down");
        assert.equal(rw.can("ana", "reports.run"), true);
        // So far clocks may differ.
        wall -= 59_000;
        await null;
        assert.equal(rw.can("ana", "reports.run"), true);
        wall -= 59 * MINUTE;
        await null;
        assert.deepEqual([rw.can("ana", "reports.run"), rw.freshness.stale], [false, true]);
        await assert.rejects(rw.fresh(), (error) => error.code === "stale");
        // Nor is what had ended good again.
        wall = NOW + 6 * MINUTE;
        await null;
        assert.equal(rw.can("ana", "reports.run"), false);
        wall = NOW + MINUTE;
        await null;
        assert.equal(rw.can("ana", "reports.run"), false);
        server.failure = undefined;
        server.now = wall;
        await rw.fresh();
        assert.deepEqual([rw.can("ana", "reports.run"), rw.freshness.error], [true, undefined]);
      } finally {
        Date.now = now;
      }
    }
  } finally {
    performance.now = real;
  }
});

test("the refusal of another history says what to do", async () => {
  const { server, rw } = await after();
  server.now += 10_000;
  server.document = full(6);
  server.claims = { log_head: HEADS[1] };
  await rw.fresh();
  assert.equal(rw.freshness.error.code, "rewound");
  assert.match(rw.freshness.error.message, /restore it into a new epoch/);
  assert.equal(rw.can("ana", "reports.run"), false);
});

test("what was signed before what is held is only old: what comes after it is taken", async () => {
  const { server, rw } = await after();
  server.now += 10_000;
  await rw.fresh();
  server.document = full(5);
  server.claims = { issued: NOW, log_head: HEADS[0] };
  server.isCache = true;
  await rw.fresh();
  assert.equal(rw.freshness.error.code, "older");
  server.isCache = false;
  server.document = full(7);
  server.claims = {};
  await rw.fresh();
  assert.deepEqual([rw.freshness.error, rw.freshness.at], [undefined, at(7)]);
});

test("an answer that something keeps confirms nothing: it says so, and since when nothing is confirmed", async () => {
  const { server, rw } = await after({ maxStale: 500 });
  const issued = server.now;
  assert.equal(rw.freshness.confirmed, issued);
  server.isCache = true;
  for (let turn = 0; turn < 3; turn++) {
    server.now += 2_000;
    await rw.fresh();
    assert.deepEqual([rw.freshness.error?.code, rw.freshness.confirmed], ["older", issued]);
  }
  const { asked } = server;
  await rw.fresh();
  assert.equal(server.asked, asked, "it is not asked with every question");
  server.isCache = false;
  server.now += 2_000;
  await rw.fresh();
  assert.deepEqual([rw.freshness.error, rw.freshness.confirmed], [undefined, server.now]);
});

test("whatever stands between is told to keep nothing", async () => {
  const { server } = await after();
  for (const { path, headers } of server.requests) assert.equal(headers["cache-control"], "no-cache", path);
});

test("a host's clock that is set back makes nothing good for longer", async () => {
  const real = [Date.now, performance.now];
  try {
    let [wall, passed] = [NOW, 1_000];
    Date.now = () => wall;
    performance.now = () => passed;
    const server = new FakeServer(signer, full(6));
    const { now: _, ...options } = server.options({ maxStale: MINUTE });
    const rw = kept(await connect(options));
    const ana = await rw.open(await signer.pass(passOf("ana", { at: at(6), session: at(6) })));
    wall -= 60 * MINUTE;
    passed += 1;
    await null;
    assert.equal(rw.can(ana, "reports.run"), true);
    server.document = full(7, NOBODY);
    for (let minute = 1; minute < 5; minute++) {
      [wall, passed, server.now] = [wall + MINUTE, passed + MINUTE, server.now + MINUTE];
      await rw.fresh();
      assert.equal(rw.freshness.error.code, "not_yet_valid");
    }
    [wall, passed, server.now] = [wall + MINUTE, passed + MINUTE, server.now + MINUTE];
    await assert.rejects(rw.fresh(), (error) => error instanceof RolewrightError && error.code === "stale");
    assert.deepEqual([rw.can(ana, "reports.run"), rw.can("ana", "reports.run"), rw.freshness.stale], [false, false, true]);
    // Set right, it goes on.
    wall = server.now;
    await rw.fresh();
    assert.deepEqual([rw.freshness.stale, rw.freshness.at], [false, at(7)]);
  } finally {
    [Date.now, performance.now] = real;
  }
});

test("a checker does not begin with what a cache has kept, however young: it says so", async () => {
  for (const age of [0, 15_000, 4 * MINUTE]) {
    const { server } = await after();
    server.now += age;
    server.isCache = true;
    const old = (error) => error instanceof RolewrightError && error.code === "older" && /does a cache keep it/.test(error.message);
    await assert.rejects(connect(server.options({ maxStale: 1_000 })), old, String(age));
    // What asks by no question of its own gets the same.
    server.claims = { ...server.claims, nonce: undefined };
    await assert.rejects(connect(server.options()), old, String(age));
    server.claims = { log_head: HEADS[0] };
    server.isCache = false;
    const rw = kept(await connect(server.options({ maxStale: 1_000 })));
    assert.deepEqual([rw.freshness.error, rw.freshness.confirmed], [undefined, server.now]);
  }
});

test("each question is another: a cache that keys by the address answers none", async () => {
  const server = new FakeServer(signer, full(6));
  const addresses = [];
  const rw = kept(await connect(server.options({ maxStale: 0, fetch: (address, request) => (addresses.push(address), server.fetch(address, request)) })));
  server.now += 1;
  await rw.fresh();
  const snapshots = addresses.filter((address) => address.includes("/snapshot?"));
  assert.deepEqual([snapshots.length, new Set(snapshots).size], [2, 2]);
});

test("a clock that went ahead says why every answer is no", async () => {
  const { server, rw } = await after({ maxStale: MINUTE });
  server.now += 6 * MINUTE;
  assert.deepEqual([rw.freshness.stale, rw.freshness.error.code], [true, "stale"]);
  rw.dispose();
  assert.equal(rw.freshness.error.code, "disposed");
});
