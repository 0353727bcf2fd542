// Groups, packages and resources, in a real browser with the real server.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axe, call, command, eventually, setUp, startBrowser, startServer, watch } from "./rolewright.mjs";

const ADA = { email: "ada@example.com", password: "a long walk by the river" };

let browser, manager, marketing, cloud;
const servers = [];

/** A server with a template, and its superuser's page. */
async function begin(template) {
  const server = await startServer({ args: ["--template", template, "--demo"] });
  servers.push(server);
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  const said = watch(page);
  await setUp(page, server, ADA);
  return { server, page, said, go: (path) => page.goto(server.url + path) };
}

before(async () => {
  browser = await startBrowser();
  manager = await begin("enterprise-manager");
  marketing = await begin("email-marketing");
  cloud = await begin("analytics-cloud");
});

after(async () => {
  await browser?.close();
  for (const server of servers) await server.stop();
});

const toast = (page, text) => page.getByRole("status").getByText(text).first().waitFor();

/** Finds somebody in a field that the server searches. */
async function pick(dialog, field, words, option) {
  await dialog.getByRole("combobox", { name: field }).fill(words);
  await dialog.getByRole("option", { name: option }).first().click();
}

test("S1-22: a group shows its source; one of the identity provider is read-only with the reason, and one by hand is not", async () => {
  const { page, go, server } = cloud;
  const { key } = JSON.parse(
    await command("key", "create", "--name", "provider", ...["users.view", "users.manage", "groups.view", "groups.manage"].flatMap((it) => ["--permission", it]), "--data", server.data, "--json"),
  );
  const answer = await fetch(`${server.url}/scim/v2/Groups`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/scim+json" },
    body: JSON.stringify({ schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"], displayName: "Provided staff" }),
  });
  assert.equal(answer.status, 201);
  await go("/groups?search=provided");
  const row = page.getByRole("row", { name: /Provided staff/ });
  await row.getByText("Identity provider", { exact: true }).waitFor();
  await row.getByRole("button", { name: "Actions for Provided staff" }).click();
  const menu = page.getByRole("menu", { name: "Actions for Provided staff" });
  assert.equal(await menu.getByRole("menuitem", { name: /Delete/ }).getAttribute("aria-disabled"), "true");
  assert.match(await menu.textContent(), /comes from the identity provider: change it there/);
  await page.keyboard.press("Escape");
  await row.getByRole("link", { name: "Provided staff" }).click();
  await page.getByText(/comes from the identity provider: change it there\. Roles can be assigned to it here\./).waitFor();
  assert.equal(await page.getByRole("button", { name: "Add members" }).first().getAttribute("aria-disabled"), "true");
  await go("/groups");
  await page.getByRole("row", { name: /Engineering/ }).getByText("By hand", { exact: true }).waitFor();
});

test("S1-22: a group is made by hand, named beside the field where it is wrong, renamed and deleted with whom that reaches", async () => {
  const { page, go } = cloud;
  await go("/groups");
  await page.getByRole("button", { name: "Create group" }).click();
  const dialog = page.getByRole("dialog", { name: "Create group" });
  await dialog.getByRole("button", { name: "Create group" }).click();
  await dialog.getByText("Write a name for the group.").waitFor();
  await dialog.getByLabel("Name").fill("Engineering");
  await dialog.getByRole("button", { name: "Create group" }).click();
  await dialog.locator(".field__error").waitFor();
  assert.equal(await dialog.getByLabel("Name").inputValue(), "Engineering", "what was typed stays");
  await dialog.getByLabel("Name").fill("Night shift");
  await dialog.getByRole("button", { name: "Create group" }).click();
  await toast(page, "Created Night shift. Nobody is in it yet.");
  await page.getByText("Nobody is in this group").waitFor();
  await page.getByRole("button", { name: "Actions for Night shift" }).click();
  await page.getByRole("menuitem", { name: "Edit name and description" }).click();
  await page.getByRole("dialog", { name: "Edit group" }).getByLabel("Name").fill("Late shift");
  await page.getByRole("dialog", { name: "Edit group" }).getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { name: "Late shift" }).waitFor();
  await page.getByRole("button", { name: "Actions for Late shift" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  const ask = page.getByRole("alertdialog", { name: "Delete Late shift?" });
  await ask.getByText("Nothing changes for anybody.").waitFor();
  await ask.getByRole("button", { name: "Delete group" }).click();
  await toast(page, "Deleted Late shift.");
  await page.waitForURL(/\/groups$/);
});

test("S1-24, S1-27: people and groups are found, put into a basket and added at once; each gets what the group holds", async () => {
  const { page, go } = manager;
  const group = (await call(page, "POST", "/groups", { name: "Watch" })).body.id;
  await call(page, "POST", "/assignments", { principal: { group }, role: "operator", scope: "servers/night" });
  const all = (await call(page, "GET", "/users?status=active&limit=200")).body.items;
  const [one, two] = all.filter(({ roles }) => roles.every((role) => role === "viewer"));
  await go(`/groups/${group}`);
  await page.getByRole("button", { name: "Add members" }).click();
  const dialog = page.getByRole("dialog", { name: "Add members to Watch" });
  await dialog.getByRole("button", { name: "Add members" }).click();
  await dialog.getByText("Find somebody to add.").waitFor();
  await pick(dialog, "People and groups", one.email, one.name);
  await pick(dialog, "People and groups", two.email, two.name);
  await pick(dialog, "People and groups", "Contractors", "Contractors");
  await dialog.getByRole("button", { name: "Remove Contractors" }).click();
  await dialog.getByText(/2 people gain/).waitFor();
  await dialog.getByRole("button", { name: "Add 2 members" }).click();
  await toast(page, /2 members added to Watch\. 2 people gain/);
  await page.getByRole("row", { name: new RegExp(one.name) }).waitFor();
  const check = { subject: one.id, permission: "tasks.run", resource: "servers/night/tasks/t" };
  assert.equal((await call(page, "POST", "/check", check)).body.allowed, true);
  await page.getByRole("button", { name: `Remove ${one.name}` }).click();
  const ask = page.getByRole("alertdialog");
  await ask.getByText(/1 person loses/).waitFor();
  await ask.getByRole("button", { name: "Remove" }).click();
  await toast(page, new RegExp(`${one.name} is no longer in Watch`));
  assert.equal((await call(page, "POST", "/check", check)).body.allowed, false);
  await page.getByRole("tab", { name: "History" }).click();
  const history = page.getByRole("listitem");
  for (const what of [/^Took .+ out of/, /^Created the group/]) await history.filter({ hasText: what }).first().waitFor();
});

test("S1-23, S1-26, S1-28, S1-29: a role is assigned to a group, counts at the next login where the tenant says so, and one removal says that others may remain", async () => {
  const { page, go } = cloud;
  const group = (await call(page, "GET", "/groups?search=finance")).body.items[0].group.id;
  const role = (await call(page, "GET", "/roles")).body.items.map((it) => it.role).find((it) => !it.base && !it.superuser && !it.scope_types?.length && it.kind === "built_in");
  await go(`/groups/${group}?tab=roles`);
  await page.getByText("Members get a role that is assigned here at their next login.").waitFor();
  await page.getByRole("button", { name: "Assign role" }).first().click();
  const dialog = page.getByRole("dialog", { name: "Assign a role to Finance" });
  await pick(dialog, "Role", role.name, role.name);
  await dialog.getByRole("button", { name: "Assign role" }).click();
  await toast(page, `Finance now holds ${role.name}.`);
  await page.getByRole("button", { name: `Remove ${role.name}` }).last().click();
  const ask = page.getByRole("alertdialog");
  await ask.getByText("A member who holds it in another way too keeps it").waitFor();
  await ask.getByRole("button", { name: "Remove role" }).click();
  await toast(page, `Finance no longer holds ${role.name}.`);
});

test("S3-43: a role is given on all endpoints of a server, chosen by kind and never by a path, and stands in the tree of places", async () => {
  const { page, go } = manager;
  const group = (await call(page, "GET", "/groups?search=contractors")).body.items[0].group.id;
  await go(`/groups/${group}?tab=roles`);
  await page.getByRole("button", { name: "Assign role" }).first().click();
  const dialog = page.getByRole("dialog", { name: "Assign a role to Contractors" });
  await pick(dialog, "Role", "Designer", "Designer");
  await dialog.getByRole("radio", { name: "One place" }).check({ force: true });
  await dialog.getByLabel("Which").selectOption({ label: "All endpoints of one server" });
  await dialog.getByRole("button", { name: "Assign role" }).click();
  await dialog.getByText("Fill in the place.").waitFor();
  await dialog.getByLabel("Server").fill("prod");
  await dialog.getByText("All endpoints of prod").waitFor();
  await dialog.getByRole("button", { name: "Assign role" }).click();
  await toast(page, "Contractors now holds Designer.");
  await page.getByRole("row", { name: /Designer All endpoints of prod/ }).waitFor();
  await go("/resources");
  const tree = page.getByRole("tree", { name: "Places" });
  await tree.getByRole("treeitem", { name: "All endpoints of prod" }).click();
  await page.waitForURL(/place=servers%2Fprod%2Fendpoints/);
  await page.getByRole("row", { name: /Contractors.*Designer.*Here/ }).waitFor();
  await page.getByRole("row", { name: /From above: Server prod/ }).first().waitFor();
  await page.getByRole("row", { name: /Owner.*From above: Everything/ }).first().waitFor();
});

test("S3-43: the tree of places is used by arrows", async () => {
  const { page, go } = manager;
  await go("/resources");
  const tree = page.getByRole("tree", { name: "Places" });
  await tree.getByRole("treeitem").first().focus();
  const at = () => page.evaluate(() => document.activeElement.querySelector("span")?.textContent);
  assert.equal(await at(), "Everything");
  await page.keyboard.press("ArrowDown");
  assert.equal(await at(), "All servers");
  await page.keyboard.press("ArrowLeft");
  await eventually("it folds", async () => (await tree.getByRole("treeitem").count()) === 2);
  await page.keyboard.press("ArrowRight");
  await eventually("it unfolds", async () => (await tree.getByRole("treeitem").count()) > 3);
  await page.keyboard.press("End");
  const last = await at();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: last }).waitFor();
});

