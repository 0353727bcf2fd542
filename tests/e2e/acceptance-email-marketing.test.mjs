// The acceptance list's roles and packages of the email marketing tool, in a real browser with the real server. What is on
// a package, and why somebody may not, is in places.test.mjs and access.test.mjs too.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accepted, axe, begin, call, eventually, signedIn } from "./rolewright.mjs";

const ADA = { email: "ada@example.com", password: "a long walk by the river" };
const PASSWORD = "seven green bottles";
/** The thirteen categories, each with how many permissions it has besides its own access. */
const CATEGORIES = {
  "Contact lists": 8, Contacts: 8, "Custom fields": 3, Segmentation: 5, Broadcasts: 7, "Drip campaigns": 6, "Split tests": 3,
  Triggers: 3, "Sending nodes": 4, "Sending domains": 3, "Web forms": 4, Statistics: 4, Suppression: 3,
};

let app, page;

before(async () => {
  app = await begin("email-marketing", ADA);
  page = app.page;
});

after(() => app?.stop());

const box = (name) => page.getByRole("checkbox", { name, exact: true });
const table = () => page.getByRole("table", { name: "Roles" });
const roles = async () => (await app.get("/roles")).items.map(({ role }) => role);
const bar = () => page.getByRole("region", { name: "Unsaved changes" });
const may = async (subject, permission) => (await call(page, "POST", "/check", { subject, permission })).body.allowed;

/** A custom role that grants those. */
const make = async (name, ...permissions) =>
  (await call(page, "POST", "/roles", { id: "", name, grants: Object.fromEntries(permissions.map((id) => [id, "allowed"])) })).body.role;

/** A package that carries those roles, and somebody new who is on it. */
async function onPackage(name, ...carried) {
  const id = name.toLowerCase().replaceAll(" ", "_");
  await call(page, "POST", "/packages", { id, name, roles: carried });
  const email = `${id}@example.com`;
  const user = await accepted(page, app.server, { email, password: PASSWORD });
  await call(page, "PUT", `/users/${user}/package`, { package: id }, (await call(page, "GET", `/users/${user}`)).etag);
  return { package: id, user, email };
}

async function menu(role, item) {
  await page.getByRole("button", { name: `Actions for ${role}` }).click();
  await page.getByRole("menuitem", { name: item, exact: true }).click();
}

async function save() {
  await bar().getByRole("button", { name: "Save" }).click();
  await app.toast(/^Saved\./);
}

test("S4-2, S4-3: roles are a screen of their own that the sections lead to, with a button that adds one", async () => {
  await app.go("/");
  await page.getByRole("navigation", { name: "Sections" }).getByRole("link", { name: "Roles" }).click();
  await page.getByRole("heading", { level: 1, name: "Roles" }).waitFor();
  await page.getByRole("button", { name: "Create role" }).click();
  await page.waitForURL(/\/roles\/new$/);
});

test("S4-4: Show entries says how many roles stand on a page, and the others are a page further", async () => {
  const before = (await roles()).length;
  const more = Array.from({ length: 12 }, (_, n) => `Extra ${String(n + 1).padStart(2, "0")}`);
  for (const name of more) await make(name);
  await app.go("/roles?view=table");
  const rows = table().locator("tbody tr");
  await eventually("all of them", async () => (await rows.count()) === before + more.length);
  await page.getByLabel("Show entries").selectOption("10");
  await eventually("ten", async () => (await rows.count()) === 10);
  assert.match(page.url(), /limit=10/);
  const first = await rows.locator(".table__first").allInnerTexts();
  await page.getByRole("button", { name: "Next" }).click();
  await eventually("the rest", async () => (await rows.count()) === before + more.length - 10);
  const second = await rows.locator(".table__first").allInnerTexts();
  assert.deepEqual([...first, ...second], (await roles()).map(({ name }) => name));
  assert.equal(await page.getByRole("button", { name: "Next" }).getAttribute("aria-disabled"), "true");
  await page.reload();
  await eventually("the same page", async () => (await rows.first().locator(".table__first").innerText()) === second[0]);
  await page.getByRole("searchbox", { name: "Search roles" }).fill("extra 1");
  await eventually("those that fit, from their first page on", async () => (await rows.count()) === 4);
  for (const { id } of (await roles()).filter(({ name }) => more.includes(name))) {
    await call(page, "DELETE", `/roles/${id}`, undefined, (await call(page, "GET", `/roles/${id}`)).etag);
  }
});

