// The Permissions tab of Users, in a real browser with the real server: to whom each role is assigned.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { axe, call, eventually, setUp, startBrowser, startServer, watch } from "./rolewright.mjs";

const ADA = { email: "ada@example.com", password: "a long walk by the river" };
const LATER = "The users will be assigned the role at their next login.";
const STARTERS = [
  "Automation Creator", "Data Services Contributor", "Steward", "Private Analytics Content Creator",
  "Shared Space Creator", "Automl Experiment Contributor", "Automl Deployment Contributor",
];

let browser, server, page, said, tenant;

before(async () => {
  browser = await startBrowser();
  server = await startServer({ args: ["--template", "analytics-cloud", "--demo"] });
  page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  said = watch(page);
  await setUp(page, server, ADA);
  tenant = (await call(page, "GET", "/session")).body.tenant_name;
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

const go = (path) => page.goto(server.url + path);
const get = async (path) => (await call(page, "GET", path)).body;
const toast = (text) => page.getByRole("status").getByText(text).first().waitFor();
const role = async (id) => (await get(`/roles/${id}`)).assigned;
const give = (principal, role, more = {}) => call(page, "POST", "/assignments", { principal, role, scope: "/", ...more });

/** Active people who do not hold that role in any way, nor everything. */
async function people(role, n) {
  const own = new Set((await get(`/assignments?role=${role}&of=users&limit=200`)).items.map((it) => it.assignment.principal.user));
  const all = (await get("/users?status=active&limit=200")).items;
  return all.filter(({ id, roles }) => !own.has(id) && !roles.includes("tenant_admin") && (!roles.includes(role) || role === "steward")).slice(0, n);
}

/** Finds somebody in a field that the server searches. */
async function pick(dialog, field, words, option) {
  await dialog.getByRole("combobox", { name: field }).fill(words);
  await dialog.getByRole("option", { name: option }).first().click();
}

const switchOf = (name) => page.getByRole("combobox", { name: `Auto assign of ${name}` });

test("S1-7: Users has two tabs, All users and Permissions, each with its address", async () => {
  await go("/users");
  const tabs = page.getByRole("navigation", { name: "Users" });
  assert.equal(await tabs.getByRole("link", { name: "All users" }).getAttribute("aria-current"), "page");
  await tabs.getByRole("link", { name: "Permissions" }).click();
  await page.waitForURL(/\/permissions$/);
  assert.equal(await tabs.getByRole("link", { name: "Permissions" }).getAttribute("aria-current"), "page");
  assert.equal(await page.title(), "Permissions · Rolewright");
  assert.equal(await page.getByRole("navigation", { name: "Sections" }).getByRole("link", { name: "Users" }).getAttribute("aria-current"), "page");
});

test("S1-8, S1-15, S1-30, S1-31, S1-36: every role stands in the tab with its counts, and the seven starters are on for anyone", async () => {
  await go("/permissions");
  const all = (await get("/roles")).items;
  const rows = page.locator("tbody tr");
  await eventually("every role", async () => (await rows.count()) === all.length);
  for (const { role, assigned } of all) {
    const row = page.getByRole("row", { name: new RegExp(`^${role.name} `) });
    const text = await row.textContent();
    assert.match(text, role.kind === "built_in" ? /Built in/ : /Custom/);
    assert.match(text, role.audience === "admin" ? /Administrators/ : /Users/);
    const numbers = await row.locator(".table__number").allTextContents();
    assert.deepEqual(numbers, [`${assigned.users}`, `${assigned.groups}`], role.name);
    if (role.base) continue;
    const options = await switchOf(role.name).locator("option").allTextContents();
    assert.deepEqual(options, ["Off", `Anyone at ${tenant}`]);
    assert.equal(await switchOf(role.name).inputValue(), STARTERS.includes(role.name) ? "anyone" : "off", role.name);
  }
  await page.getByRole("searchbox", { name: "Search roles" }).fill("steward");
  await eventually("the search", async () => (await rows.count()) === 1);
});

test("roles stand in the tab by name, by users or by groups, as its heads are pressed, and the address says so", async () => {
  await go("/permissions");
  const items = (await get("/roles")).items;
  const numbers = async (label) => (await page.locator(`tbody td[data-label=${label}]`).allInnerTexts()).map(Number);
  const head = (name) => page.getByRole("columnheader", { name, exact: true });
  await page.getByRole("row", { name: /^Steward / }).waitFor();
  for (const [name, of] of [["Users", "users"], ["Groups", "groups"]]) {
    await head(name).getByRole("button").click();
    await page.waitForURL(new RegExp(`sort=${of}`));
    await head(name).getByRole("button").click();
    await page.waitForURL(new RegExp(`sort=-${of}`));
    const most = items.map((it) => it.assigned[of]).toSorted((a, b) => b - a);
    await eventually(`the most ${of} first`, async () => assert.deepEqual(await numbers(name), most) ?? true);
    assert.equal(await head(name).getAttribute("aria-sort"), "descending");
    assert.equal(await page.locator("th[aria-sort]").count(), 1);
  }
  await head("Role").getByRole("button").click();
  await page.getByRole("searchbox", { name: "Search roles" }).fill("content");
  await page.waitForURL(/sort=name.*search=content/);
  await page.reload();
  await page.locator("tbody .table__first").first().waitFor();
  const names = await page.locator("tbody .table__first").allInnerTexts();
  assert.ok(names.length > 1, `${names}`);
  assert.deepEqual(names, names.toSorted((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1)));
});

test("S1-16, S1-17, S1-18: the arrow opens a role at its own address, with the users to whom it is assigned, searched by name and email", async () => {
  const [one] = await people("content_exporter", 1);
  await give({ user: one.id }, "content_exporter", { scope: "spaces/blue", until: Date.now() + 9e8 });
  await go("/permissions?search=content");
  await page.getByRole("link", { name: "Open Content Exporter" }).click();
  await page.waitForURL(/\/permissions\/content_exporter$/);
  await page.getByRole("heading", { name: "Content Exporter" }).waitFor();
  await page.getByRole("navigation", { name: "Breadcrumb" }).getByRole("link", { name: "Permissions" }).waitFor();
  const tabs = page.getByRole("tab");
  assert.deepEqual((await tabs.allTextContents()).map((it) => it.replace(/\d+/, "")), ["Users", "Groups", "Everyone"]);
  for (const words of [one.name, one.email.toUpperCase()]) {
    await page.getByRole("searchbox", { name: "Search users" }).fill(words);
    await page.waitForURL(new RegExp(`search=${encodeURIComponent(words).replaceAll(".", "\\.")}`));
    await page.getByText("1 assignment", { exact: true }).waitFor();
  }
  const text = await page.getByRole("row", { name: new RegExp(one.name) }).textContent();
  assert.match(text, /Space blue/);
  assert.match(text, /Until/);
  assert.match(text, new RegExp(new Date().getFullYear()));
  await page.getByRole("tab", { name: "Everyone" }).click();
  await page.waitForURL(/of=everyone/);
});

test("S1-3, S1-4, S1-19, S1-20, S1-21: users are found by name or email, put into a basket, and assigned the role at once, with whom that reaches", async () => {
  const [one, two, three] = await people("model_approver", 3);
  const before = await role("model_approver");
  await go("/permissions/model_approver");
  await page.getByRole("button", { name: "Assign", exact: true }).first().click();
  const dialog = page.getByRole("dialog", { name: "Assign Model Approver" });
  await dialog.getByRole("button", { name: "Assign", exact: true }).click();
  await dialog.getByText("Find somebody to assign the role to.").waitFor();
  await pick(dialog, "Users", one.name, one.name);
  await pick(dialog, "Users", two.email, two.name);
  await pick(dialog, "Users", three.email, three.name);
  await dialog.getByRole("button", { name: `Remove ${three.name}` }).click();
  await dialog.getByText(/2 people gain/).waitFor();
  for (const { name } of [one, two]) await dialog.getByText(new RegExp(`^${name} gains \\d+ permissions?`)).waitFor();
  await dialog.getByText(LATER).waitFor();
  await dialog.getByRole("button", { name: "Assign to 2 users" }).click();
  await toast(new RegExp(`Model Approver assigned to 2 users\\. 2 people gain.* ${LATER}`));
  for (const { name } of [one, two]) await page.getByRole("row", { name: new RegExp(name) }).waitFor();
  assert.equal((await role("model_approver")).users, before.users + 2);
  await page.getByRole("tab", { name: `Users ${before.users + 2}` }).waitFor();
});

test("S1-20: the basket is filled, emptied and assigned from the keyboard alone", async () => {
  const [one, two] = await people("knowledge_manager", 2);
  const before = await role("knowledge_manager");
  await go("/permissions/knowledge_manager");
  await page.getByRole("button", { name: "Assign", exact: true }).first().focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Assign Knowledge Manager" });
  const focused = () => page.evaluate(() => document.activeElement.getAttribute("aria-label") ?? document.activeElement.getAttribute("role"));
  await eventually("the focus is in the field", async () => (await focused()) === "combobox");
  for (const { email, name } of [one, two]) {
    await page.keyboard.type(email);
    await dialog.getByRole("option", { name }).waitFor();
    await eventually("nobody else fits", async () => (await dialog.getByRole("option").count()) === 1);
    await page.keyboard.press("Enter");
    await dialog.getByRole("button", { name: `Remove ${name}` }).waitFor();
  }
  // Enter takes whom it is at, however often: what is chosen is assigned by the button.
  await dialog.getByText(/ gains \d+ permissions?/).first().waitFor();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await dialog.getByRole("button", { name: "Assign to 2 users" }).waitFor();
  assert.equal((await role("knowledge_manager")).users, before.users);
  await page.keyboard.press("Tab");
  assert.equal(await focused(), `Remove ${one.name}`);
  await page.keyboard.press("Enter");
  await eventually("the focus goes back to the field", async () => (await focused()) === "combobox");
  assert.equal(await dialog.getByRole("button", { name: `Remove ${one.name}` }).count(), 0);
  await dialog.getByText(/ gains \d+ permissions?/).waitFor();
  await dialog.getByRole("button", { name: "Assign to 1 user" }).focus();
  await page.keyboard.press("Enter");
  await toast("Knowledge Manager assigned to 1 user.");
  await dialog.waitFor({ state: "detached" });
  assert.ok(await page.evaluate(() => document.activeElement.textContent.includes("Assign")), "the focus is where it was");
});

test("S1-20: Escape closes the list of whom to choose first, and what is chosen is asked about before it is lost", async () => {
  const [one] = await people("knowledge_manager", 1);
  await go("/permissions/knowledge_manager");
  const open = () => page.getByRole("button", { name: "Assign", exact: true }).first().click();
  await open();
  const dialog = page.getByRole("dialog", { name: "Assign Knowledge Manager" });
  const field = dialog.getByRole("combobox", { name: "Users" });
  await pick(dialog, "Users", one.email, one.name);
  await field.fill("a");
  await dialog.getByRole("option").first().waitFor();
  await page.keyboard.press("Escape");
  await eventually("the list is closed", async () => (await field.getAttribute("aria-expanded")) === "false");
  const ask = page.getByRole("alertdialog", { name: "Close without saving?" });
  assert.equal(await ask.count(), 0);
  // However often it is pressed, nothing is lost: the second answers the question.
  for (const _ of [1, 2, 3]) {
    await page.keyboard.press("Escape");
    await ask.getByText("Chosen and not assigned Knowledge Manager yet: 1 user.").waitFor();
    await page.keyboard.press("Escape");
    await ask.waitFor({ state: "detached" });
  }
  await dialog.getByRole("button", { name: `Remove ${one.name}` }).waitFor();
  assert.ok(await field.evaluate((it) => it === document.activeElement), "the focus is where it was");
  await dialog.getByRole("button", { name: "Close", exact: true }).click();
  // The button in the corner keeps it too, and is called so.
  assert.equal(await ask.getByRole("button", { name: "Close" }).count(), 0);
  await ask.getByRole("button", { name: "Keep editing" }).first().click();
  await ask.waitFor({ state: "detached" });
  await dialog.getByRole("button", { name: "Close", exact: true }).click();
  await ask.getByRole("button", { name: "Keep editing" }).last().click();
  await dialog.getByRole("button", { name: "Close", exact: true }).click();
  assert.deepEqual(await axe(page), []);
  await ask.getByRole("button", { name: "Discard" }).click();
  await dialog.waitFor({ state: "detached" });
  await open();
  await field.waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  // So is what is filled in for somebody who is not found yet.
  for (const choice of ["One place", "For a time"]) {
    await open();
    await dialog.getByRole("radio", { name: choice }).check({ force: true });
    await page.keyboard.press("Escape");
    await ask.getByText("What you filled in is not assigned to anybody yet.").waitFor();
    await ask.getByRole("button", { name: "Discard" }).click();
    await dialog.waitFor({ state: "detached" });
  }
});

test("S1-20: what is chosen stays when the server cannot be reached, and is assigned once it can", async () => {
  const [one] = await people("embedded_analytics_user", 1);
  await go("/permissions/embedded_analytics_user");
  await page.getByRole("button", { name: "Assign", exact: true }).first().click();
  const dialog = page.getByRole("dialog");
  await pick(dialog, "Users", one.email, one.name);
  await dialog.getByText(/gains|Nothing changes/).waitFor();
  const batch = (url) => url.pathname.endsWith("/batch") && !url.search;
  await page.route(batch, (route) => route.abort());
  await dialog.getByRole("button", { name: "Assign to 1 user" }).click();
  await dialog.getByText(/The server cannot be reached/).waitFor();
  await dialog.getByRole("button", { name: `Remove ${one.name}` }).waitFor();
  await page.unroute(batch);
  await dialog.getByRole("button", { name: "Assign to 1 user" }).click();
  await toast("Embedded Analytics User assigned to 1 user.");
});

test("S1-20: a role is assigned at one place and for a time, and who holds it just so is named", async () => {
  const [one, two] = await people("steward", 2);
  await give({ user: one.id }, "steward");
  await go("/permissions/steward");
  await page.getByRole("button", { name: "Assign", exact: true }).first().click();
  const dialog = page.getByRole("dialog");
  await pick(dialog, "Users", two.email, two.name);
  await pick(dialog, "Users", one.email, one.name);
  await dialog.getByText(`${one.name}: The role Steward is assigned just so already.`).first().waitFor();
  await dialog.getByRole("radio", { name: "One place" }).check({ force: true });
  await dialog.getByLabel("Which").selectOption({ label: "One space" });
  await dialog.getByRole("combobox", { name: "Space", exact: true }).fill("blue");
  await dialog.getByRole("radio", { name: "For a time" }).check({ force: true });
  await dialog.getByLabel("From").fill("2032-03-01T09:00");
  await dialog.getByLabel("Until").fill("2032-02-01T09:00");
  await dialog.locator(".field__error").waitFor();
  assert.equal(await dialog.getByRole("button", { name: "Assign to 2 users" }).getAttribute("aria-disabled"), "true");
  await dialog.getByLabel("Until").fill("2032-04-01T09:00");
  await eventually("it is right", async () => (await dialog.locator(".field__error").count()) === 0);
  await dialog.getByRole("button", { name: "Assign to 2 users" }).click();
  await toast("Steward assigned to 2 users at Space blue.");
  const made = (await get(`/assignments?user=${two.id}&role=steward`)).items[0].assignment;
  assert.equal(made.scope, "spaces/blue");
  assert.ok(made.from < made.until);
});

test("for a time takes a time: without one nothing is assigned, and the focus goes to where it is said", async () => {
  const [one] = await people("content_exporter", 1);
  const before = (await role("content_exporter")).users;
  const asked = async (dialog, assign) => {
    await dialog.getByRole("radio", { name: "For a time" }).check({ force: true });
    await dialog.getByRole("button", { name: assign }).click();
    const from = dialog.getByLabel("From");
    await dialog.getByText("Say from when or until when.").waitFor();
    await eventually("the field has the focus", () => from.evaluate((it) => it === document.activeElement));
    assert.equal(await from.getAttribute("aria-invalid"), "true");
    assert.equal((await role("content_exporter")).users, before);
    await dialog.getByLabel("Until").fill("2032-04-01T09:00");
    await dialog.getByText("Say from when or until when.").waitFor({ state: "detached" });
  };
  await go("/permissions/content_exporter");
  await page.getByRole("button", { name: "Assign", exact: true }).first().click();
  const dialog = page.getByRole("dialog");
  await pick(dialog, "Users", one.email, one.name);
  await asked(dialog, "Assign to 1 user");
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await go(`/users/${one.id}`);
  await page.getByRole("button", { name: "Assign role" }).first().click();
  const own = page.getByRole("dialog", { name: /^Assign a role to/ });
  await own.getByRole("combobox", { name: "Role" }).fill("Content Exp");
  await own.getByRole("option", { name: "Content Exporter" }).first().click();
  await asked(own, "Assign role");
  await own.getByRole("button", { name: "Assign role" }).click();
  await own.waitFor({ state: "detached" });
  const made = (await get(`/assignments?user=${one.id}&role=content_exporter`)).items[0].assignment;
  assert.ok(made.until > Date.now());
});

test("a role is assigned from its page, and a new one from the toast that says that nobody holds it", async () => {
  const dialog = page.getByRole("dialog", { name: "Assign Night reader" });
  await go("/roles/new");
  await page.getByLabel("Name", { exact: true }).fill("Night reader");
  await page.locator(".save-bar").getByRole("button", { name: "Save" }).click();
  await toast("Saved. Nobody holds Night reader yet.");
  await page.locator(".toast").getByRole("link", { name: "Assign it" }).click();
  await dialog.getByRole("combobox", { name: "Users" }).waitFor();
  const [, id] = page.url().match(/\/permissions\/([^/]+)\?assign=1$/);
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await page.waitForURL((url) => url.pathname === `/permissions/${id}` && url.search === "");
  const [one] = await people(id, 1);
  await go(`/roles/${id}`);
  await page.locator(".page-head").getByRole("link", { name: "Assign", exact: true }).click();
  await pick(dialog, "Users", one.email, one.name);
  await dialog.getByRole("button", { name: "Assign to 1 user" }).click();
  await toast("Night reader assigned to 1 user.");
  await page.getByRole("row", { name: new RegExp(one.name) }).waitFor();
  // Everybody holds the base role: that says its button.
  await go("/roles/user_default");
  const refused = page.locator(".page-head").getByRole("button", { name: "Assign", exact: true });
  assert.equal(await refused.getAttribute("aria-disabled"), "true");
  const { assignment, etag } = (await get(`/assignments?role=${id}`)).items[0];
  await call(page, "DELETE", `/assignments/${assignment.id}`, undefined, etag);
  await call(page, "DELETE", `/roles/${id}`, undefined, (await call(page, "GET", `/roles/${id}`)).etag);
});

test("whom a dialog names the first of, it names all of when asked", async () => {
  await go("/permissions/content_exporter");
  await page.getByRole("button", { name: "Assign", exact: true }).first().click();
  const dialog = page.getByRole("dialog");
  for (const { email, name } of await people("content_exporter", 8)) await pick(dialog, "Users", email, name);
  await dialog.getByRole("button", { name: "Assign to 8 users" }).waitFor();
  const named = dialog.locator(".reach__people li");
  const more = dialog.getByRole("button", { name: /^And \d+ more$/ });
  await dialog.getByText(/^[678] people gain/).first().waitFor();
  const left = Number((await more.innerText()).match(/\d+/)[0]);
  assert.equal(await named.count(), 6);
  await more.click();
  await eventually("everybody", async () => (await named.count()) === 6 + left);
  assert.equal(new Set(await named.allInnerTexts()).size, 6 + left);
  await dialog.getByRole("button", { name: "Show fewer" }).click();
  await eventually("the first five", async () => (await named.count()) === 6);
  await dialog.getByRole("button", { name: "Cancel" }).click();
});

test("what has ended is marked where it is listed with a role and with a group, and counted apart", async () => {
  const [one] = await people("content_exporter", 1);
  const group = (await get("/groups?limit=1")).items[0].group;
  const until = Date.now() + 1500;
  await give({ user: one.id }, "content_exporter", { until });
  await give({ group: group.id }, "content_exporter", { until });
  await give("everyone", "content_exporter", { until });
  await new Promise((done) => setTimeout(done, 2000));
  const count = async (of) => (await get(`/assignments?role=content_exporter&of=${of}&counting=false&limit=1`)).total;
  for (const of of ["users", "groups"]) {
    await go(`/permissions/content_exporter?of=${of}`);
    const resting = await count(of);
    const words = resting === 1 ? /\d assignments?, 1 does not count now$/ : new RegExp(`\\d assignments, ${resting} do not count now$`);
    await page.getByText(words).waitFor();
    const row = page.getByRole("row").filter({ hasText: of === "users" ? one.email : group.name });
    await row.getByRole("button", { name: "Expired: It has ended." }).first().waitFor();
    assert.deepEqual(await axe(page), []);
  }
  await go("/permissions/content_exporter?of=everyone");
  await page.getByRole("button", { name: "Expired: It has ended." }).first().waitFor();
  await go(`/groups/${group.id}?tab=roles`);
  await page.getByRole("button", { name: "Expired: It has ended." }).first().waitFor();
  await page.getByText(/does not count now\.|do not count now\./).waitFor();
});

test("S1-23, S1-24, S1-25, S1-26, S1-27, S1-28: groups are found by name and assigned the role, which every member gets at the next login", async () => {
  const finance = (await get("/groups?search=finance")).items[0].group;
  for (const { assignment, etag } of (await get(`/assignments?role=model_approver&group=${finance.id}`)).items) {
    await call(page, "DELETE", `/assignments/${assignment.id}`, undefined, etag);
  }
  await go("/permissions/model_approver?of=groups");
  await page.getByRole("button", { name: "Assign", exact: true }).first().click();
  const dialog = page.getByRole("dialog", { name: "Assign Model Approver" });
  await dialog.getByRole("combobox", { name: "Groups" }).fill("fin");
  await eventually("groups alone", async () => (await dialog.getByRole("option").count()) === 1);
  await dialog.getByRole("option", { name: "Finance" }).click();
  await dialog.getByText(/people gain/).waitFor();
  await dialog.getByText("Members of the groups will be assigned the role at their next login.").waitFor();
  await dialog.getByRole("button", { name: "Assign to 1 group" }).click();
  await toast(/Model Approver assigned to 1 group\. \d+ people gain/);
  await page.getByRole("row", { name: /Finance/ }).waitFor();
  const member = (await get(`/groups/${finance.id}`)).members.map((it) => it.membership.member.user).find(Boolean);
  const held = (await get(`/users/${member}`)).roles.filter((it) => it.role === "model_approver");
  assert.ok(held.some((it) => it.via.kind === "group"));
});

test("S1-29: who holds a role individually and through a group is shown so, and unassigning one says that the other remains", async () => {
  const sales = (await get("/groups?search=sales")).items.find((it) => it.group.name === "Sales").group;
  const active = new Set((await get("/users?status=active&limit=200")).items.map((it) => it.id));
  const { membership, name } = (await get(`/groups/${sales.id}`)).members.find((it) => active.has(it.membership.member.user));
  const user = membership.member.user;
  await give({ group: sales.id }, "model_approver").catch(() => {});
  await give({ user }, "model_approver").catch(() => {});
  const { email } = (await get(`/users/${user}`)).user;
  await go(`/permissions/model_approver?search=${encodeURIComponent(email)}`);
  const row = page.getByRole("row", { name: new RegExp(name) });
  await row.getByText(/also through group Sales/).waitFor();
  await row.getByRole("checkbox").check();
  await page.getByText("1 chosen").waitFor();
  await page.getByRole("button", { name: "Unassign" }).click();
  const ask = page.getByRole("alertdialog", { name: `Unassign Model Approver from ${name}?` });
  await ask.getByText(`${name} still holds it through group Sales`).waitFor();
  await ask.getByText("Nothing changes for anybody.").waitFor();
  await ask.getByRole("button", { name: "Unassign" }).click();
  await toast(new RegExp(`Model Approver unassigned from ${name}\\. Nothing changes for anybody\\. ${name} still holds it through group Sales`));
  const check = { subject: user, permission: "automl.approve_all" };
  assert.equal((await call(page, "POST", "/check", check)).body.allowed, true);
  await go("/permissions/model_approver?of=groups&search=sales");
  await page.getByRole("row", { name: /Sales/ }).first().waitFor();
  await page.getByRole("checkbox", { name: "Choose Sales, Everything" }).check();
  await page.getByRole("button", { name: "Unassign" }).click();
  await ask.page().getByRole("alertdialog").getByText(/people lose\.$|loses \d+ permissions?\.$|Nothing changes/).waitFor();
  await page.getByRole("alertdialog").getByRole("button", { name: "Unassign" }).click();
  await toast(/Model Approver unassigned from Sales/);
  await eventually("it is taken away", async () => !(await call(page, "POST", "/check", check)).body.allowed);
});

test("S1-29: rows are chosen across pages, and what somebody else took away meanwhile is refused with what was chosen kept", async () => {
  const all = (await get("/users?limit=60")).items;
  await call(page, "POST", "/batch", { changes: all.map(({ id }) => ({ change: "assign", assignment: { principal: { user: id }, role: "content_exporter", scope: "spaces/far" } })) });
  await go("/permissions/content_exporter?sort=-scope");
  await page.locator("tbody").getByRole("link").first().waitFor();
  await page.getByRole("checkbox", { name: "Choose all on this page" }).check();
  await page.getByText("50 chosen").waitFor();
  await page.getByRole("button", { name: "Next" }).click();
  await page.waitForURL(/cursor=/);
  // The rows before stay until the next ones come, and all of them are chosen.
  await page.locator("tbody").getByRole("checkbox", { checked: false }).first().check();
  await page.getByText("51 chosen").waitFor();
  const [gone] = (await get("/assignments?role=content_exporter&of=users&sort=-scope&limit=1")).items;
  await call(page, "DELETE", `/assignments/${gone.assignment.id}`, undefined, gone.etag);
  await page.getByRole("button", { name: "Unassign" }).click();
  const ask = page.getByRole("alertdialog", { name: /^Unassign Content Exporter from \d+ users\?$/ });
  await ask.getByText("Close this, and choose again.").waitFor();
  await ask.getByRole("alert").getByText(/no such|there is no/i).waitFor();
  await ask.getByRole("button", { name: "Cancel" }).click();
  await page.getByText("51 chosen").waitFor();
  await page.getByRole("button", { name: "Clear" }).click();
  await page.getByRole("searchbox", { name: "Search users" }).waitFor();
});

test("S1-32: turning auto assign off says what it does before it does it, and takes the role from who holds it in no other way", async () => {
  await go("/permissions");
  await switchOf("Automation Creator").selectOption("Off");
  const ask = page.getByRole("alertdialog", { name: "Turn off auto assign of Automation Creator?" });
  await ask.getByText(/people lose/).waitFor();
  await ask.getByRole("button", { name: "Cancel" }).click();
  assert.equal(await switchOf("Automation Creator").inputValue(), "anyone", "nothing came of it");
  await switchOf("Automation Creator").selectOption("Off");
  await ask.getByText(/people lose/).waitFor();
  await ask.getByRole("button", { name: "Turn off" }).click();
  await toast(/Auto assign of Automation Creator is off\. \d+ people lose/);
  await eventually("it is off", async () => (await switchOf("Automation Creator").inputValue()) === "off");
  assert.equal((await role("automation_creator")).auto_assign, undefined);
});

test("S1-33, S1-34, S1-35: turning it on says how many become full users, for a role that promotes alone, and when it counts", async () => {
  for (const { assignment, etag } of (await get("/assignments?of=everyone")).items) {
    await call(page, "DELETE", `/assignments/${assignment.id}`, undefined, etag);
  }
  for (const name of ["new", "newer"]) await call(page, "POST", "/users", { email: `${name}@example.com` });
  await go("/permissions/embedded_analytics_user?of=everyone");
  await switchOf("Embedded Analytics User").selectOption(`Anyone at ${tenant}`);
  const ask = page.getByRole("alertdialog");
  await ask.getByText(/people gain/).waitFor();
  assert.doesNotMatch(await ask.textContent(), /full user/);
  await ask.getByRole("button", { name: "Cancel" }).click();
  await go("/permissions/automation_creator?of=everyone");
  await switchOf("Automation Creator").selectOption(`Anyone at ${tenant}`);
  await ask.getByText(/people gain\. 2 people become full users\./).waitFor();
  await ask.getByText(LATER).waitFor();
  await ask.getByRole("button", { name: "Assign to everyone" }).click();
  await toast(new RegExp(`Automation Creator is assigned to anyone at ${tenant}\\. ${LATER} \\d+ people gain .+\\. 2 people become full users`));
  await eventually("it is on", async () => (await switchOf("Automation Creator").inputValue()) === "anyone");
});

test("S1-16: what else of a role is assigned to everyone, at a place, stands beside the switch and is unassigned there", async () => {
  await give("everyone", "content_exporter", { scope: "spaces/blue" });
  await go("/permissions/content_exporter?of=everyone");
  await page.getByRole("button", { name: "Unassign from everyone: Space blue" }).click();
  const ask = page.getByRole("alertdialog", { name: "Unassign Content Exporter from everyone?" });
  await ask.getByText(/people lose/).waitFor();
  await ask.getByRole("button", { name: "Unassign" }).click();
  await toast("Content Exporter unassigned from everyone.");
  await eventually("it is gone", async () => (await page.getByText("Space blue").count()) === 0);
});

/** Of many rows only those in sight are in the page: so it scrolls to the one. */
async function choose(name) {
  const box = page.getByRole("checkbox", { name: `Choose ${name}` });
  await page.locator("tbody .table__first").first().waitFor();
  await page.evaluate(() => scrollTo(0, 0));
  await page.mouse.move(700, 600);
  await eventually(`${name} is in sight`, async () => (await box.isVisible()) || (await page.mouse.wheel(0, 300)));
  await box.check();
}
const bar = () => page.getByRole("group", { name: "Chosen" });

test("S1-9, S1-10, S1-11, S1-12, S1-13, S1-14: roles of several users are edited at once, with every role that they hold, mixed where some do, and through what", async () => {
  const [one, two] = await people("content_exporter", 2);
  await give({ user: one.id }, "content_exporter");
  await go(`/users?search=${encodeURIComponent(one.email)}`);
  await choose(one.name);
  await bar().getByText("1 chosen").waitFor();
  await bar().getByRole("button", { name: "Clear" }).click();
  await page.getByRole("searchbox", { name: "Search users" }).fill("");
  await go("/users?limit=200&status=active");
  await choose(one.name);
  await choose(two.name);
  await bar().getByText("2 chosen").waitFor();
  await bar().getByRole("button", { name: "Edit roles" }).click();
  const dialog = page.getByRole("dialog", { name: "Edit roles of 2 users" });
  assert.deepEqual((await dialog.getByRole("tab").allTextContents()).map((it) => it.replace(/\d+/, "")), ["User", "Admin"]);
  const box = dialog.getByRole("checkbox", { name: /Content Exporter/ });
  await dialog.getByText(/1 of 2 assigned/).first().waitFor();
  assert.equal(await box.evaluate((it) => it.indeterminate), true);
  await dialog.getByText(/2 through auto assign/).first().waitFor();
  assert.equal(await dialog.getByRole("button", { name: "Save" }).getAttribute("aria-disabled"), "true");
  await box.click();
  await dialog.getByText(/ gains .+\.$/).waitFor();
  await dialog.getByText("Of 2 users, 1 would be changed, 1 would stay as they are.").waitFor();
  await dialog.getByText(LATER).waitFor();
  await dialog.getByRole("tab", { name: /Admin/ }).click();
  await dialog.getByRole("checkbox", { name: /Model Approver/ }).waitFor();
  await dialog.getByRole("tab", { name: /User/ }).click();
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.getByText(new RegExp(`1 changed, 1 unchanged\\. .+ gains .+\\. ${LATER}`)).waitFor();
  // What came of each stays until it is closed.
  const line = (name) => dialog.getByRole("row").filter({ has: page.getByRole("link", { name, exact: true }) });
  assert.match(await line(one.name).innerText(), /As it is/);
  assert.match(await line(two.name).innerText(), /Changed[^]*Role .* given/);
  const [file] = await Promise.all([page.waitForEvent("download"), dialog.getByRole("button", { name: "Download results" }).click()]);
  const told = await readFile(await file.path(), "utf8");
  assert.match(told, /^row,subject,name,result,field,what,link\r\n/);
  assert.match(told, new RegExp(`${two.id},${two.name},changed,`));
  assert.deepEqual(await axe(page), []);
  await dialog.getByRole("button", { name: "Close" }).last().click();
  await bar().waitFor({ state: "detached" });
  assert.equal(await page.evaluate(() => document.activeElement.closest("thead") !== null), true);
  const { roles } = (await call(page, "POST", "/users/held", { which: { ids: [one.id, two.id] } })).body;
  assert.equal(roles.find((it) => it.role === "content_exporter").own, 2);
});

test("many roles are searched where they are ticked, and what is held or carried stands first", async () => {
  for (const n of [1, 2, 3, 4]) await call(page, "POST", "/roles", { id: `finder_${n}`, name: `Finder ${n}`, grants: {} });
  const [one] = await people("content_exporter", 1);
  await give({ user: one.id }, "content_exporter");
  await go("/users?limit=200&status=active");
  await choose(one.name);
  await bar().getByRole("button", { name: "Edit roles" }).click();
  const dialog = page.getByRole("dialog", { name: /^Edit roles of/ });
  const box = dialog.getByRole("checkbox", { name: "Content Exporter", exact: true });
  await box.waitFor();
  const described = await dialog.locator(".role-row").evaluateAll((rows) => rows.map((row) => row.querySelector(".role-row__about").textContent !== ""));
  assert.deepEqual(described, described.toSorted((a, b) => b - a), "what is held comes first");
  await box.click();
  await dialog.getByText(/^\d+ roles, 1 edited$/).waitFor();
  const search = dialog.getByRole("searchbox", { name: "Search roles" });
  await search.fill("data services");
  await dialog.getByText(/^\d+ of \d+ roles found, 1 edited$/).waitFor();
  assert.equal(await box.count(), 0);
  assert.equal(await dialog.getByRole("checkbox", { name: "Data Services Contributor" }).count(), 1);
  await search.fill("nothing at all like it");
  await dialog.getByText("No role fits.").waitFor();
  assert.deepEqual(await axe(page), []);
  await search.press("Escape");
  await box.waitFor();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  // A package's roles are searched alike.
  await call(page, "POST", "/packages", { id: "searched", name: "Searched", roles: ["content_exporter"] });
  await go("/packages/searched");
  await page.getByText(/^\d+ roles, 1 carried$/).waitFor();
  assert.equal(await page.locator(".module__rows .permission").first().locator(".permission__label").innerText(), "Content Exporter");
  await page.getByRole("searchbox", { name: "Search roles" }).fill("data services");
  await page.getByText(/^1 of \d+ roles found, 1 carried$/).waitFor();
  await page.getByRole("checkbox", { name: "Data Services Contributor" }).click();
  await page.getByText(/^1 of \d+ roles found, 2 carried$/).waitFor();
  await page.getByRole("button", { name: "Discard" }).click();
  await page.getByText(/^1 of \d+ roles found, 1 carried$/).waitFor();
  await go("/packages");
  for (const path of ["/packages/searched", ...[1, 2, 3, 4].map((n) => `/roles/finder_${n}`)]) {
    await call(page, "DELETE", path, undefined, (await call(page, "GET", path)).etag);
  }
});

test("S1-10: all who match are disabled and activated, across pages, and who is refused is named with why", async () => {
  await go("/users?limit=25&status=active");
  await page.locator("tbody").getByRole("link").first().waitFor();
  await page.getByRole("checkbox", { name: "Choose all on this page" }).check();
  await bar().getByText("25 chosen").waitFor();
  const { total, items } = await get("/users?status=active&limit=200");
  await bar().getByRole("button", { name: `Choose all ${total} that match` }).click();
  await bar().getByText(`${total} chosen`).waitFor();
  await bar().getByRole("button", { name: "Disable" }).click();
  const dialog = page.getByRole("dialog", { name: `Disable ${total} users` });
  await dialog.getByText(/1 user is refused:/).waitFor();
  await dialog.getByText(/people lose/).waitFor();
  await dialog.getByText(`Of ${total} users, ${total - 1} would be changed, 1 would be refused.`).waitFor();
  await dialog.getByRole("button", { name: "Disable" }).click();
  await dialog.getByText(`${total - 1} changed, 1 refused.`).waitFor({ timeout: 30_000 });
  // Who is refused stands first, and the others as in the table.
  const names = async (rows) => rows.locator("tbody a").allInnerTexts();
  const [first, ...rest] = await names(dialog);
  assert.match(await dialog.locator("tbody tr").first().innerText(), /Refused/);
  const table = items.map((it) => it.name).filter((name) => name !== first);
  assert.deepEqual(rest.slice(0, 50), table.slice(0, 50));
  await dialog.getByRole("radio", { name: "Only errors (1)" }).check();
  assert.match(await dialog.locator("tbody").innerText(), /Refused\s.*leave nobody/s);
  await dialog.getByRole("radio", { name: `All (${total})` }).check();
  assert.match(await dialog.locator("tbody").innerText(), /Status active to disabled/);
  await dialog.getByRole("button", { name: "Close" }).last().click();
  assert.equal((await get("/users?status=active&limit=1")).total, 1);
  await go("/users?limit=25&status=disabled");
  await page.locator("tbody").getByRole("link").first().waitFor();
  await page.getByRole("checkbox", { name: "Choose all on this page" }).check();
  await bar().getByRole("button", { name: /^Choose all/ }).click();
  await bar().getByRole("button", { name: "Activate" }).click();
  await page.getByRole("dialog").getByText(/people gain/).waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Activate" }).click();
  await page.getByRole("dialog").getByText(/^\d+ changed\. \d+ people gain/).waitFor({ timeout: 30_000 });
  await page.getByRole("dialog").getByRole("button", { name: "Close" }).last().click();
  await eventually("nobody is disabled", async () => (await get("/users?status=disabled&limit=1")).total === 0);
});

test("pages of users have numbers, and each is come to by its own", async () => {
  const { total } = await get("/users?limit=1");
  const pages = Math.ceil(total / 25);
  assert.ok(pages > 2, `${total} people`);
  const number = () => page.getByRole("textbox", { name: "Page" });
  const at = (n) => eventually(`page ${n}`, async () => (await number().inputValue()) === String(n));
  const first = async () => (await page.locator("tbody").getByRole("link").first().innerText());
  await go("/users?limit=25");
  await page.getByText(`of ${pages}`, { exact: true }).waitFor();
  await at(1);
  await page.getByRole("button", { name: "Next", exact: true }).click();
  await at(2);
  const second = await first();
  await number().fill(String(pages));
  await number().press("Enter");
  await page.waitForURL(new RegExp(`page=${pages}$`));
  await at(pages);
  assert.equal(await page.getByRole("button", { name: "Next", exact: true }).getAttribute("aria-disabled"), "true");
  await page.goBack();
  await at(2);
  assert.equal(await first(), second);
  await number().fill("9999");
  await number().press("Enter");
  await at(pages);
  await number().fill("3");
  await number().press("Enter");
  await at(3);
  await page.getByRole("button", { name: "Previous" }).click();
  await page.waitForURL(/page=2$/);
  await at(2);
  assert.equal(await first(), second);
  await go("/users?limit=25&cursor=nowhere");
  await at(1);
  await page.waitForURL((url) => !url.searchParams.has("cursor"));
  assert.equal(await page.getByRole("alert").count(), 0);
  await go("/users?limit=25&page=9999");
  await at(pages);
  await page.getByRole("searchbox", { name: "Search users" }).fill("a");
  await page.waitForURL((url) => !url.searchParams.has("page"));
});

test("a cursor that is of no such list leads to its first page, wherever there are pages, and no error flashes", async () => {
  await page.addInitScript(() => {
    const isError = (node) => node.nodeType === Node.ELEMENT_NODE && (node.matches(".banner--problem") || node.querySelector(".banner--problem"));
    const seen = new MutationObserver((all) => (globalThis.flashed ||= all.some((it) => [...it.addedNodes].some(isError))));
    seen.observe(document, { childList: true, subtree: true });
  });
  for (const path of ["/groups", "/review", "/permissions/steward", "/access?tab=who&permission=users.view", "/roles/steward/versions", "/audit", "/resources"]) {
    await go(path);
    const rows = async () => ((await page.locator("main [aria-busy=true]").count()) ? 0 : page.locator("main :is(tbody tr, .way)").count());
    let there = 0;
    await eventually(`rows of ${path}`, async () => (there = await rows()) > 0);
    await go(`${path}${path.includes("?") ? "&" : "?"}cursor=nowhere`);
    await page.waitForURL((url) => !url.searchParams.has("cursor"));
    await eventually(`the first page of ${path}`, async () => (await rows()) === there);
    assert.equal(await page.getByRole("alert").filter({ visible: true, hasText: /./ }).count(), 0, path);
    assert.equal(await page.evaluate(() => globalThis.flashed), false, path);
  }
});

test("Back asks before a dialog that is filled in is lost, and nobody is asked who closes it or is done", async () => {
  const leave = page.getByRole("alertdialog", { name: "Leave without saving?" });
  const stay = () => leave.getByRole("button", { name: "Stay on page" }).last().click();
  const from = async (path) => {
    await go("/audit");
    await page.getByRole("heading", { level: 1, name: "Audit log" }).waitFor();
    await page.getByRole("navigation", { name: "Sections" }).getByRole("link", { name: path }).click();
    await page.getByRole("heading", { level: 1, name: path }).waitFor();
  };
  for (const [path, button, field] of [["Groups", "Create group", "Name"], ["Packages", "Create package", "Name"], ["Users", "Invite user", "Email"]]) {
    await from(path);
    await page.getByRole("button", { name: button }).first().click();
    const dialog = page.getByRole("dialog", { name: button });
    await dialog.getByLabel(field, { exact: true }).fill("lighthouse");
    await page.goBack();
    await leave.getByText("lost").or(leave.getByText("not saved")).or(leave.getByText("not invited")).first().waitFor();
    assert.deepEqual(await axe(page), []);
    await stay();
    await leave.waitFor({ state: "detached" });
    assert.equal(await dialog.getByLabel(field, { exact: true }).inputValue(), "lighthouse", path);
    await page.goBack();
    await leave.getByRole("button", { name: "Leave page" }).click();
    await page.getByRole("heading", { level: 1, name: "Audit log" }).waitFor();
    assert.equal(await page.locator("dialog[open]").count(), 0);
  }
  // Who discards it is not asked again, nor is who is done.
  await from("Groups");
  await page.getByRole("button", { name: "Create group" }).first().click();
  const dialog = page.getByRole("dialog", { name: "Create group" });
  await dialog.getByLabel("Name", { exact: true }).fill("Lighthouse");
  await page.keyboard.press("Escape");
  await page.getByRole("alertdialog", { name: "Close without saving?" }).getByRole("button", { name: "Discard" }).click();
  await dialog.waitFor({ state: "detached" });
  await page.goBack();
  await page.getByRole("heading", { level: 1, name: "Audit log" }).waitFor();
  assert.equal(await leave.count(), 0);
  await from("Groups");
  await page.getByRole("button", { name: "Create group" }).first().click();
  await dialog.getByLabel("Name", { exact: true }).fill("Lighthouse");
  await dialog.getByRole("button", { name: "Create group" }).click();
  await page.getByRole("heading", { level: 1, name: "Lighthouse" }).waitFor();
  assert.equal(await leave.count(), 0);
});

test("Back leads to where one was in a list of people, of roles and of changes", async () => {
  for (const [path, rows] of [["/users?limit=200", "tbody a"], ["/roles", ".card a"], ["/audit", "tbody a"]]) {
    await page.setViewportSize({ width: 1440, height: 500 });
    await go(path);
    const links = page.locator(`main ${rows}`);
    await links.first().waitFor();
    const link = links.nth(Math.min((await links.count()) - 1, 14));
    await link.scrollIntoViewIfNeeded();
    const before = await page.evaluate(() => window.scrollY);
    assert.ok(before > 100, `${path} is scrolled to ${before}`);
    await link.click();
    await page.waitForURL((url) => !url.href.endsWith(path));
    await page.getByRole("heading", { level: 1 }).first().waitFor();
    await eventually("at the top", () => page.evaluate(() => window.scrollY === 0));
    await page.goBack();
    await eventually(`${path} is where it was`, async () => Math.abs((await page.evaluate(() => window.scrollY)) - before) < 60);
  }
  await page.setViewportSize({ width: 1440, height: 900 });
});

for (const [name, path, prepare] of [
  ["the permissions", "/permissions"],
  ["a role's users", "/permissions/content_exporter"],
  ["a role's users, some chosen", "/permissions/content_exporter", () => page.getByRole("checkbox", { name: "Choose all on this page" }).check()],
  ["a role's groups", "/permissions/content_exporter?of=groups"],
  ["a role's everyone", "/permissions/automation_creator?of=everyone"],
  ["all users, some chosen", "/users", () => page.getByRole("checkbox", { name: "Choose all on this page" }).check()],
  [
    "editing roles of many", "/users",
    async () => {
      await page.getByRole("checkbox", { name: "Choose all on this page" }).check();
      await page.getByRole("button", { name: "Edit roles" }).click();
      await page.getByRole("dialog").getByText(/assigned/).first().waitFor();
    },
  ],
  [
    "assigning a role", "/permissions/content_exporter",
    async () => {
      await page.getByRole("button", { name: "Assign", exact: true }).first().click();
      const [one] = await people("content_exporter", 1);
      await pick(page.getByRole("dialog"), "Users", one.email, one.name);
    },
  ],
]) {
  test(`axe finds nothing wrong with ${name}, in both themes, and nothing is cut off at 320 px`, async () => {
    await go(path);
    await page.getByRole("heading").first().waitFor();
    await page.waitForLoadState("networkidle");
    await prepare?.();
    assert.deepEqual(await axe(page), []);
    await page.setViewportSize({ width: 720, height: 450 });
    const cut = () => page.evaluate(() => [...document.querySelectorAll(".table-box")].filter((box) => box.scrollWidth > box.clientWidth).length);
    await eventually("a row of a table is a block: nothing of it is cut off", async () => (await cut()) === 0);
    await page.setViewportSize({ width: 320, height: 720 });
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    await page.setViewportSize({ width: 1440, height: 900 });
    assert.equal(over, 0);
  });
}

test("the console says nothing but what the server refused or could not be asked", () => {
  assert.deepEqual(said().filter((line) => !/404|409|412|422|ERR_FAILED/.test(line)), []);
});
