// The acceptance list's User Default and permissions of custom roles of Qlik Cloud, in a real browser with the real server.
// To whom roles are assigned is permissions.test.mjs, groups are places.test.mjs, entitlements settings.test.mjs.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accepted, begin, call, eventually, signedIn } from "./rolewright.mjs";

const ADA = { email: "ada@example.com", password: "a long walk by the river" };
const PASSWORD = "seven green bottles";
const BOTH = "User Default and custom roles";

/** The settings of the documents: category, name, type, where it applies, and its options with the beginning of their sentences. */
const SETTINGS = [
  ["App content", "In-app content download", "User", BOTH, { "Not allowed": /^Downloads nothing/, "No data": /^Downloads images and PDFs only, no data/, Allowed: /^Downloads all/ }],
  ["Machine learning", "Approve or reject your AutoML models", "User", BOTH, { "Not allowed": /./, Allowed: /deployment/ }],
  ["Machine learning", "Approve or reject AutoML models", "Administrator", "Custom roles only", { "Not allowed": /./, Allowed: /any deployed model/ }],
  ["Answers", "Manage assistants", "User", BOTH, { "Not allowed": /no access/, "View assistants": /asks/, Allowed: /[Cc]reates/ }],
  ["Answers", "Manage knowledge bases", "User", BOTH, { "Not allowed": /no access/, "View knowledge bases": /[Vv]iews/, Allowed: /indexes/ }],
  ["Answers", "Index the contents of a knowledge base source", "User", BOTH, { "Not allowed": /./, Allowed: /schedule/ }],
  ["Answers", "Search knowledge bases", "User", BOTH, { "Not allowed": /./, Allowed: /assistant/ }],
];

let app, page;

before(async () => {
  app = await begin("analytics-cloud", ADA);
  page = app.page;
});

after(() => app?.stop());

const box = (name) => page.getByRole("checkbox", { name, exact: true });
const options = (name) => page.getByRole("radiogroup", { name, exact: true });
const labels = (name) => options(name).locator("label").allInnerTexts();
const bar = () => page.getByRole("region", { name: "Unsaved changes" });
const panel = () => page.getByRole("complementary", { name: "Permission" });
const level = async (subject, permission) => (await call(page, "POST", "/check", { subject, permission })).body.level;

/** Puts the focus on a permission, as a person does, so that the panel tells of it. */
async function show(category, name) {
  const full = `${category}: ${name}`;
  const row = page.locator(".permission").filter({ has: page.locator(`[aria-label="${full}"]`) });
  await row.locator(".permission__label").first().click();
  await panel().getByRole("heading", { name, exact: true }).waitFor();
}

/** What the panel says, by its heading words. */
const told = () =>
  panel().locator(".inspector__levels > div").evaluateAll((all) => all.map((it) => [it.querySelector("dt").textContent, it.querySelector("dd").textContent]));

test("S1-1: security roles and custom roles are of users or of administrators, and are assigned for the whole tenant", async () => {
  const roles = (await app.get("/roles")).items.map(({ role }) => role);
  assert.deepEqual(new Set(roles.map(({ kind, audience }) => `${kind} ${audience}`)).size, 4, "each kind has roles of each audience");
  await app.go("/permissions");
  for (const { name, kind, audience } of roles) {
    const words = await page.getByRole("row", { name: new RegExp(`^${name} `) }).innerText();
    assert.match(words, kind === "built_in" ? /Built in/ : /Custom/);
    assert.match(words, audience === "admin" ? /Administrators/ : /Users/);
  }
  const user = await accepted(page, app.server, { email: "tessa@example.com", password: PASSWORD });
  await call(page, "POST", "/assignments", { principal: { user }, role: "knowledge_manager", scope: "/" });
  await app.go(`/users/${user}`);
  const held = page.getByRole("table", { name: "Roles held" }).getByRole("row", { name: /^Knowledge Manager/ });
  assert.match(await held.innerText(), /Everything/);
});

test("S1-2: a role of a space is assigned at a space and counts there alone", async () => {
  const role = { id: "", name: "Space editor", scope_types: ["space"], grants: { "platform.create_private_content": "allowed" } };
  const made = await call(page, "POST", "/roles", role);
  const user = await accepted(page, app.server, { email: "sven@example.com", password: PASSWORD });
  await call(page, "POST", "/assignments", { principal: { user }, role: made.body.role.id, scope: "spaces/blue" });
  await app.go(`/users/${user}`);
  const held = page.getByRole("table", { name: "Roles held" }).getByRole("row", { name: /^Space editor/ });
  assert.match(await held.innerText(), /Space blue/);
});