test("S4-5: roles are searched", async () => {
  await app.go("/roles?view=table");
  await page.getByRole("searchbox", { name: "Search roles" }).fill("campaign");
  await page.getByText("1 role", { exact: true }).waitFor();
  assert.deepEqual(await table().locator("tbody .table__first").allInnerTexts(), ["Campaign Manager"]);
});

test("S4-6, S4-7, S4-9, S4-10: the table of roles has the id, the name and the actions, and the menu of a row has Edit and Delete", async () => {
  await app.go("/roles?view=table");
  await table().getByRole("row", { name: /Read Only/ }).waitFor();
  const head = await table().getByRole("columnheader").allInnerTexts();
  for (const name of ["Name", "ID", "Actions"]) assert.ok(head.includes(name), name);
  const cells = await table().getByRole("row", { name: /Read Only/ }).getByRole("cell").allInnerTexts();
  assert.deepEqual([cells[head.indexOf("Name")], cells[head.indexOf("ID")]], ["Read Only", "read_only"]);
  await page.getByRole("button", { name: "Actions for Read Only" }).click();
  const items = await page.getByRole("menu", { name: "Actions for Read Only" }).getByRole("menuitem").allInnerTexts();
  for (const name of ["Edit", "Delete"]) assert.ok(items.includes(name), name);
  await page.keyboard.press("Escape");
});

test("S4-8: the table of roles has the day on which each was created", async () => {
  const { role, created } = (await call(page, "POST", "/roles", { id: "", name: "Made today" })).body;
  await app.go("/roles?view=table&search=made+today");
  const row = table().getByRole("row", { name: /Made today/ });
  await row.waitFor();
  const head = await table().getByRole("columnheader").allInnerTexts();
  const day = new Date(created).toLocaleString("en-GB", { year: "numeric", month: "short", day: "numeric" });
  assert.equal(await row.getByRole("cell").nth(head.indexOf("Created on")).innerText(), day);
  // What is written later leaves it.
  const was = await call(page, "GET", `/roles/${role.id}`);
  await call(page, "PUT", `/roles/${role.id}`, { ...role, description: "A draft" }, was.etag);
  const is = await call(page, "GET", `/roles/${role.id}`);
  assert.deepEqual([is.body.created, is.body.revision > was.body.revision], [created, true]);
  await call(page, "DELETE", `/roles/${role.id}`, undefined, is.etag);
});

test("S4-11, S4-15, S4-19, S4-37: the form has the permissions as a tree of thirteen categories, sixty-one permissions and an access for each", async () => {
  await app.go("/roles/new");
  await page.getByRole("region", { name: "Permissions" }).waitFor();
  for (const [name, count] of Object.entries(CATEGORIES)) {
    const region = page.getByRole("region", { name, exact: true });
    assert.equal(await region.getByRole("checkbox", { name: `All of ${name}`, exact: true }).count(), 1, name);
    const own = region.getByRole("checkbox", { name: new RegExp(`^${name}: `) });
    assert.equal(await own.count(), count + 1, name);
    assert.equal(await region.getByRole("checkbox", { name: `${name}: Access`, exact: true }).count(), 1, name);
  }
  assert.equal(Object.values(CATEGORIES).reduce((sum, n) => sum + n), 61);
});

