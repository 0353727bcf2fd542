// Following a server by its stream of changes, keeping the last state in a host's cache, and giving memory back.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { afterEach, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { MINUTE, NOW, Signer, disposeAll, kept, passOf, snapshot } from "./fixtures.mjs";
import { FakeServer } from "./server.mjs";

/** Every memory that a module makes from here on. */
const memories = [];
const { Instance } = WebAssembly;
WebAssembly.Instance = class extends Instance {
  constructor(...words) {
    super(...words);
    memories.push(...Object.values(this.exports).filter((it) => it instanceof WebAssembly.Memory));
  }
};
const { connect, load } = await import("rolewright");
const { follow } = await import("rolewright/live");
const { cacheStore } = await import("rolewright/stores");

const signer = await Signer.create();
const at = (revision, epoch = 1) => ({ epoch, revision });
afterEach(disposeAll);

/** A server with a stream of changes, which a test may break. */
class Streaming extends FakeServer {
  streams = [];
  asks = [];
  status = 200;

  fetch = ((answer) => async (address, request = {}) => {
    const { pathname } = new URL(address);
    if (!pathname.endsWith("/changes")) return answer(address, request);
    this.asks.push(request);
    if (this.status !== 200) return new Response(null, { status: this.status });
    const body = new ReadableStream({
      start: (controller) => {
        this.streams.push(controller);
        request.signal.addEventListener("abort", () => controller.error(request.signal.reason));
      },
    });
    this.say(this.document.at);
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  })(this.fetch);

  /** Tells every listener where the tenant is, in pieces as a network brings them. */
  say({ epoch, revision }, before = "") {
    const text = `${before}id: ${epoch}.${revision}\nretry: 1000\ndata: {"at":{"epoch":${epoch},"revision":${revision}}}\n\n`;
    for (const stream of this.streams) for (const piece of [text.slice(0, 7), text.slice(7)]) stream.enqueue(new TextEncoder().encode(piece));
  }

  move(document) {
    super.move(document);
    this.say(document.at);
  }
}

async function following(more = {}) {
  const server = new Streaming(signer, snapshot("full"));
  server.claims = { issued: Date.now(), expires: Date.now() + MINUTE };
  const { now: _, ...options } = server.options({ maxStale: MINUTE });
  const rw = kept(await connect(options));
  const errors = [];
  const stop = follow(rw, { ...options, onError: (error) => errors.push(error), ...more });
  return { server, rw, stop, errors };
}

async function until(what, probe) {
  for (const end = Date.now() + 5_000; Date.now() < end; await pause(5)) if (await probe()) return;
  assert.fail(what);
}

test("a change is enforced as soon as the stream tells of it, long before max_stale", async () => {
  const { server, rw, stop } = await following();
  await until("it listens", () => server.streams.length === 1);
  assert.equal(server.asks[0].headers.authorization, "Bearer rw_key");
  let told = 0;
  rw.subscribe(() => told++);
  server.move(snapshot("full", { at: at(6), assignments: [] }));
  await until("it is taken away", () => !rw.can("ana", "reports.run"));
  assert.deepEqual(rw.freshness.at, at(6));
  assert.ok(told > 0, "who subscribed is told");
  // Heartbeats and a reset change nothing, and what is older is not asked for.
  const { asked } = server;
  server.say(at(6), ": \n\nevent: reset\ndata: {}\n\n");
  server.say(at(3));
  await pause(30);
  assert.equal(server.asked, asked);
  stop();
});

test("ten thousand changes in a minute take few requests, and the last of them is what holds", async () => {
  const { server, rw, stop } = await following();
  await until("it listens", () => server.streams.length === 1);
  const [whole, without] = [{}, { assignments: [] }].map((more) => snapshot("full", { at: at(6), ...more }));
  const { asked } = server;
  // What it is at each of these is the same; the stamp says of which it is.
  for (let revision = 6; revision <= 10_005; revision++) {
    const document = revision % 2 === 0 ? without : whole;
    server.document = document;
    server.claims = { ...server.claims, at: at(revision) };
    server.say(at(revision));
    if (revision % 500 === 0) await pause(1);
  }
  await until("it is at the last", () => rw.freshness.at.revision === 10_005);
  assert.equal(rw.can("ana", "reports.run"), true);
  server.document = without;
  server.claims = { ...server.claims, at: at(10_006) };
  server.say(at(10_006));
  await until("it is taken away", () => !rw.can("ana", "reports.run"));
  assert.ok(server.asked - asked < 200, `${server.asked - asked} requests`);
  stop();
});

