// The acceptance list's users and roles of KPImailer, in a real browser with the real server. The worked scenario is
// story.test.mjs, and the invitation by mail mail.test.mjs.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accepted, begin, call, code, eventually, signedIn } from "./rolewright.mjs";

const ADA = { email: "ada@example.com", password: "a long walk by the river" };
const OTTO = { email: "otto@example.com", password: "seven green bottles" };

/** What Admin may do in each of the fourteen categories. */
const ADMIN = {
  Users: "View, Manage, Assign roles",
  Roles: "View",
  Licensing: "View, Manage",
  "Engine settings": "View, Manage",
  "Data destinations": "View, Manage",
  Recipients: "View, Manage",
  Reports: "View, Manage, Run",
  Templates: "View, Manage",
  Alerts: "View, Manage",
  Qlik: "View, Manage, Single sign-on",
  "API keys": "Manage",
  Mail: "View, Manage",
  Logs: "View",
  Backup: "View, Manage, Run",
};

let app, page;

before(async () => {
  app = await begin("mailer", ADA);
  page = app.page;
});

after(() => app?.stop());

const table = () => page.getByRole("table", { name: "Users" });
const section = (name) => page.getByRole("navigation", { name: "Sections" }).getByRole("link", { name });
const card = (name) => page.locator(".card", { has: page.getByRole("heading", { name, exact: true }) });

/** The categories of a card with their grants, as it shows them. */
async function granted(name) {
  const fold = card(name).locator("summary");
  if (await fold.count()) await fold.click();
  const rows = card(name).locator(".grants__row");
  return Object.fromEntries(await rows.evaluateAll((all) => all.map((row) => [...row.children].map((it) => it.textContent))));
}

async function openInvite() {
  await app.go("/users");
  await page.getByRole("button", { name: "Invite user" }).click();
  const dialog = page.getByRole("dialog", { name: "Invite user" });
  await dialog.waitFor();
  return dialog;
}

test("S0-1: the pages say that accounts are here, what each holds, and that roles are named sets of permissions", async () => {
  await app.go("/users");
  await page.getByText("Everybody with an account, and what each of them holds.").waitFor();
  await section("Roles").click();
  await page.getByText(/^Named sets of permissions\./).waitFor();
  await app.go("/roles/new");
  await page.getByRole("button", { name: /^Users Who has an account, and what each account may do/ }).waitFor();
});

test("S0-2: Users is a screen that the sections lead to", async () => {
  await app.go("/");
  await section("Users").click();
  await page.waitForURL(/\/users$/);
  await page.getByRole("heading", { level: 1, name: "Users" }).waitFor();
});

test("S0-3, S0-4, S0-5, S0-6: the table of users has name, email, roles and status, and all roles of a person", async () => {
  const many = (await app.get("/users?status=active&limit=200")).items.find(({ roles }) => roles.length === 2);
  const names = new Map((await app.get("/roles")).items.map(({ role }) => [role.id, role.name]));
  await app.go(`/users?search=${many.email}`);
  await page.getByText("1 person found").waitFor();
  assert.deepEqual((await table().getByRole("columnheader").allInnerTexts()).slice(1), ["Name", "Email", "Roles", "Status", "Actions"]);
  const cells = (await table().locator("tbody tr").first().getByRole("cell").allInnerTexts()).slice(1);
  assert.deepEqual([cells[0], cells[1], cells[3]], [many.name, many.email, "Active"]);
  for (const id of many.roles) assert.ok(cells[2].includes(names.get(id)), `${id} in ${cells[2]}`);
});

test("S0-7: the search box finds somebody by a part of the name or of the email", async () => {
  await app.go("/users");
  const [, other] = (await app.get("/users?status=active&limit=2")).items;
  for (const words of [other.name.slice(0, 7).toUpperCase(), other.email]) {
    await page.getByRole("searchbox", { name: "Search users" }).fill(words);
    await page.waitForURL(/search=/);
    const { total } = await app.get(`/users?search=${encodeURIComponent(words)}&limit=1`);
    await page.getByText(`${total} ${total === 1 ? "person" : "people"} found`, { exact: true }).waitFor();
    assert.ok(total < 201, "it leaves some out");
    await table().getByRole("link", { name: other.name, exact: true }).waitFor();
  }
});

test("S0-8, S0-9, S0-10, S0-11, S0-12, S0-13: Invite user opens a dialog with a required email and optional names, whose button invites", async () => {
  const dialog = await openInvite();
  assert.notEqual(await dialog.getByLabel("Email").getAttribute("required"), null);
  for (const name of ["First name", "Last name"]) {
    assert.equal(await dialog.getByLabel(name).getAttribute("required"), null);
    const label = dialog.locator(".field", { has: page.getByLabel(name) }).locator("label");
    assert.match(await label.innerText(), /optional/);
  }
  const submit = dialog.getByRole("button", { name: "Invite user" });
  const { total } = await app.get("/users?limit=1");
  await submit.click();
  await dialog.getByText("Write the email address to invite.").waitFor();
  assert.equal((await app.get("/users?limit=1")).total, total, "nobody is invited without an email");
  await dialog.getByLabel("Email").fill("nina@example.com");
  await submit.click();
  await app.toast("Invited nina@example.com.");
  const { first_name, last_name } = (await app.get("/users?search=nina@example.com")).items[0];
  assert.deepEqual([first_name, last_name], [undefined, undefined]);

  const again = await openInvite();
  await again.getByLabel("Email").fill("nils@example.com");
  await again.getByLabel("First name").fill("Nils");
  await again.getByLabel("Last name").fill("Holm");
  await again.getByRole("button", { name: "Invite user" }).click();
  await app.toast("Invited nils@example.com.");
  assert.equal((await app.get("/users?search=nils@example.com")).items[0].name, "Nils Holm");
});