test("S4-12, S4-36: a role's name is required and its own, and examples say what names are like", async () => {
  await app.go("/roles/new");
  const name = page.getByLabel("Name");
  assert.notEqual(await name.getAttribute("required"), null);
  const hint = page.locator("#role-name .field__hint");
  for (const example of ["Basic Access", "Campaign Manager", "Full Access", "Read Only"]) {
    assert.ok((await hint.innerText()).includes(example), example);
  }
  await box("Triggers: Add a trigger").check();
  const { length } = await roles();
  await bar().getByRole("button", { name: "Save" }).click();
  await page.locator("#role-name").getByText("Write a name for the role.").waitFor();
  await name.fill("Read Only");
  await page.locator("#role-name .field__error").waitFor();
  await bar().getByRole("button", { name: "Save" }).click();
  assert.equal((await roles()).length, length, "nothing is made");
  assert.equal(await box("Triggers: Add a trigger").isChecked(), true, "and nothing is lost");
  await bar().getByRole("button", { name: "Discard" }).click();
});

test("S4-13, S4-28: Check all grants everything at once", async () => {
  await app.go("/roles/new");
  await page.getByRole("button", { name: "Check all", exact: true }).click();
  const boxes = page.getByRole("region", { name: "Permissions" }).getByRole("checkbox");
  assert.ok((await boxes.count()) > 74);
  assert.deepEqual(await boxes.evaluateAll((all) => all.filter((it) => !it.checked).length), 0);
  await page.getByRole("button", { name: "Check none", exact: true }).click();
  assert.deepEqual(await boxes.evaluateAll((all) => all.filter((it) => it.checked || it.indeterminate).length), 0);
});

test("S4-14: permissions are searched by name, and two of one name are told apart by their category", async () => {
  await app.go("/roles/new");
  await page.getByRole("searchbox", { name: "Search permissions" }).fill("make a copy");
  await page.getByText("2 permissions found").waitFor();
  for (const category of ["Contact lists", "Broadcasts"]) {
    await page.getByRole("region", { name: category, exact: true }).getByText("Make a copy", { exact: true }).waitFor();
    assert.equal(await box(`${category}: Make a copy`).isVisible(), true);
  }
  assert.equal(await page.getByRole("region", { name: "Contacts", exact: true }).isVisible(), false);
});

test("S4-16, S4-17, S4-18, S4-33: a category's box ticks and clears its access and all its permissions, and is mixed where some are chosen", async () => {
  await app.go("/roles/new");
  const parent = box("All of Broadcasts");
  const children = page.getByRole("checkbox", { name: /^Broadcasts: / });
  const ticked = () => children.evaluateAll((all) => all.filter((it) => it.checked).length);
  await parent.check();
  assert.equal(await ticked(), 8);
  await parent.uncheck();
  assert.equal(await ticked(), 0);
  await box("Broadcasts: Edit broadcast").check();
  assert.equal(await ticked(), 1);
  assert.equal(await parent.evaluate((it) => it.indeterminate), true);
  await page.getByLabel("Name").fill("Broadcast editor");
  await save();
  const { grants } = (await app.get("/roles/broadcast_editor")).role;
  assert.deepEqual(Object.keys(grants), ["broadcasts.edit"], "the category's box is no grant");
});

test("S4-20, S4-22: Save creates a role, and Edit of its menu changes its name and its permissions", async () => {
  await app.go("/roles/new");
  await page.getByLabel("Name").fill("Segmenter");
  await box("Segmentation: Add a segment").check();
  await save();
  await page.waitForURL(/\/roles\/segmenter$/);
  await app.go("/roles?view=table");
  await menu("Segmenter", "Edit");
  await page.waitForURL(/\/roles\/segmenter$/);
  await page.getByLabel("Name").fill("Segment keeper");
  await box("Segmentation: Delete segments").check();
  await save();
  const { name, grants } = (await app.get("/roles/segmenter")).role;
  assert.deepEqual([name, Object.keys(grants)], ["Segment keeper", ["segmentation.create", "segmentation.delete"]]);
});

