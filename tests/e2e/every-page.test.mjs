// Every page of the admin app, with a product's data: axe finds nothing in both themes, nothing is cut off at 320 px, and
// who may only look can open each and writes nothing by it. The pages are those of crates/admin/src/route.rs.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accepted, axe, begin, call, eventually, signedIn, watch } from "./rolewright.mjs";

const ADA = { email: "ada@example.com", password: "a long walk by the river" };
const VERA = { email: "vera@example.com", password: "seven green bottles" };
/** What the console lets somebody see. */
const VIEWS = ["access.check", "access.explain", "api_keys.view", "audit.view", "groups.view", "packages.view", "roles.view", "settings.view", "users.view"];

let app, viewer, saidToViewer, pages;

before(async () => {
  app = await begin("email-marketing", ADA);
  const first = async (path) => (await app.get(path)).items[0].id;
  const roles = (await app.get("/roles")).items;
  const role = roles[1].role.id;
  const user = await first("/users?limit=1");
  const grants = Object.fromEntries(VIEWS.map((id) => [id, "allowed"]));
  const made = await call(app.page, "POST", "/roles", { id: "", name: "Looks", audience: "admin", grants });
  const vera = await accepted(app.page, app.server, VERA);
  await call(app.page, "POST", "/assignments", { principal: { user: vera }, role: made.body.role.id, scope: "/" });
  const newest = (await app.get("/audit?limit=1")).items[0].at.revision;
  pages = {
    "the overview": "/",
    "the users": "/users",
    "a user": `/users/${user}`,
    "a user's permissions": `/users/${user}?tab=permissions`,
    "a user's history": `/users/${user}?tab=history`,
    "the import": "/import",
    "the access review": "/review",
    "the permissions tab": "/permissions",
    "who is assigned a role": `/permissions/${role}`,
    "the roles": "/roles",
    "a new role": "/roles/new",
    "roles compared": `/roles/compare?roles=${roles.slice(0, 2).map(({ role }) => role.id)}`,
    "a role": `/roles/${role}`,
    "a role's versions": `/roles/${role}/versions`,
    "a version of a role": `/roles/${made.body.role.id}/versions/${made.body.revision}`,
    "the groups": "/groups",
    "a group": `/groups/${(await app.get("/groups?limit=1")).items[0].group.id}`,
    "the matrix": "/matrix",
    "the packages": "/packages",
    "a package": `/packages/${(await app.get("/packages")).items[0].package.id}`,
    "the resources": "/resources",
    "the operations": "/resources?tab=operations",
    "the explorer": "/access",
    "one's account": "/account",
    "the audit log": "/audit",
    "an entry of the audit log": `/audit/${newest}`,
    "the settings": "/settings",
    "the entitlements": "/settings?tab=entitlements",
    "the API keys": "/settings?tab=keys",
    "the checkers": "/settings?tab=checkers",
    "the policy": "/settings?tab=policy",
    "a page that is not there": "/nowhere",
  };
  viewer = await signedIn(app.browser, app.server, VERA);
  saidToViewer = watch(viewer);
});

after(() => app?.stop());

/** Opens a page, until it has what it asked for. */
async function open(page, path) {
  await page.goto(app.server.url + path);
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.locator('main [aria-busy="true"]').first().waitFor({ state: "detached" });
}

test("axe finds nothing wrong with any page, in both themes, and nothing is cut off at 320 px", async (all) => {
  for (const [name, path] of Object.entries(pages)) {
    await all.test(name, async () => {
      await open(app.page, path);
      assert.deepEqual(await axe(app.page), []);
      await app.page.setViewportSize({ width: 320, height: 720 });
      const over = () => app.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      await eventually("nothing is cut off", async () => (await over()) === 0);
      await app.page.setViewportSize({ width: 1440, height: 900 });
    });
  }
  assert.deepEqual(app.said(), []);
});

test("who may only look opens every page, sees what is there or why not, and writes nothing", async (all) => {
  const writes = [];
  viewer.on("request", (request) => {
    const asks = ["GET", "HEAD"].includes(request.method()) || /\/(check|explain|missing|held|places)$/.test(new URL(request.url()).pathname);
    if (!asks && !request.url().includes("dry_run=true")) writes.push(`${request.method()} ${request.url()}`);
  });
  const newest = async () => (await app.get("/audit?limit=1")).items[0].at.revision;
  const before = await newest();
  for (const [name, path] of Object.entries(pages)) {
    await all.test(name, async () => {
      await open(viewer, path);
      assert.equal(await viewer.getByRole("button", { name: /^Account of / }).count(), 1);
      assert.doesNotMatch(await viewer.locator("main").innerText(), /something went wrong|undefined|\[object/i);
    });
  }
  assert.deepEqual(writes, []);
  assert.deepEqual(saidToViewer().filter((line) => !/403/.test(line)), []);
  assert.equal(await newest(), before);
});