test("a stream of another history is not followed, however far that has come", async () => {
  const { server, rw, stop } = await following();
  await until("it listens", () => server.streams.length === 1);
  const { at: held } = rw.freshness;
  server.log = { [`${held.epoch}.${held.revision}`]: "f".repeat(64) };
  server.move(snapshot("full", { at: at(8), assignments: [] }));
  await until("it is refused", () => rw.freshness.error?.code === "rewound");
  assert.deepEqual([rw.freshness.at, rw.can("ana", "reports.run")], [held, true]);
  server.log = {};
  server.say(at(8));
  await until("the same again, it is", () => !rw.can("ana", "reports.run"));
  stop();
});

test("who follows what was disposed of already is told nothing and asks nobody", async () => {
  const server = new Streaming(signer, snapshot("full"));
  const options = server.options();
  const rw = await connect(options);
  rw.dispose();
  const stop = follow(rw, options);
  await pause(300);
  assert.deepEqual([server.asks.length, server.streams.length], [0, 0]);
  stop();
});

test("a stream that ends or is refused is taken up again, and stops when told to", async () => {
  const { server, rw, stop, errors } = await following();
  await until("it listens", () => server.streams.length === 1);
  server.streams.pop().close();
  server.document = snapshot("full", { at: at(7), assignments: [] });
  await until("it has caught up", () => !rw.can("ana", "reports.run"));
  server.status = 403;
  server.streams.pop().error(new TypeError("reset"));
  await until("it says why", () => errors.some(({ message }) => /answered 403/.test(message)));
  assert.ok(errors.some(({ message }) => message === "reset"));
  stop();
  const asks = server.asks.length;
  await pause(600);
  assert.equal(server.asks.length, asks);
});

test("a checker that is disposed of is followed no more", async () => {
  const { server, rw, errors } = await following();
  await until("it listens", () => server.streams.length === 1);
  rw.dispose();
  await until("the stream is given back", () => server.asks[0].signal.aborted);
  await pause(600);
  assert.deepEqual([server.asks.length, errors], [1, []]);
});

test("a connection that is cut as soon as it is made is made seldom, and each leaves nothing behind", async () => {
  const { server, stop } = await following();
  const warnings = [];
  const warn = (warning) => warnings.push(warning);
  process.on("warning", warn);
  const random = Math.random;
  Math.random = () => 0;
  try {
    const cut = setInterval(() => server.streams.splice(0).forEach((stream) => stream.close()), 5);
    await pause(2_000);
    clearInterval(cut);
    // After 125, 250, 500, 1000 milliseconds.
    assert.ok(server.asks.length >= 3 && server.asks.length <= 6, `${server.asks.length}`);
  } finally {
    Math.random = random;
    process.off("warning", warn);
    stop();
  }
  assert.deepEqual(warnings, []);
});

test("it keeps a process alive while the stream is down, and not once it is stopped", () => {
  const program = `
    import { follow } from "rolewright/live";
    const rw = { tenant: "acme", subscribe: () => () => undefined, held: () => [] };
    let asks = 0;
    const stop = follow(rw, { url: "https://access.test", fetch: async () => { if (++asks === 2) { stop(); console.log("asked again"); } throw new TypeError("away"); } });
  `;
  const options = { cwd: fileURLToPath(new URL("..", import.meta.url)), encoding: "utf8", timeout: 20_000 };
  assert.equal(execFileSync(process.execPath, ["--input-type=module", "--eval", program], options), "asked again\n");
});