test("S4-21: what was changed and is not wanted is discarded, and nothing is saved", async () => {
  await app.go("/roles/read_only");
  const before = (await app.get("/roles/read_only")).role;
  await box("Triggers: Add a trigger").check();
  await page.getByLabel("Name").fill("Read a little");
  await bar().getByRole("button", { name: "Discard" }).click();
  await bar().waitFor({ state: "detached" });
  assert.equal(await page.getByLabel("Name").inputValue(), "Read Only");
  assert.equal(await box("Triggers: Add a trigger").isChecked(), false);
  assert.deepEqual((await app.get("/roles/read_only")).role, before);
});

test("S4-23, S4-39: a pending edit is reviewed with whom it reaches, and counts at once for all who are on a package with the role", async () => {
  const role = await make("Template writer", "broadcasts.edit");
  const one = await onPackage("Writers", role.id);
  const two = await onPackage("Editors", role.id);
  await app.go(`/roles/${role.id}`);
  const holders = page.getByRole("link", { name: "2 people hold this role now." });
  assert.match(await holders.getAttribute("href"), new RegExp(`/users\\?status=active&role=${role.id}$`));
  await box("Broadcasts: Edit broadcast").uncheck();
  await box("Statistics: Export statistics").check();
  await bar().getByText(/2 people (gain|lose)|2 gain, 2 lose|2 people gain, 2 lose/).waitFor();
  await bar().getByRole("button", { name: "Review" }).click();
  const review = page.getByRole("dialog", { name: /^Review / });
  const diff = (await review.locator(".diff").first().innerText()).replace(/\s+/g, " ");
  assert.match(diff, /Broadcasts: Edit broadcast/);
  assert.match(diff, /Statistics: Export statistics/);
  const people = await review.getByRole("heading", { name: "By person" }).locator("xpath=..").innerText();
  for (const { email } of [one, two]) assert.ok(people.includes(email), people);
  assert.equal(await may(one.user, "broadcasts.edit"), true, "nothing is saved yet");
  await review.getByRole("button", { name: "Save" }).click();
  await app.toast("Saved. 2 people hold this role.");
  for (const { user } of [one, two]) {
    assert.equal(await may(user, "broadcasts.edit"), false);
    assert.equal(await may(user, "statistics.export"), true);
  }
});

test("S4-24: Delete of a role's menu asks first", async () => {
  const role = await make("Short lived");
  await app.go("/roles?view=table");
  await menu("Short lived", "Delete");
  const dialog = page.getByRole("alertdialog", { name: "Delete Short lived?" });
  await dialog.getByText("It is assigned to nobody.").waitFor();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  assert.ok((await roles()).some(({ id }) => id === role.id), "it is still there");
  await menu("Short lived", "Delete");
  await dialog.getByRole("button", { name: "Delete role" }).click();
  await app.toast("Deleted Short lived.");
  assert.ok(!(await roles()).some(({ id }) => id === role.id));
  await page.getByRole("button", { name: "Undo" }).click();
  await eventually("it is back", async () => (await roles()).some(({ id }) => id === role.id));
});

test("a role that a policy test names is deleted with the test, where that is chosen", async () => {
  const role = await make("Under test", "triggers.create");
  const { body, etag } = await call(page, "GET", "/policy");
  const tested = { name: "Under test creates triggers", who: { holds: [{ role: role.id }] }, permission: "triggers.create", expect: "allow" };
  await call(page, "PUT", "/policy", { ...body.policy, tests: [...body.policy.tests, tested] }, etag);
  await app.go("/roles?view=table");
  await menu("Under test", "Delete");
  const dialog = page.getByRole("alertdialog", { name: "Delete Under test?" });
  await dialog.getByText("The policy test Under test creates triggers would fail", { exact: false }).first().waitFor();
  assert.equal(await dialog.getByRole("button", { name: "Delete role" }).getAttribute("aria-disabled"), "true");
  await dialog.getByRole("checkbox", { name: "Remove the policy test that names it too: Under test creates triggers" }).check();
  await eventually("nothing is in the way", async () => (await dialog.getByRole("button", { name: "Delete role" }).getAttribute("aria-disabled")) === null);
  assert.deepEqual(await axe(page), []);
  await dialog.getByRole("button", { name: "Delete role" }).click();
  await app.toast("Deleted Under test.");
  const { policy } = (await call(page, "GET", "/policy")).body;
  assert.ok(!policy.tests.some(({ name }) => name === tested.name));
  assert.deepEqual(policy.tests, body.policy.tests);
});

