// The checker beside the real server: passes, keys that have leaked, a server with older data, and one that is silent.
import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import { after, before, test } from "node:test";
import { connect } from "rolewright";
import { command, eventually, startServer } from "./rolewright.mjs";

const HELD = ["snapshot.full", "snapshot.policy", "passes.issue", "groups.manage"];
let server;
let key;

before(async () => {
  server = await startServer({ args: ["--template", "mailer", "--demo"] });
  const made = await command("key", "create", "--data", server.data, "--name", "edge", ...HELD.flatMap((id) => ["--permission", id]), "--json");
  ({ key } = JSON.parse(made));
});
after(() => server?.stop());

const api = async (path, body) => {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const answer = await fetch(`${server.url}/api/v1/tenants/default${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  assert.ok(answer.ok, await answer.clone().text());
  return answer;
};
const passOf = async (subject) => (await (await api("/passes", { subject })).json()).pass;
/** A change that nobody's access hangs on; answers the revision that it made. */
const change = async () => (await api("/groups", { name: `G${Math.random()}` })).headers.get("rolewright-revision");
const connected = (more) => connect({ url: server.url, tenant: "default", maxStale: 200, ...more });
const USER = "u_demo_001";

test("a pass in the place of a key has its own person's snapshot, and nobody else's", async () => {
  const full = await connected({ key, kind: "full" });
  const expected = full.permissions(USER).map(({ permission, level }) => [permission, level]);
  assert.ok(expected.length > 0);
  for (const pass of [await passOf(USER), () => passOf(USER)]) {
    const own = await connected({ pass });
    assert.deepEqual([own.kind, own.self.id], ["subject", USER]);
    assert.deepEqual(own.permissions(own.self).map(({ permission, level }) => [permission, level]), expected);
    own.dispose();
  }
  await assert.rejects(connected({ pass: await passOf(USER), kind: "full" }), /403: .*`Snapshots: Full`/);
  full.dispose();
});

test("a pass that a leaked key signed is good for nothing, however often it was opened", async () => {
  const rw = await connected({ key });
  const pass = await passOf(USER);
  const held = await rw.open(pass);
  assert.ok(rw.permissions(held).length > 0);
  await command("tenant", "rotate-key", "default", "--leaked", "--data", server.data);
  await eventually("it is good for nothing", async () => (await rw.open(pass).catch(({ code }) => code)) === "unknown_key");
  assert.deepEqual(rw.permissions(held), []);
  assert.ok(rw.permissions(await rw.open(await passOf(USER))).length > 0, "a pass of the next key is");
  rw.dispose();
});

test("a server that comes back with older data is refused, whatever is changed there", async () => {
  await server.stop({ keep: true });
  const older = `${server.data}-older`;
  await cp(server.data, older, { recursive: true });
  const again = (data) => startServer({ args: ["--demo"], data, port: server.port });
  server = await again(server.data);
  const rw = await connected({ key, kind: "full" });
  for (let turn = 0; turn < 2; turn++) await rw.atLeast(await change());
  const { at } = rw.freshness;
  const right = server.data;
  await server.stop({ keep: true });
  server = await again(older);
  await eventually("it is refused", () => rw.freshness.error?.code === "rewound");
  const mustBeRefused = async () => {
    await new Promise((resume) => setTimeout(resume, 1_100));
    await rw.fresh();
    assert.deepEqual([rw.freshness.error?.code, rw.freshness.at], ["rewound", at]);
  };
  for (let turn = 0; turn < 4; turn++) {
    await change();
    await mustBeRefused();
  }
  // Also where the other history has overtaken while nobody looked.
  await server.stop({ keep: true });
  server = await again(older);
  for (let turn = 0; turn < 3; turn++) await change();
  await mustBeRefused();
  // With the right data back it goes on, and what was the other's is gone.
  await server.stop();
  server = await again(right);
  await eventually("it goes on", async () => {
    await rw.fresh();
    return rw.freshness.error === undefined;
  });
  assert.deepEqual(rw.freshness.at, at);
  await rw.atLeast(await change());
  rw.dispose();
});