test("isolates that share a cache download a snapshot once", async () => {
  const entries = new Map();
  const cache = {
    match: async (address) => entries.get(address)?.clone(),
    put: async (address, response) => void entries.set(address, response),
  };
  const server = new FakeServer(signer, snapshot("full"));
  const isolate = () => connect(server.options({ store: cacheStore(() => cache, "https://cache.test/acme/full"), maxStale: 0 })).then(kept);
  const first = await isolate();
  assert.equal(first.can("ana", "reports.run"), true);
  const second = await isolate();
  assert.match(server.requests.at(-1).headers["if-none-match"], /^"/, "it asks only whether it is current");
  // A delta is kept too.
  server.move(snapshot("full", { at: at(6), assignments: [] }));
  await second.fresh();
  assert.equal(second.can("ana", "reports.run"), false);
  const third = await isolate();
  assert.deepEqual(third.freshness.at, at(6));
  assert.equal(server.requests.filter(({ headers }) => headers["if-none-match"] === undefined && headers.authorization).length, 1);
  // What is spoilt there is not believed.
  entries.set("https://cache.test/acme/full", new Response("spoilt", { headers: { "rolewright-parts": "6", "rolewright-stamp": "x" } }));
  assert.equal((await isolate()).can("ben", "tasks.run", "servers/prod"), false);
});

test("a key that signs next is found by what it signs", async () => {
  const server = new FakeServer(signer, snapshot("policy"));
  const rw = kept(await connect(server.options({ maxStale: 500 })));
  const next = await Signer.create("k2");
  server.signer = { ...next, keys: { keys: [...signer.keys.keys, ...next.keys.keys] }, stamp: next.stamp.bind(next), snapshot: next.snapshot.bind(next) };
  server.now = NOW + 500;
  await rw.fresh();
  assert.deepEqual([rw.freshness.error, rw.freshness.confirmed], [undefined, server.now]);
  const ana = await rw.open(await signer.pass(passOf(), { now: NOW }));
  assert.equal(rw.can(ana, "reports.run"), true, "what the key before signed is good as long as it is listed");
});

test("a checker that lives through many changes does not grow, and one that is disposed of leaves nothing", async () => {
  const [memory] = memories;
  const signed = await Promise.all([snapshot("full"), snapshot("policy")].map((document) => signer.snapshot(document)));
  const pass = await signer.pass(passOf());
  const live = async () => {
    for (const bytes of signed) {
      const rw = await load(bytes, { keys: signer.keys, now: () => NOW });
      rw.can("ana", "reports.run");
      rw.can(await rw.open(pass), "reports.run");
      rw.dispose();
    }
  };
  for (let turn = 0; turn < 50; turn++) await live();
  const { byteLength } = memory.buffer;
  for (let turn = 0; turn < 500; turn++) await live();
  assert.equal(memory.buffer.byteLength, byteLength, "disposal");

  const server = new FakeServer(signer, snapshot("full"));
  const rw = kept(await connect(server.options({ maxStale: 0 })));
  const through = async (changes) => {
    for (let turn = 0; turn < changes; turn++) {
      server.move(snapshot("full", { at: at(++revision), ...(turn % 2 === 0 ? { assignments: [] } : {}) }));
      await rw.fresh();
      assert.equal(rw.can("ana", "reports.run"), turn % 2 === 1);
      rw.can(await rw.open(pass), "reports.run");
    }
  };
  let revision = 5;
  await through(30);
  const settled = memory.buffer.byteLength;
  await through(120);
  assert.equal(memory.buffer.byteLength, settled, "changes");
});

test("without options nothing is followed; what ends a stream is told to the console where nobody else is", async () => {
  const server = new Streaming(signer, snapshot("policy"));
  const rw = kept(await connect(server.options()));
  for (const none of [undefined, null, {}, { url: 5 }]) assert.throws(() => follow(rw, none), TypeError, JSON.stringify(none));
  const { warn } = console;
  const told = new Promise((resume) => (console.warn = (...words) => resume(words.join(" "))));
  server.status = 403;
  const stop = follow(rw, { url: "https://access.test", key: "wrong", fetch: server.fetch });
  try {
    assert.match(await told, /stream of changes.*403/);
  } finally {
    stop();
    console.warn = warn;
  }
});