test("S4-25, S4-45: a role that packages carry is not deleted: the dialog names them, and gives them another or none in its place", async () => {
  const role = await make("Old plan role", "triggers.create");
  const [one, two] = [await onPackage("Old plan", role.id), await onPackage("Older plan", role.id)];
  const { etag } = await call(page, "GET", `/roles/${role.id}`);
  await assert.rejects(call(page, "DELETE", `/roles/${role.id}`, undefined, etag), /role_in_package/);
  await app.go("/roles?view=table");
  await menu("Old plan role", "Delete");
  const dialog = page.getByRole("alertdialog", { name: "Delete Old plan role?" });
  const words = await dialog.locator(".banner").innerText();
  assert.match(words, /These packages carry the role: /);
  for (const name of ["Old plan", "Older plan"]) assert.ok(words.includes(name), words);
  const submit = dialog.getByRole("button", { name: "Replace and delete" });
  assert.equal(await submit.getAttribute("aria-disabled"), "true", "not before it is said what comes instead");
  await dialog.getByLabel("In these packages, carry instead").selectOption({ label: "Read Only" });
  await submit.click();
  await app.toast(/^Deleted Old plan role\./);
  for (const { package: id, user } of [one, two]) {
    assert.deepEqual((await app.get(`/packages/${id}`)).package.roles.map((link) => link.role), ["read_only"]);
    assert.equal(await may(user, "contacts.view_details"), true);
  }
});

test("S4-30, S4-31: a category has its actions and its features, and each of these its permissions", async () => {
  await app.go("/roles/new");
  const lists = page.getByRole("region", { name: "Contact lists", exact: true });
  const of = async (group) => {
    const boxes = lists.getByRole("group", { name: `Contact lists: ${group}` }).getByRole("listitem").getByRole("checkbox");
    return boxes.evaluateAll((all) => all.map((it) => it.getAttribute("aria-label").split(": ")[1]));
  };
  await lists.waitFor();
  assert.deepEqual(await of("Actions"), ["Add a list", "Edit list", "Delete lists", "Delete lists in bulk"]);
  assert.deepEqual(await of("Features"), ["Make a copy", "Split list", "Merge into another list", "Move contacts to another list"]);
});

test("S4-32: access alone opens a category, and a permission in it brings that", async () => {
  const role = await make("Opener", "custom_fields.access");
  const { user } = await onPackage("Openers", role.id);
  assert.equal(await may(user, "custom_fields.access"), true);
  assert.equal(await may(user, "custom_fields.create"), false);
  await app.go(`/roles/${role.id}`);
  await box("Triggers: Add a trigger").check();
  const access = page.getByRole("listitem").filter({ has: box("Triggers: Access") });
  await access.getByText("Brought by Add a trigger").waitFor();
  await bar().getByRole("button", { name: "Discard" }).click();
});