test("S1-5, S2-14, S2-25: what the tenant's products do not bring is not shown, and why is told to who asks", async () => {
  const { body, etag } = await call(page, "GET", "/settings");
  await call(page, "PUT", "/settings", { ...body.settings, products: [] }, etag);
  await app.go("/roles/new");
  await page.getByRole("region", { name: "App content", exact: true }).waitFor();
  assert.equal(await page.getByRole("region", { name: "Answers", exact: true }).count(), 0);
  const [one] = (await app.get("/users?status=active&limit=1")).items;
  await app.go(`/access?${new URLSearchParams({ subject: one.id, permission: "answers.search" })}`);
  await page.getByText("This tenant does not have the product that it belongs to.").first().waitFor();
  await call(page, "PUT", "/settings", body.settings, (await call(page, "GET", "/settings")).etag);
  await app.go("/roles/new");
  await page.getByRole("region", { name: "Answers", exact: true }).waitFor();
});

test("S1-6: a role that is assigned to who is signed in counts once they sign in again, and the dialog says so", async () => {
  const mia = { email: "mia@example.com", password: PASSWORD };
  const user = await accepted(page, app.server, mia);
  const before = await signedIn(app.browser, app.server, mia);
  await app.go(`/users/${user}`);
  await page.getByRole("button", { name: "Assign role" }).first().click();
  const dialog = page.getByRole("dialog", { name: "Assign a role to mia@example.com" });
  await dialog.getByText("The users will be assigned the role at their next login.").waitFor();
  await dialog.getByRole("combobox", { name: "Role" }).fill("Tenant A");
  await dialog.getByRole("option", { name: /^Tenant Admin/ }).click();
  await dialog.getByRole("button", { name: "Assign role" }).click();
  await app.toast("mia@example.com now holds Tenant Admin.");
  await assert.rejects(call(before, "GET", "/users?limit=1"), /403/, "the session that was begun before");
  await before.context().close();
  const after = await signedIn(app.browser, app.server, mia);
  assert.equal((await call(after, "GET", "/users?limit=1")).body.items.length, 1, "the one that is begun after");
  await after.context().close();
});

test("S1-43: who is no administrator finds nothing of it", async () => {
  const noa = { email: "noa@example.com", password: PASSWORD };
  await accepted(page, app.server, noa);
  const other = await signedIn(app.browser, app.server, noa);
  assert.equal(await other.getByRole("navigation", { name: "Sections" }).getByRole("link", { name: "Users" }).count(), 0);
  await other.goto(`${app.server.url}/permissions`);
  await other.getByText(/You may not see/).first().waitFor();
  await other.context().close();
});

test("S2-1, S2-2, S2-3: administrators set in User Default what everybody may do, and a custom role adds to it for who holds it", async () => {
  const user = await accepted(page, app.server, { email: "uli@example.com", password: PASSWORD });
  assert.equal(await level(user, "content.download"), "no_data");
  await app.go("/roles/user_default");
  await page.getByText("Everybody", { exact: true }).first().waitFor();
  await options("App content: In-app content download").getByRole("radio", { name: "Not allowed", exact: true }).check();
  await bar().getByRole("button", { name: "Save" }).click();
  await app.toast(/^Saved\./);
  assert.equal(await level(user, "content.download"), "not_allowed");
  const role = { id: "", name: "Downloader", grants: { "content.download": "allowed" } };
  const { id } = (await call(page, "POST", "/roles", role)).body.role;
  await call(page, "POST", "/assignments", { principal: { user }, role: id, scope: "/" });
  assert.equal(await level(user, "content.download"), "allowed");
  await options("App content: In-app content download").getByRole("radio", { name: "No data", exact: true }).check();
  await bar().getByRole("button", { name: "Save" }).click();
  await eventually("it is as before", async () => (await app.get("/roles/user_default")).role.grants["content.download"] === "no_data");
});

