// Groups, packages and resources, in a real browser with the real server.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accepted, axe, call, command, eventually, setUp, startBrowser, startServer, watch } from "./rolewright.mjs";

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

/** Types the id of a resource, and takes it. */
async function type(form, field, id) {
  const input = form.getByRole("combobox", { name: field, exact: true });
  await input.fill(id);
  await form.getByRole("option", { name: id }).first().waitFor();
  await input.press("Enter");
  assert.equal(await input.inputValue(), id);
}

/** Finds somebody in a field that the server searches. */
async function pick(dialog, field, words, option) {
  await dialog.getByRole("combobox", { name: field }).fill(words);
  await dialog.getByRole("option", { name: option }).first().click();
}

test("what somebody holds at a place alone is told with the place: in the list, on their roles and on their permissions", async () => {
  const { page, go } = manager;
  const user = await accepted(page, manager.server, { email: "pat@place.example", first_name: "Pat", password: ADA.password, roles: [] });
  const { items } = (await call(page, "GET", "/assignments?limit=200")).body;
  const { role } = items.find((it) => it.assignment.scope.startsWith("servers/")).assignment;
  const { name } = (await call(page, "GET", `/roles/${role}`)).body.role;
  await call(page, "POST", "/assignments", { principal: { user }, role, scope: "servers/prod" });
  await go("/users?search=pat%40place");
  await page.getByText(`${name} at Server prod`, { exact: true }).waitFor();
  await go(`/users/${user}`);
  const row = page.getByRole("row", { name: new RegExp(`^${name}`) });
  await row.getByText("Server prod", { exact: true }).waitFor();
  assert.equal(await row.getByText("Counts elsewhere").count(), 0);
  await page.getByRole("tab", { name: /^Permissions/ }).click();
  const where = page.getByLabel("Where", { exact: true });
  assert.deepEqual(await where.getByRole("option").allTextContents(), ["Everything", "Server prod"]);
  await page.getByText("choose the place").waitFor();
  await where.selectOption({ label: "Server prod" });
  await page.getByRole("link", { name: /^Why: / }).first().waitFor();
  assert.deepEqual(await axe(page), []);
  // What has one id at two places is told with what it is in.
  const tasks = ["prod", "prdo"].map((server) => [`servers/${server}/tasks/load`, `Task load of Server ${server}`]);
  for (const [scope] of tasks) await call(page, "POST", "/assignments", { principal: { user }, role, scope });
  await go(`/users/${user}`);
  for (const [, words] of tasks) await page.getByRole("row").getByText(words, { exact: true }).waitFor();
  await page.getByRole("tab", { name: /^Permissions/ }).click();
  for (const [, words] of tasks) await eventually(words, async () => (await where.getByRole("option").allTextContents()).includes(words));
  await go("/audit");
  await page.getByText(tasks[1][1], { exact: false }).first().waitFor();
});

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
  await page.getByRole("row", { name: /^Engineering/ }).getByText("By hand", { exact: true }).waitFor();
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

for (const [list, what] of [["groups", "Create group"], ["packages", "Create package"]]) {
  test(`Escape asks before what was typed is lost: ${what}`, async () => {
    const { page, go } = marketing;
    await go(`/${list}`);
    await page.getByRole("button", { name: what }).first().click();
    const dialog = page.getByRole("dialog", { name: what });
    await dialog.getByLabel("Name").fill("Night shift");
    await page.keyboard.press("Escape");
    const ask = page.getByRole("alertdialog", { name: "Close without saving?" });
    await ask.getByRole("button", { name: "Keep editing" }).last().click();
    assert.equal(await dialog.getByLabel("Name").inputValue(), "Night shift");
    await dialog.getByLabel("Name").fill("");
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
  });
}

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
  await ask.getByText(/ loses \d+ permissions?\.$/).waitFor();
  await ask.getByRole("button", { name: "Remove" }).click();
  await toast(page, new RegExp(`${one.name} is no longer in Watch`));
  assert.equal((await call(page, "POST", "/check", check)).body.allowed, false);
  await page.getByRole("tab", { name: "History" }).click();
  const history = page.getByRole("listitem");
  for (const what of [/^Took .+ out of/, /^Created the group/]) await history.filter({ hasText: what }).first().waitFor();
});