test("S4-34, S4-45: where a change must be seen at once in what was begun before, a person's sessions are ended from their page", async () => {
  const { user, email } = await onPackage("Late", "read_only");
  const late = await signedIn(app.browser, app.server, { email, password: PASSWORD });
  await app.go(`/users/${user}`);
  await page.getByRole("button", { name: `More actions for ${email}` }).click();
  await page.getByRole("menuitem", { name: "End sessions" }).click();
  const dialog = page.getByRole("alertdialog", { name: `End the sessions of ${email}?` });
  await dialog.getByText(/sign in again with what they hold by then/).waitFor();
  assert.ok((await call(late, "GET", "/session")).body.email, "nothing is ended yet");
  await dialog.getByRole("button", { name: "End sessions" }).click();
  await app.toast(`The sessions of ${email} are ended: they sign in again.`);
  await assert.rejects(call(late, "GET", "/session"), /401/);
  await late.context().close();
});

test("S4-35: a grant that its holders need not, for they have as much already, is told in the role and found, and a button takes it out", async () => {
  const grants = { "broadcasts.access": "allowed", "broadcasts.edit": "allowed" };
  await call(page, "POST", "/roles", { id: "too_much", name: "Too much", inherits: ["basic_access"], grants });
  await app.go("/roles/too_much");
  const row = (name) => page.getByRole("listitem").filter({ has: box(name) });
  await row("Broadcasts: Access").getByText("From Basic Access (Allowed)").waitFor();
  assert.equal(await row("Broadcasts: Edit broadcast").locator(".source").count(), 0, "what the role alone gives is not told so");
  await app.go("/");
  const kind = page.locator(".finding").filter({ hasText: "Grants without effect" });
  await kind.locator("summary").click();
  const item = kind.getByRole("listitem").filter({ has: page.getByRole("link", { name: "Too much" }) });
  await item.getByRole("button").click();
  await page.getByRole("alertdialog").getByText("Nothing changes for anybody.").waitFor();
  await page.getByRole("alertdialog").getByRole("button").last().click();
  await app.toast(/^Done: /);
  assert.deepEqual(Object.keys((await app.get("/roles/too_much")).role.grants), ["broadcasts.edit"]);
});

test("S4-38: a role says what it is for", async () => {
  await app.go("/roles/campaign_manager");
  const about = page.getByLabel("Description");
  await eventually("what it is for", async () => (await about.inputValue()).startsWith("Manages campaigns"));
  await about.fill("Runs campaigns, and nothing of the servers that send.");
  await save();
  await app.go("/roles");
  await page.locator(".card").getByText("Runs campaigns, and nothing of the servers that send.").waitFor();
});

test("S4-41: a new role holds nothing", async () => {
  await app.go("/roles/new");
  await page.getByRole("region", { name: "Permissions" }).waitFor();
  assert.equal(await page.getByRole("region", { name: "Permissions" }).getByRole("checkbox", { checked: true }).count(), 0);
  await page.getByLabel("Name").fill("Empty");
  await save();
  assert.deepEqual((await app.get("/roles/empty")).role.grants, {});
});

test("S4-46: packages and people have screens of their own, roles of administrators are told apart, and no package offers them", async () => {
  await app.go("/");
  for (const name of ["Packages", "Users"]) {
    await page.getByRole("navigation", { name: "Sections" }).getByRole("link", { name }).click();
    await page.getByRole("heading", { level: 1, name }).waitFor();
  }
  await page.getByRole("navigation", { name: "Users" }).getByRole("link", { name: "Permissions" }).click();
  const of = (name) => page.getByRole("row", { name: new RegExp(`^${name} `) });
  assert.match(await of("Superuser").innerText(), /Administrators/);
  assert.match(await of("Read Only").innerText(), /Users/);
  const staff = (await call(page, "POST", "/roles", { id: "", name: "Support staff", audience: "admin", grants: {} })).body.role;
  const [{ package: some }] = (await app.get("/packages")).items;
  await app.go(`/packages/${some.id}`);
  await box("Read Only").waitFor();
  for (const name of ["Superuser", staff.name]) assert.equal(await box(name).count(), 0, name);
});

test("the console says nothing but what the server refused", () => {
  assert.deepEqual(app.said().filter((line) => !/400|401|403|404|409|412|422/.test(line)), []);
});