test("S2-5: what belongs in custom roles alone is told so in User Default, and cannot be set there", async () => {
  await app.go("/roles/user_default");
  const name = "Machine learning: Approve or reject AutoML models";
  await page.getByRole("listitem").filter({ has: box(name) }).getByText("Set in custom roles only").waitFor();
  assert.equal(await box(name).getAttribute("aria-disabled") ?? String(await box(name).isDisabled()), "true");
  await app.go("/roles/new");
  await box(name).check();
  assert.equal(await box(name).isChecked(), true);
});

test("S2-6, S2-7: a custom role offers the default with its setting, which follows it live, and never Not allowed", async () => {
  const download = "App content: In-app content download";
  await app.go("/roles/new");
  await options(download).waitFor();
  assert.deepEqual(await labels(download), ["User Default (No data)", "No data", "Allowed"]);
  const { body, etag } = await call(page, "GET", "/roles/user_default");
  const edited = { ...body.role, grants: { ...body.role.grants, "content.download": "allowed" } };
  await call(page, "PUT", "/roles/user_default", edited, etag);
  await eventually("the page follows", async () => (await labels(download))[0] === "User Default (Allowed)");
  await call(page, "PUT", "/roles/user_default", body.role, (await call(page, "GET", "/roles/user_default")).etag);
  await eventually("and back", async () => (await labels(download))[0] === "User Default (No data)");
  await app.go("/roles/user_default");
  await options(download).waitFor();
  assert.deepEqual(await labels(download), ["Not allowed", "No data", "Allowed"]);
});

for (const [category, name, type, applies, choices] of SETTINGS) {
  test(`S2-8, S2-9: ${name} has the type ${type}, says that ${applies} set it, and each option has a sentence`, async () => {
    await app.go("/roles/new");
    await show(category, name);
    const all = await told();
    assert.deepEqual(all.slice(0, 2), [["Type", type], ["Applicable roles", applies]]);
    assert.deepEqual(all.slice(2).map(([option]) => option), Object.keys(choices));
    for (const [option, sentence] of all.slice(2)) assert.match(sentence, choices[option], option);
  });
}

test("S2-13: what nobody grants of a setting of custom roles alone is Not granted", async () => {
  await app.go("/roles/new");
  const row = page.getByRole("listitem").filter({ has: box("Machine learning: Approve or reject AutoML models") });
  await row.getByText("Not granted", { exact: true }).waitFor();
});

test("S2-19: what a level brings is told in the panel and at what it brings", async () => {
  await app.go("/roles/new");
  await show("Answers", "Manage knowledge bases");
  const brings = await panel().locator(".plain-list").first().innerText();
  for (const name of ["Answers: Index the contents of a knowledge base source", "Answers: Search knowledge bases"]) {
    assert.ok(brings.includes(name), brings);
  }
  await options("Answers: Manage knowledge bases").getByRole("radio", { name: "Allowed", exact: true }).check();
  const row = page.getByRole("listitem").filter({ has: box("Answers: Index the contents of a knowledge base source") });
  await row.getByText("Brought by Manage knowledge bases").waitFor();
});

test("S2-20, S2-21, S2-22, S2-23: the panel of a permission says what each option does to other features", async () => {
  await app.go("/roles/user_default");
  await show("App content", "In-app content download");
  const { "Not allowed": none, "No data": some, Allowed: all } = Object.fromEntries(await told());
  for (const words of [some, all]) {
    assert.match(words, /static charts to a report template with the Excel add-in/);
    assert.match(words, /the whole of Insight Advisor Chat/);
  }
  assert.match(none, /[Nn]o static charts|static charts/);
  assert.match(none, /collaboration platform/);
  assert.match(none, /natural.language/i);
});

test("S2-24: a permission that another page is about leads to its help", async () => {
  await app.go("/roles/new");
  for (const [category, name] of SETTINGS.slice(1)) {
    await show(category, name);
    const help = panel().getByRole("link", { name: `Help with ${name}` });
    assert.match(await help.getAttribute("href"), /^https:\/\//, name);
    assert.equal(await help.getAttribute("rel"), "noopener noreferrer");
  }
  await show("App content", "In-app content download");
  assert.equal(await panel().getByRole("link", { name: /^Help/ }).count(), 0, "where there is no page, there is no link");
});

test("the console says nothing but what the server refused", () => {
  assert.deepEqual(app.said().filter((line) => !/400|401|403|404|409|412|422/.test(line)), []);
});
