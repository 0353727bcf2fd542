// The sessions of the Hono example: who signs in, as of when, and what they are told otherwise.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { MINUTE, Signer, passOf, snapshot } from "../../www/checker/test/fixtures.mjs";
import { root } from "./places.mjs";
import { Upstream } from "./upstream.mjs";

/** What ana holds at a revision, where links wait for the next login: to run reports, and later to design. */
function held(revision) {
  const document = snapshot("full", { at: { epoch: 1, revision }, settings: { new_links: "next_login" } });
  document.roles.push({ id: "designer", name: "Designer", kind: "custom", grants: { "tasks.design": "allowed" } });
  const link = { id: "a4", principal: { user: "ana" }, role: "designer", scope: "/", made: { epoch: 1, revision } };
  return revision === 5 ? document : { ...document, assignments: [...document.assignments, link] };
}

const signer = await Signer.create();
const upstream = new Upstream(signer, held(5));
let child, url;

before(async () => {
  const env = { PATH: process.env.PATH, ROLEWRIGHT_URL: await upstream.listen(), ROLEWRIGHT_TENANT: "acme", ROLEWRIGHT_KEY: "k", PORT: "0" };
  child = spawn(process.execPath, ["src/server.js"], { cwd: join(root, "www/examples/hono"), env, stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface({ input: child.stdout })) {
    url = /listening on (\S+)/.exec(line)?.[1];
    if (url !== undefined) return;
  }
});
after(() => {
  child?.kill("SIGTERM");
  upstream.close();
});

const pass = (who = "ana", claims) => signer.pass(passOf(who), { now: Date.now(), ...claims });
const post = (body) => fetch(`${url}/session`, { method: "POST", body });
/** Signs somebody in; answers how to ask what they may. */
async function signIn(who) {
  const response = await post(JSON.stringify({ pass: await pass(who) }));
  assert.equal(response.status, 204);
  const cookie = response.headers.getSetCookie()[0].split(";")[0];
  return async () => (await (await fetch(`${url}/session`, { headers: { cookie } })).json()).may;
}

test("what is no pass is told from one that is not good", async () => {
  for (const [body, status] of [
    ["", 400],
    ["pass", 400],
    ["null", 400],
    ["{}", 400],
    ['{"pass":1}', 400],
    ['{"pass":"ana"}', 401],
    [JSON.stringify({ pass: await pass("ana", { now: Date.now() - 20 * MINUTE }) }), 401],
    [JSON.stringify({ pass: await pass("nobody") }), 401],
    [JSON.stringify({ pass: await pass() }), 204],
  ]) {
    assert.equal((await post(body)).status, status, body);
  }
});

test("a session is as of its beginning: links of the next login wait for that", async () => {
  const before = await signIn();
  assert.deepEqual(await before(), ["reports.run", "reports.edit"]);
  upstream.document = held(6);
  for (const end = Date.now() + 5_000; Date.now() < end && !(await (await signIn())()).includes("tasks.design"); );
  assert.deepEqual([await before(), await (await signIn())()], [["reports.run", "reports.edit"], ["reports.run", "reports.edit", "tasks.design"]]);
});

test("who signs in while the state is stale is told that, and not that the pass is not good", async () => {
  const good = JSON.stringify({ pass: await pass() });
  upstream.claims = { expires: Date.now() + 1_500 };
  await signIn();
  await new Promise((resume) => setTimeout(resume, 600));
  await signIn();
  upstream.failure = new TypeError("down");
  await new Promise((resume) => setTimeout(resume, 1_500));
  const response = await post(good);
  assert.deepEqual([response.status, await response.json()], [503, { title: "Who may do what cannot be asked at the moment" }]);
});