test("a wrong email marks its field and is said beside it, until it is put right, and so does one that somebody has", async () => {
  const dialog = await openInvite();
  const email = dialog.getByLabel("Email");
  for (const [wrong, why] of [["nobody", /is not an email address: there is no @ in it/], [ADA.email, /Another user has the email/]]) {
    await email.fill(wrong);
    await dialog.getByRole("button", { name: "Invite user" }).click();
    const said = dialog.locator(".field--wrong .field__error");
    await said.getByText(why).waitFor();
    assert.equal(await email.getAttribute("aria-invalid"), "true");
    assert.equal(await email.getAttribute("aria-describedby"), await said.getAttribute("id"));
    assert.equal(await dialog.locator(".banner").count(), 0, "it is said once");
    await email.press("End");
    await page.keyboard.type("x");
    await said.waitFor({ state: "detached" });
    assert.equal(await email.getAttribute("aria-invalid"), null);
  }
  await dialog.getByRole("button", { name: "Cancel" }).click();
});

test("S0-14: the dialog asks for no password, and says that the invited set their own", async () => {
  const dialog = await openInvite();
  await dialog.getByText("They get a link that works once, and set their own password with it.").waitFor();
  assert.equal(await dialog.locator("input[type=password]").count(), 0);
});

test("S0-15: a person is invited, active, disabled, or has no open invitation", async () => {
  const shown = async (email) => {
    await app.go(`/users?search=${email}`);
    await page.getByText("1 person found").waitFor();
    return table().locator("tbody .badge").first().innerText();
  };
  const { user } = (await call(page, "POST", "/users", { email: "ivo@example.com" })).body;
  assert.equal(await shown("ivo@example.com"), "Invited");
  await call(page, "DELETE", `/users/${user}/invitation`);
  assert.equal(await shown("ivo@example.com"), "No open invitation");
  const id = await accepted(page, app.server, { email: "iris@example.com", password: OTTO.password });
  assert.equal(await shown("iris@example.com"), "Active");
  await call(page, "PUT", `/users/${id}/status`, { status: "disabled" }, (await call(page, "GET", `/users/${id}`)).etag);
  assert.equal(await shown("iris@example.com"), "Disabled");
  const filter = page.getByRole("radiogroup", { name: "Status" }).getByRole("radio");
  assert.deepEqual(await filter.evaluateAll((all) => all.map((it) => it.value)), ["all", "active", "invited", "no_invitation", "disabled"]);
});

test("S0-16: a click on a person's row opens their details", async () => {
  const [one] = (await app.get("/users?status=active&limit=1")).items;
  await app.go(`/users?search=${one.email}`);
  await table().getByRole("cell", { name: one.email, exact: true }).click();
  await page.waitForURL(new RegExp(`/users/${one.id}$`));
  await page.getByRole("heading", { level: 1, name: one.name }).waitFor();
});

test("S0-17: roles are assigned in a person's details", async () => {
  const id = await accepted(page, app.server, { email: "rolf@example.com", password: OTTO.password });
  await app.go(`/users/${id}`);
  await page.getByRole("button", { name: "Assign role" }).first().click();
  const dialog = page.getByRole("dialog", { name: "Assign a role to rolf@example.com" });
  await dialog.getByRole("combobox", { name: "Role" }).fill("Report R");
  await dialog.getByRole("option", { name: /^Report Runner/ }).click();
  assert.equal(await dialog.getByText(/next login/).count(), 0, "here it counts at once");
  await dialog.getByRole("button", { name: "Assign role" }).click();
  await app.toast("rolf@example.com now holds Report Runner.");
  await page.getByRole("table", { name: "Roles held" }).getByRole("link", { name: "Report Runner" }).waitFor();
  assert.equal((await call(page, "POST", "/check", { subject: id, permission: "reports.run" })).body.allowed, true);
});