test("S3-26: exporting with endpoints is a checklist: Operator on the task and on both endpoints", async () => {
  const { page, go } = manager;
  const user = (await call(page, "POST", "/users", { email: "op@example.com", first_name: "Olga", last_name: "Op" })).body.user;
  const give = (scope) => call(page, "POST", "/assignments", { principal: { user }, role: "operator", scope });
  const invited = await call(page, "GET", "/users?search=op@example.com");
  assert.equal(invited.body.items[0].id, user);
  // Somebody active, who holds nothing of this.
  const users = (await call(page, "GET", "/users?status=active&limit=200")).body.items;
  const person = users.find((it) => it.roles.length === 0) ?? users.at(-1);
  const assign = (scope) => call(page, "POST", "/assignments", { principal: { user: person.id }, role: "operator", scope });
  await give("servers/far/tasks/t");
  await assign("servers/far/tasks/t1");
  await assign("servers/far/endpoints/from");
  await go("/resources?tab=operations");
  const form = page.getByRole("tabpanel");
  await pick(form, "Who", person.email, person.name);
  await pick(form, "Operation", "Export task with", "Export task with endpoints");
  for (const [name, value] of [["Server", "far"], ["Task", "t1"], ["Source", "from"], ["Target", "to"]]) await form.getByLabel(name, { exact: true }).fill(value);
  await page.getByText(`${person.name} may not do this.`).waitFor();
  const way = page.locator(".way").nth(1);
  await way.getByText("2 of 3").waitFor();
  await way.locator(".leg--no", { hasText: "Endpoint to" }).waitFor();
  await assign("servers/far/endpoints/to");
  await page.getByText(`${person.name} may do this.`).waitFor();
  assert.equal(await page.locator(".way").nth(1).locator(".leg--yes").count(), 3);
});