test("a group that is in another says so in the list and on its page, and what comes through that one; the other way round is refused by name", async () => {
  const { page, go } = manager;
  const group = async (name) => (await call(page, "POST", "/groups", { name })).body.id;
  const [inner, outer] = [await group("Relay"), await group("Telegraph")];
  await call(page, "POST", `/groups/${outer}/members`, { group: inner });
  await call(page, "POST", "/assignments", { principal: { group: outer }, role: "operator", scope: "servers/night" });
  await go("/groups?search=relay");
  await page.getByRole("row", { name: /Relay\s+in Telegraph/ }).getByRole("link", { name: "Relay" }).click();
  await page.getByText("In group Telegraph").waitFor();
  await page.getByRole("tab", { name: "Roles 1" }).click();
  const row = page.getByRole("row", { name: /through Telegraph/ });
  assert.equal(await row.getByRole("button").count(), 0, "it is taken away where it is held");
  await row.getByRole("link", { name: "Telegraph" }).click();
  await page.waitForURL(`**/groups/${outer}?tab=roles`);
  await go(`/groups/${inner}`);
  await page.getByRole("button", { name: "Add members" }).click();
  const dialog = page.getByRole("dialog", { name: "Add members to Relay" });
  await pick(dialog, "People and groups", "Telegraph", "Telegraph");
  await dialog.getByText("\u201cRelay\u201d is in Telegraph, so Telegraph cannot be in it: take Relay out first.").first().waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("alertdialog").getByRole("button", { name: "Discard" }).click();
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
  // A mistyped id is no error, for a product may have it: but nothing is held there.
  const path = dialog.locator(".place-picker__path");
  const hint = dialog.getByText("Nothing is held at prodution yet: check the id.");
  await type(dialog, "Server", "prodution");
  await hint.waitFor();
  await path.waitFor();
  await dialog.getByRole("combobox", { name: "Server", exact: true }).fill("pr do");
  await path.waitFor({ state: "detached" });
  await type(dialog, "Server", "prod");
  await hint.waitFor({ state: "detached" });
  await dialog.getByText("All endpoints of Server prod").waitFor();
  await dialog.getByRole("button", { name: "Assign role" }).click();
  await toast(page, "Contractors now holds Designer at All endpoints of Server prod.");
  await page.getByRole("row", { name: /Designer All endpoints of Server prod/ }).waitFor();
  await go("/resources");
  const tree = page.getByRole("tree", { name: "Places" });
  await tree.getByRole("treeitem", { name: "All endpoints of Server prod" }).click();
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

test("a place is found by the search over everything, and opened in the tree", async () => {
  const { page, go } = manager;
  await go("/");
  await page.getByRole("navigation", { name: "Sections" }).getByRole("link", { name: "Resources" }).waitFor();
  await page.keyboard.press("Control+k");
  const search = page.getByRole("dialog", { name: "Search", exact: true });
  await search.getByRole("combobox", { name: "Search or ask" }).fill("servers/prod");
  const place = search.getByRole("option", { name: /^Server prod\s*Place servers\/prod$/ });
  await place.click();
  await page.waitForURL((url) => url.pathname === "/resources" && url.searchParams.get("place") === "servers/prod");
  await page.getByRole("heading", { level: 2, name: "Server prod" }).waitFor();
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
  for (const [name, value] of [["Server", "far"], ["Task", "t1"], ["Source", "from"], ["Target", "to"]]) await type(form, name, value);
  await page.getByText(`${person.name} may not do this.`).waitFor();
  const way = page.locator(".way").nth(1);
  await way.getByText("2 of 3").waitFor();
  await way.locator(".leg--no", { hasText: "Endpoint to" }).waitFor();
  await assign("servers/far/endpoints/to");
  await page.getByText(`${person.name} may do this.`).waitFor();
  assert.equal(await page.locator(".way").nth(1).locator(".leg--yes").count(), 3);
  // What is no id is said beside its field, and answered neither way.
  const server = form.getByRole("combobox", { name: "Server", exact: true });
  await server.fill("no such server");
  await form.getByText("An id has no spaces", { exact: false }).waitFor();
  assert.equal(await page.getByText(/ may (not )?do this/).count(), 0);
  assert.equal(await server.getAttribute("aria-invalid"), "true");
  // What is known is found as anywhere: what was typed comes first, and the arrows lead on.
  await server.fill("fa");
  const ids = form.getByRole("option");
  await eventually("both", async () => (await ids.allInnerTexts()).map((it) => it.trim()).join() === "fa\nAs you typed it,far");
  await page.keyboard.press("ArrowDown");
  await eventually("the known one", async () => (await ids.last().getAttribute("aria-selected")) === "true");
  await page.keyboard.press("Enter");
  assert.equal(await server.inputValue(), "far");
  await page.getByText(`${person.name} may do this.`).waitFor();
  // It is kept when the focus goes on, also where nothing was taken from the list.
  await server.fill("farther");
  await page.keyboard.press("Tab");
  await page.getByText(`${person.name} may not do this.`).waitFor();
  assert.equal(await server.inputValue(), "farther");
  assert.equal(await ids.count(), 0);
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
  await page.getByText(/You saved this package elsewhere at \d\d:\d\d\./).waitFor();
  await page.locator(".sides").getByRole("cell", { name: "Free for all" }).waitFor();
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
  // Each says what it carries.
  assert.match(await ask.getByRole("option", { name: /^Business: \w/ }).innerText(), /^Business: /);
  await ask.getByLabel("Move them to").selectOption("business");
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
  await page.getByRole("alertdialog", { name: "Leave without saving?" }).getByRole("button", { name: "Stay on page" }).last().click();
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

test("somebody is taken off a package from its page by the keyboard, the focus goes on, and the toast takes that back", async () => {
  const { page, go } = marketing;
  const { id } = (await call(page, "POST", "/packages", { id: "", name: "Crew", roles: ["full_access"] })).body;
  const { items } = (await call(page, "GET", "/users?status=active&limit=200&package=free")).body;
  const some = items.filter((it) => !it.roles.includes("superuser") && !it.roles.includes("full_access")).slice(0, 2);
  const own = (await call(page, "GET", "/session")).body.user;
  for (const user of [...some.map((it) => it.id), own]) {
    await call(page, "PUT", `/users/${user}/package`, { package: id }, (await call(page, "GET", `/users/${user}`)).etag);
  }
  const users = async () => (await call(page, "GET", `/packages/${id}`)).body.users;
  await go(`/packages/${id}?tab=people`);
  const off = page.getByRole("button", { name: /^Take .* off Crew$/ });
  await eventually("all three", async () => (await off.count()) === 3);
  const [one] = some;
  await page.getByRole("button", { name: `Take ${one.name} off Crew` }).focus();
  await page.keyboard.press("Enter");
  await toast(page, new RegExp(`${one.name} is no longer on Crew\\. ${one.name} loses .+: .+`));
  await eventually("the row is gone", async () => (await off.count()) === 2);
  await eventually("the focus goes on", () => page.evaluate(() => /^Take|^Crew/.test(document.activeElement.ariaLabel ?? document.activeElement.innerText)));
  assert.equal(await users(), 2);
  await page.getByRole("button", { name: "Undo" }).last().click();
  await eventually("all three again", async () => (await off.count()) === 3);
  assert.equal(await users(), 3);
  // Oneself is asked about first.
  const { name } = (await call(page, "GET", "/session")).body;
  await page.getByRole("button", { name: `Take ${name} off Crew` }).click();
  const ask = page.getByRole("alertdialog", { name: `Take ${name} off Crew?` });
  await ask.getByText("This is you.").waitFor();
  await ask.getByRole("button", { name: "Take off" }).click();
  await toast(page, `${name} is no longer on Crew.`);
  assert.equal(await users(), 2);
});

test("what somebody is put on meanwhile is not taken away from them", async () => {
  const { page, go } = marketing;
  const free = (await call(page, "GET", "/packages/free")).body.package.name;
  for (const [to, said] of [["starter", "was put on another package meanwhile."], [null, `is not on ${free} any more.`]]) {
    const { items } = (await call(page, "GET", "/users?status=active&limit=200&package=free")).body;
    const { id, name } = items.find((it) => !it.roles.includes("superuser"));
    await go(`/packages/free?tab=people`);
    await page.getByLabel("Search people").fill(name);
    const off = page.getByRole("button", { name: `Take ${name} off `, exact: false });
    await off.waitFor();
    await page.route("**/changes*", (route) => route.abort());
    await page.route(`**/users/${id}`, async (route) => {
      await page.unroute(`**/users/${id}`);
      const { etag } = await call(page, "GET", `/users/${id}`);
      await call(page, "PUT", `/users/${id}/package`, { package: to }, etag);
      await route.continue();
    });
    await off.click();
    await toast(page, `${name} ${said}`);
    assert.equal((await call(page, "GET", `/users/${id}`)).body.user.package?.package ?? null, to);
    await page.unroute("**/changes*");
  }
});

test("what is wrong with the name of a package is said once, at the field, or in the bar where the field is not shown", async () => {
  const { page, go } = marketing;
  await go("/packages/starter");
  await page.getByLabel("Name").fill("Business");
  const bar = page.getByRole("region", { name: "Unsaved changes" });
  const wrong = page.locator(".field__error", { hasText: "nother package is called" });
  await wrong.waitFor();
  assert.equal(await wrong.count(), 1);
  assert.equal(await bar.locator(".field__error").count(), 0);
  assert.equal(await bar.getByRole("button", { name: "Save" }).getAttribute("aria-disabled"), "true");
  await page.getByRole("tab", { name: /People/ }).click();
  await bar.locator(".field__error", { hasText: "nother package is called" }).waitFor();
  assert.equal(await wrong.count(), 1);
  await page.getByRole("tab", { name: /Roles/ }).click();
  await page.getByLabel("Name").fill(" ");
  await page.locator(".field__error", { hasText: "Write a name for the package." }).waitFor();
  assert.equal(await page.locator(".field__error").count(), 1);
  await bar.getByRole("button", { name: "Discard" }).click();
});

test("who is on a package is found on the users page by the keyboard, in the address, and all of them are edited", async () => {
  const { page, go } = marketing;
  const { users } = (await call(page, "GET", "/packages/starter")).body;
  await go("/users");
  const filter = page.getByRole("combobox", { name: "Package" });
  await filter.waitFor();
  await filter.focus();
  await page.keyboard.type("Starter");
  await page.waitForURL(/\/users\?package=starter$/);
  await page.getByText(`of ${users} people`).waitFor();
  assert.equal(await filter.evaluate((it) => it === document.activeElement), true);
  assert.match(await page.getByRole("link", { name: "Export CSV" }).getAttribute("href"), /package=starter/);
  await page.reload();
  await page.getByText(`of ${users} people`).waitFor();
  assert.equal(await filter.inputValue(), "starter");
  await page.getByRole("checkbox", { name: /^Choose (?!all)/ }).first().check();
  await page.getByRole("button", { name: `Choose all ${users} that match` }).click();
  await page.getByRole("button", { name: "Disable", exact: true }).click();
  await page.getByRole("dialog", { name: /Disable/ }).getByText(`Of ${users} users`).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Clear" }).click();
  await filter.selectOption({ label: "Every package" });
  await page.waitForURL(/\/users$/);
  await go("/users?package=nothing");
  await page.getByText("There is no such package").waitFor();
  assert.equal(await page.getByRole("checkbox", { name: "Choose all on this page" }).count(), 0, "nobody is chosen by mistake");
});

test("a role is assigned at a place from its own page, to users and groups at once, taken away there, and the toast takes that back", async () => {
  const { page, go } = manager;
  await call(page, "POST", "/groups", { name: "Harbour" });
  const [user] = (await call(page, "GET", "/users?status=active&limit=1&sort=name")).body.items;
  const place = "servers/harbour";
  const here = async () => (await call(page, "GET", `/assignments?scope=${place}`)).body.total;
  await go(`/resources?place=${place}`);
  await page.getByRole("button", { name: "Assign role" }).click();
  const dialog = page.getByRole("dialog", { name: "Assign a role at Server harbour" });
  await dialog.getByRole("button", { name: "Assign", exact: true }).click();
  await dialog.getByText("Choose the role to assign.").waitFor();
  await dialog.getByText("Find somebody to assign the role to.").waitFor();
  await pick(dialog, "Role", "Operator", "Operator");
  await page.keyboard.press("Escape");
  const unsaved = page.getByRole("alertdialog", { name: "Close without saving?" });
  await unsaved.getByText("What you filled in is not assigned to anybody yet.").waitFor();
  await unsaved.getByRole("button", { name: "Keep editing" }).last().click();
  await pick(dialog, "Users and groups", user.email, user.name);
  await pick(dialog, "Users and groups", "Harbour", "Harbour");
  await dialog.getByRole("button", { name: "Assign to 1 user and 1 group" }).click();
  await toast(page, /Operator assigned to 1 user and 1 group at Server harbour\./);
  await page.getByRole("row", { name: /Harbour.*Operator.*Here/ }).waitFor();
  assert.equal(await here(), 2);
  // What comes from above is taken away above.
  const above = page.getByRole("row", { name: /From above: Everything/ }).first();
  assert.equal(await above.getByRole("button", { name: /^Unassign/ }).count(), 0);
  await page.getByRole("button", { name: "Unassign Operator from Harbour" }).focus();
  await page.keyboard.press("Enter");
  const ask = page.getByRole("alertdialog", { name: "Unassign Operator from Harbour?" });
  await ask.getByText("Nothing changes for anybody.").waitFor();
  await ask.getByRole("button", { name: "Unassign" }).click();
  await toast(page, "Operator unassigned from Harbour.");
  await eventually("the row is gone", async () => (await page.getByRole("button", { name: "Unassign Operator from Harbour" }).count()) === 0);
  await eventually("the focus goes on", () => page.evaluate(() => document.activeElement !== document.body));
  await page.getByRole("button", { name: "Undo" }).last().click();
  await eventually("it is back", async () => (await here()) === 2);
  await above.getByRole("link", { name: "From above: Everything" }).click();
  const head = page.locator(".place-head");
  await head.getByRole("heading", { name: "Everything" }).waitFor();
  assert.equal(await head.locator("code").count(), 0, "everything has no path beside it");
});

test("an address that leads to no kind of place says so, and leads back", async () => {
  const { page, go } = manager;
  for (const place of ["nonsense/x", "servers//prod"]) {
    await go(`/resources?place=${encodeURIComponent(place)}`);
    await page.getByText("There is no such place").waitFor();
    assert.equal(await page.getByRole("button", { name: "Assign role" }).count(), 0);
  }
  await page.getByRole("link", { name: "Show everything" }).click();
  await page.locator(".place-head").getByRole("heading", { name: "Everything" }).waitFor();
});

test("Back to another place closes what was to be assigned at this one", async () => {
  const { page, go } = manager;
  await go("/resources?place=servers/prod");
  const head = page.locator(".place-head");
  await head.getByRole("heading", { name: "Server prod" }).waitFor();
  await page.getByRole("tree", { name: "Places" }).getByRole("treeitem", { name: "All servers" }).click();
  await head.getByRole("heading", { name: "All servers" }).waitFor();
  await head.getByRole("button", { name: "Assign role" }).click();
  await page.getByRole("dialog", { name: "Assign a role at All servers" }).waitFor();
  await page.goBack();
  await head.getByRole("heading", { name: "Server prod" }).waitFor();
  assert.equal(await page.locator("dialog[open]").count(), 0);
  await head.getByRole("button", { name: "Assign role" }).click();
  await page.getByRole("dialog", { name: "Assign a role at Server prod" }).waitFor();
});

/** Has the pages of a list be of two rows, until the test ends. */
async function twoRows(t, page, isOfList) {
  t.after(() => page.unrouteAll());
  await page.route(
    (url) => isOfList(url) && url.search && !url.searchParams.has("limit"),
    (route) => route.continue({ url: `${route.request().url()}&limit=2` }),
  );
}

test("where the last of a later page is taken off a package the first page is shown, and nobody is said to be gone", async (t) => {
  const { page, go } = marketing;
  const { id } = (await call(page, "POST", "/packages", { id: "", name: "Trio", roles: [] })).body;
  const { items } = (await call(page, "GET", "/users?status=active&limit=200&package=business")).body;
  for (const { id: user } of items.filter((it) => !it.roles.includes("superuser")).slice(0, 3)) {
    await call(page, "PUT", `/users/${user}/package`, { package: id }, (await call(page, "GET", `/users/${user}`)).etag);
  }
  await twoRows(t, page, (url) => url.pathname.endsWith("/users") && url.searchParams.get("package") === id);
  await go(`/packages/${id}?tab=people`);
  const off = page.getByRole("button", { name: /^Take .* off Trio$/ });
  await eventually("the first page", async () => (await off.count()) === 2);
  await page.getByRole("button", { name: "Next" }).click();
  await eventually("the last page", async () => (await off.count()) === 1);
  await off.click();
  await eventually("the first page again", async () => (await off.count()) === 2);
  assert.equal(await page.getByText("Nobody is on this package").count(), 0);
  await eventually("the focus goes on", () => page.evaluate(() => document.activeElement !== document.body));
});

test("where the last of a later page is unassigned at a place, or of a role, the first page is shown", async (t) => {
  const { page, go } = manager;
  for (const name of ["Pier A", "Pier B", "Pier C", "Pier D"]) {
    const group = (await call(page, "POST", "/groups", { name })).body.id;
    await call(page, "POST", "/assignments", { principal: { group }, role: "operator", scope: "servers/pier" });
  }
  await twoRows(t, page, (url) => url.pathname.endsWith("/assignments"));
  await go("/resources?place=servers/pier");
  await page.getByLabel("Search who holds what").fill("pier");
  await page.waitForURL(/search=pier/);
  const off = page.getByRole("button", { name: /^Unassign Operator from Pier/ });
  await eventually("the first page", async () => (await off.count()) === 2);
  await page.getByRole("button", { name: "Next" }).click();
  for (const name of ["Pier C", "Pier D"]) {
    await page.getByRole("button", { name: `Unassign Operator from ${name}` }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Unassign" }).click();
    await toast(page, `Operator unassigned from ${name}.`);
  }
  await page.getByRole("row", { name: /Pier A/ }).waitFor();
  assert.equal(await page.getByText("Nothing fits").count(), 0);
  const group = (await call(page, "GET", "/groups?search=contractors")).body.items[0].group.id;
  await call(page, "POST", "/assignments", { principal: { group }, role: "operator", scope: "servers/pier" });
  await go("/permissions/operator?of=groups&search=pier&sort=-principal");
  await page.getByRole("button", { name: "Next" }).click();
  await page.waitForURL(/cursor=/);
  await page.getByRole("checkbox", { name: /^Choose Contractors/ }).check();
  await page.getByRole("button", { name: "Unassign" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Unassign" }).click();
  await page.getByRole("row", { name: /Pier A/ }).waitFor();
  assert.doesNotMatch(page.url(), /cursor=/);
});

test("where the last of a later page of groups is deleted the first page is shown, and nobody is told that there are none", async (t) => {
  const { page, go } = manager;
  for (const name of ["Quay A", "Quay B", "Quay C"]) await call(page, "POST", "/groups", { name });
  await twoRows(t, page, (url) => url.pathname.endsWith("/groups"));
  await go("/groups?search=quay");
  await page.getByRole("row", { name: /Quay B/ }).waitFor();
  await page.getByRole("button", { name: "Next" }).click();
  await page.getByRole("button", { name: "Actions for Quay C" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete group" }).click();
  await page.getByRole("row", { name: /Quay A/ }).waitFor();
  assert.equal(await page.getByText("No group fits").count(), 0);
  assert.equal(new URL(page.url()).search, "?search=quay");
});

test("another place begins with an empty search, and Back brings the one before with its words", async () => {
  const { page, go } = manager;
  const group = (await call(page, "POST", "/groups", { name: "Lighthouse" })).body.id;
  await call(page, "POST", "/assignments", { principal: { group }, role: "operator", scope: "servers/prod" });
  await go("/resources?place=servers/prod");
  const head = page.locator(".place-head");
  const search = page.getByLabel("Search who holds what");
  await search.fill("lighthouse");
  await page.waitForURL(/search=lighthouse/);
  await page.getByText("1 assignment counts here now").waitFor();
  await page.getByRole("tree", { name: "Places" }).getByRole("treeitem", { name: "All servers" }).click();
  await head.getByRole("heading", { name: "All servers" }).waitFor();
  assert.equal(await search.inputValue(), "");
  assert.equal(new URL(page.url()).search, "?place=servers");
  await page.getByRole("row", { name: /Owner.*From above: Everything/ }).first().waitFor();
  await page.goBack();
  await head.getByRole("heading", { name: "Server prod" }).waitFor();
  await eventually("its words", async () => (await search.inputValue()) === "lighthouse");
  await page.getByText("1 assignment counts here now").waitFor();
  await search.fill("");
  await page.getByRole("row", { name: /From above: Everything/ }).first().getByRole("link", { name: "From above: Everything" }).click();
  await head.getByRole("heading", { name: "Everything" }).waitFor();
  assert.equal(new URL(page.url()).search, "");
});

test("what counts nowhere any more is taken away wherever it stands", async () => {
  const { page, go } = manager;
  const role = (await call(page, "POST", "/roles", { id: "", name: "Berth", grants: { "tasks.run": "allowed" } })).body.role;
  const group = (await call(page, "POST", "/groups", { name: "Dock" })).body.id;
  const [user] = (await call(page, "GET", "/users?status=active&limit=1&sort=name")).body.items;
  for (const principal of [{ group }, { user: user.id }, "everyone"]) {
    await call(page, "POST", "/assignments", { principal, role: role.id, scope: "servers/dock" });
  }
  const { body, etag } = await call(page, "GET", `/roles/${role.id}`);
  await call(page, "PUT", `/roles/${role.id}`, { ...body.role, scope_types: ["endpoint"] }, etag);
  for (const [path, button] of [
    [`/users/${user.id}`, "Remove Berth"],
    [`/groups/${group}?tab=roles`, "Remove Berth"],
    [`/permissions/${role.id}?of=everyone`, "Unassign from everyone: Server dock"],
    ["/review?search=berth", /^Revoke .*Dock/],
  ]) {
    await go(path);
    const off = page.getByRole("button", { name: button });
    await off.waitFor();
    assert.notEqual(await off.getAttribute("aria-disabled"), "true", path);
  }
  await go(`/permissions/${role.id}?of=groups`);
  await page.getByRole("checkbox", { name: /^Choose Dock/ }).check();
  assert.notEqual(await page.getByRole("button", { name: "Unassign" }).getAttribute("aria-disabled"), "true");
  await go("/resources?place=servers/dock");
  await page.getByRole("button", { name: "Unassign Berth from Dock" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Unassign" }).click();
  await toast(page, "Berth unassigned from Dock.");
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
  const expired = section.getByRole("button", { name: "Expired: It has ended." }).first();
  await expired.focus();
  await page.keyboard.press("Enter");
  await section.getByRole("dialog").getByText("It has ended.").waitFor();
  await page.keyboard.press("Escape");
  await section.getByRole("dialog").waitFor({ state: "hidden" });
  assert.equal(await expired.evaluate((it) => it === document.activeElement), true);
  await section.getByText("Not yet", { exact: true }).first().waitFor();
  await go("/review?search=quiet");
  await page.getByRole("table").getByText("Expired", { exact: true }).first().waitFor();
  assert.deepEqual(await axe(page), []);
});