test("S0-18: a second factor that somebody lost is reset in their details, with the administrator's own password, and their sessions end", async () => {
  const id = await accepted(page, app.server, OTTO);
  const otto = await signedIn(app.browser, app.server, OTTO);
  const { secret } = (await call(otto, "POST", "/session/second-factor", { password: OTTO.password })).body;
  await call(otto, "POST", "/session/second-factor/confirm", { code: code(secret) });
  await app.go(`/users/${id}`);
  const open = async () => {
    await page.getByRole("button", { name: "More actions for otto@example.com" }).click();
    await page.getByRole("menuitem", { name: "Reset second factor" }).click();
  };
  await open();
  const dialog = page.getByRole("dialog", { name: "Reset the second factor of otto@example.com?" });
  await dialog.getByLabel("Your password").fill("not the password");
  await dialog.getByRole("button", { name: "Reset" }).click();
  await dialog.locator(".banner").waitFor();
  assert.equal((await app.get(`/users/${id}`)).second_factor, true, "a wrong password resets nothing");
  // Escape asks before what was typed is lost.
  await page.keyboard.press("Escape");
  await page.getByRole("alertdialog", { name: "Close without saving?" }).getByRole("button", { name: "Keep editing" }).last().click();
  await dialog.getByLabel("Your password").fill(ADA.password);
  await dialog.getByRole("button", { name: "Reset" }).click();
  await app.toast("The second factor of otto@example.com is off, and their sessions are ended.");
  assert.equal((await app.get(`/users/${id}`)).second_factor, false);
  await assert.rejects(call(otto, "GET", "/session"), /401/);
  await (await signedIn(app.browser, app.server, OTTO)).context().close();
  await otto.context().close();
  await page.getByRole("button", { name: "More actions for otto@example.com" }).click();
  assert.equal(await page.getByRole("menuitem", { name: "Reset second factor" }).count(), 0, "there is none to reset");
  await page.keyboard.press("Escape");
});

test("S0-19, S0-20, S0-21, S0-24, S0-25, S0-26: every role has a card with its categories and the grants of each, and three are built in", async () => {
  await app.go("/roles");
  const roles = (await app.get("/roles")).items.map(({ role }) => role);
  await card(roles[0].name).waitFor();
  assert.deepEqual(await page.locator(".card__title").allInnerTexts(), roles.map(({ name }) => name));
  const builtIn = [];
  for (const { name } of roles) {
    const word = (await card(name).locator(".chips").innerText()).split("\n")[0];
    if (word === "Built in") builtIn.push(name);
    else assert.equal(word, "Custom", name);
  }
  assert.deepEqual(builtIn, ["User", "Superuser", "Admin"]);
  assert.deepEqual(await granted("Admin"), ADMIN);
  assert.deepEqual(await granted("Report Runner"), { Recipients: "View", Reports: "View, Run" });
});

test("S0-22: the card of User grants nothing by itself", async () => {
  await app.go("/roles");
  await card("User").getByText("Grants nothing by itself").waitFor();
  assert.deepEqual(await granted("User"), {});
});

test("S0-23: Superuser is everything, also what is added tomorrow, and has nothing to tick", async () => {
  await app.go("/roles");
  await card("Superuser").getByText("Everything, also what is added tomorrow").waitFor();
  await card("Superuser").getByRole("link", { name: "Superuser" }).click();
  await page.getByText(/Every permission at its top level, also those that are added tomorrow/).waitFor();
  assert.equal(await page.getByRole("checkbox").count(), 0);
});

test("S0-27, S0-28: Create role takes a name and exactly the grants that are ticked, of those that each category has", async () => {
  await app.go("/roles");
  await page.getByRole("button", { name: "Create role" }).click();
  await page.waitForURL(/\/roles\/new$/);
  const kinds = async (module) => {
    const boxes = page.getByRole("group", { name: module, exact: true }).getByRole("checkbox");
    return boxes.evaluateAll((all) => all.map((it) => it.getAttribute("aria-label").split(": ")[1]));
  };
  assert.deepEqual(await kinds("Reports"), ["View", "Manage", "Run"]);
  assert.deepEqual(await kinds("Qlik"), ["View", "Manage", "Single sign-on"]);
  assert.deepEqual(await kinds("Logs"), ["View"]);
  await page.getByLabel("Name").fill("Report keeper");
  for (const one of ["Reports: View", "Reports: Run", "Alerts: Manage"]) {
    await page.getByRole("checkbox", { name: one, exact: true }).check();
  }
  await page.getByRole("button", { name: "Save" }).click();
  await page.waitForURL(/\/roles\/report_keeper$/);
  const { grants, kind } = (await app.get("/roles/report_keeper")).role;
  assert.deepEqual(grants, { "reports.view": "allowed", "reports.run": "allowed", "alerts.manage": "allowed" });
  assert.equal(kind, "custom");
});

test("S0-29: who makes a role is told to make a narrow one, rather than to use an administrator's for a part of it", async () => {
  await app.go("/roles");
  await page.getByText("Give each task its own narrow role.", { exact: false }).waitFor();
  await app.go("/");
  const next = page.getByRole("link", { name: /^Create a narrow role/ });
  assert.match(await next.innerText(), /rather than an administrator's role for a part of it/);
  await next.click();
  await page.waitForURL(/\/roles\/new$/);
  await page.getByText("Give exactly what the task needs.").waitFor();
});

test("the console says nothing but what the server refused", () => {
  assert.deepEqual(app.said().filter((line) => !/401|403|409|412|422/.test(line)), []);
});