test("S4-1: a package lists its roles and people, and a role that is ticked reaches those who are on it", async () => {
  const { page, go } = marketing;
  await go("/packages");
  const row = page.getByRole("row", { name: /Starter/ });
  await row.getByText("Campaign Manager").waitFor();
  const { users } = (await call(page, "GET", "/packages/starter")).body;
  assert.match(await row.textContent(), new RegExp(`${users}`));
  await row.getByRole("link", { name: "Starter" }).click();
  await page.getByRole("checkbox", { name: "Full Access" }).check();
  const bar = page.getByRole("region", { name: "Unsaved changes" });
  await bar.getByText("1 change").waitFor();
  await bar.getByText(/people gain/).waitFor();
  await bar.getByRole("button", { name: "Save" }).click();
  await toast(page, /Saved\. .*people gain/);
  assert.deepEqual((await call(page, "GET", "/packages/starter")).body.package.roles.map((it) => it.role), ["campaign_manager", "full_access"]);
  await page.getByRole("tab", { name: /People/ }).click();
  await page.getByText(`${users} people`).first().waitFor();
  await page.getByRole("tab", { name: "History" }).click();
  await page.getByRole("listitem").filter({ hasText: /^Edited the package/ }).first().waitFor();
});

test("S4-1: what somebody else saves in a package meanwhile is shown beside one's own, and neither is lost", async () => {
  const { page, go } = marketing;
  await go("/packages/free");
  await page.getByRole("checkbox", { name: "Read Only" }).check();
  const { body, etag } = await call(page, "GET", "/packages/free");
  await call(page, "PUT", "/packages/free", { id: "free", name: "Free for all", description: body.package.description ?? "", roles: ["basic_access"] }, etag);
  await page.getByText(/saved this package at \d\d:\d\d\./).waitFor();
  await page.getByText("Theirs: Free for all").waitFor();
  await page.getByRole("button", { name: "Put mine on top" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await toast(page, /Saved\./);
  const saved = (await call(page, "GET", "/packages/free")).body.package;
  assert.deepEqual([saved.name, saved.roles.map((it) => it.role)], ["Free for all", ["basic_access", "read_only"]]);
});

test("a package that people are on is deleted only with where they go, as one change", async () => {
  const { page, go } = marketing;
  const { users } = (await call(page, "GET", "/packages/monitor")).body;
  const before = (await call(page, "GET", "/packages/business")).body.users;
  await go("/packages");
  await page.getByRole("button", { name: "Actions for Monitor" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  const ask = page.getByRole("alertdialog", { name: "Delete Monitor?" });
  await ask.getByText(`${users} people are on this package`).waitFor();
  assert.equal(await ask.getByRole("button", { name: "Move and delete" }).getAttribute("aria-disabled"), "true");
  await ask.getByLabel("Move them to").selectOption({ label: "Business" });
  await ask.getByText(/people gain/).waitFor();
  await ask.getByRole("button", { name: "Move and delete" }).click();
  await toast(page, /Deleted Monitor\./);
  assert.equal((await call(page, "GET", "/packages/business")).body.users, before + users);
  await eventually("it is gone", async () => (await page.getByRole("link", { name: "Monitor" }).count()) === 0);
  await page.getByRole("button", { name: "Undo" }).click();
  await eventually("it is back, with who was on it", async () => (await call(page, "GET", "/packages/monitor")).body.users === users);
  assert.equal((await call(page, "GET", "/packages/business")).body.users, before);
});

test("S4-1: a package is created and named", async () => {
  const { page, go } = marketing;
  await go("/packages");
  await page.getByRole("button", { name: "Create package" }).click();
  const dialog = page.getByRole("dialog", { name: "Create package" });
  await dialog.getByRole("button", { name: "Create package" }).click();
  await dialog.getByText("Write a name for the package.").waitFor();
  await dialog.getByLabel("Name").fill("Agency");
  await dialog.getByRole("button", { name: "Create package" }).click();
  await page.getByRole("heading", { name: "Agency" }).waitFor();
  await page.getByRole("checkbox", { name: "Campaign Manager" }).check();
  // What is not saved is not lost by a click elsewhere.
  await page.getByRole("link", { name: "Packages" }).first().click();
  await page.getByRole("alertdialog", { name: "Leave without saving?" }).getByRole("button", { name: "Stay on page" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await toast(page, "Saved. Nothing changes for anybody.");
  const made = (await call(page, "GET", "/packages")).body.items.find((it) => it.package.name === "Agency");
  assert.deepEqual(made.package.roles.map((it) => it.role), ["campaign_manager"]);
});

test("S4-1: people are put on a package from its page, and hold its roles from then on", async () => {
  const { page, go } = marketing;
  const { id } = (await call(page, "POST", "/packages", { id: "", name: "Studio", roles: ["full_access"] })).body;
  const { items } = (await call(page, "GET", "/users?status=active&limit=200&package=free")).body;
  const some = items.filter((it) => !it.roles.includes("superuser") && !it.roles.includes("full_access")).slice(0, 2);
  await go(`/packages/${id}?tab=people`);
  await page.getByText("Nobody is on this package").waitFor();
  await page.getByRole("button", { name: "Put people on it" }).click();
  const dialog = page.getByRole("dialog", { name: "Put people on Studio" });
  await dialog.getByRole("button", { name: "Put people on it" }).click();
  await dialog.getByText("Find somebody to put on it.").waitFor();
  for (const { email, name } of some) await pick(dialog, "People", email, name);
  await dialog.getByText(/2 people gain/).waitFor();
  await dialog.getByRole("button", { name: "Put 2 people on it" }).click();
  await toast(page, /2 people are on Studio now\. 2 people gain/);
  for (const { name } of some) await page.getByRole("row", { name: new RegExp(name) }).waitFor();
  await page.getByRole("tab", { name: /People/ }).getByText("2").waitFor();
  assert.equal((await call(page, "GET", `/packages/${id}`)).body.users, 2);
});

for (const [name, at, path] of [
  ["groups", () => manager, () => "/groups"],
  ["a group's members", () => manager, async () => `/groups/${(await call(manager.page, "GET", "/groups?search=engineering")).body.items[0].group.id}`],
  ["a group's roles", () => manager, async () => `/groups/${(await call(manager.page, "GET", "/groups?search=engineering")).body.items[0].group.id}?tab=roles`],
  ["a group's history", () => manager, async () => `/groups/${(await call(manager.page, "GET", "/groups?search=engineering")).body.items[0].group.id}?tab=history`],
  ["packages", () => marketing, () => "/packages"],
  ["a package", () => marketing, () => "/packages/starter"],
  ["a package's people", () => marketing, () => "/packages/starter?tab=people"],
  ["places", () => manager, () => "/resources?place=servers/prod"],
  ["operations", () => manager, () => "/resources?tab=operations&operation=tasks.run"],
]) {
  test(`axe finds nothing wrong with ${name}, in both themes, and nothing is cut off at 320 px`, async () => {
    const { page, go } = at();
    await go(await path());
    await page.getByRole("heading").first().waitFor();
    await page.waitForLoadState("networkidle");
    assert.deepEqual(await axe(page), []);
    await page.setViewportSize({ width: 320, height: 720 });
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    await page.setViewportSize({ width: 1440, height: 900 });
    assert.equal(over, 0);
  });
}

test("S1-22: the console says nothing but what the server refused", () => {
  for (const { said } of [manager, marketing, cloud]) assert.deepEqual(said().filter((line) => !/404|409|412|422/.test(line)), []);
});

test("who holds what at a place stands nearest first, and by name", async () => {
  const { page, go } = manager;
  await go("/resources?place=servers/finance");
  const rows = page.getByRole("table", { name: /Who holds what/ }).locator("tbody tr:has(a)");
  await rows.first().waitFor();
  const names = await rows.filter({ hasText: "Here" }).locator(".table__first a").allInnerTexts();
  assert.ok(names.length > 5);
  assert.deepEqual(names.map((it) => it.toLowerCase()), names.map((it) => it.toLowerCase()).sort());
  const order = (await rows.allInnerTexts()).map((it) => /From above/.test(it));
  assert.equal(order.lastIndexOf(false) < order.indexOf(true), true, "what is held here comes first");
});

test("Resources counts apart what does not count now, and marks it as a person's page does", async () => {
  const { page, go } = manager;
  const user = (await call(page, "GET", "/users?status=active&limit=1&sort=-name")).body.items[0].id;
  const place = "servers/quiet";
  const times = [{}, { until: Date.now() + 1500 }, { from: Date.now() + 1e8 }];
  for (const time of times) {
    await call(page, "POST", "/assignments", { principal: { user }, role: "operator", scope: place, ...time });
  }
  await new Promise((done) => setTimeout(done, 2000));
  const all = (await call(page, "GET", `/assignments?reaching=${place}`)).body.total;
  const idle = (await call(page, "GET", `/assignments?reaching=${place}&counting=false`)).body.total;
  assert.ok(idle >= 2 && idle < all);
  await go(`/resources?place=${place}`);
  await page.getByText(new RegExp(`^${all - idle} assignments? counts? here now, ${idle} do not$`)).waitFor();
  const section = page.locator("section[aria-labelledby=place-title]");
  await section.getByText("Expired", { exact: true }).first().waitFor();
  await section.getByText("Not yet", { exact: true }).first().waitFor();
  await go("/review?search=quiet");
  await page.getByRole("table").getByText("Expired", { exact: true }).first().waitFor();
  assert.deepEqual(await axe(page), []);
});
