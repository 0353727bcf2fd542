// A person's page: the invitation, the package, the sessions and the sources of roles. In a real browser with the real server.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accepted, axe, begin, call, command, eventually, signedIn } from "./rolewright.mjs";

const PASSWORD = "a long walk by the river";
const ADA = { email: "ada@example.com", password: PASSWORD };

let app, page, bo, bos;

before(async () => {
  app = await begin("mailer", ADA, { demo: false });
  page = app.page;
  bo = await accepted(page, app.server, { email: "bo@example.com", first_name: "Bo", password: PASSWORD, roles: [] });
  bos = await signedIn(app.browser, app.server, { email: "bo@example.com", password: PASSWORD });
});

after(() => app?.stop());

async function pick(name) {
  await page.getByRole("button", { name: /^More actions for/ }).click();
  const item = page.getByRole("menuitem", { name });
  await eventually(name, async () => (await item.getAttribute("aria-disabled")) === null);
  await item.click();
}

test("an invitation is revoked and made again, and who has none that is open is found", async () => {
  const { user, link } = (await call(page, "POST", "/users", { email: "cy@example.com", first_name: "Cy", roles: [] })).body;
  const token = decodeURIComponent(link.split("#token=")[1]);
  const inspected = () =>
    fetch(`${app.server.url}/api/v1/tenants/default/invitations/inspect`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ token }),
    });
  assert.equal((await inspected()).status, 200);
  await app.go(`/users/${user}`);
  await pick("Revoke invitation");
  const dialog = page.getByRole("alertdialog", { name: "Revoke the invitation of Cy?" });
  await dialog.getByRole("button", { name: "Revoke" }).click();
  await app.toast("The invitation of Cy is revoked");
  await page.getByText("No invitation is open").waitFor();
  assert.notEqual((await inspected()).status, 200);

  await app.go("/users");
  await page.getByRole("radio", { name: "No open invitation" }).check();
  await page.waitForURL(/status=no_invitation/);
  await eventually("Cy alone", async () => (await page.locator("tbody a").allInnerTexts()).join() === "Cy");
  await page.reload();
  await eventually("Cy alone, still", async () => (await page.locator("tbody a").allInnerTexts()).join() === "Cy");

  await page.locator("tbody").getByRole("link", { name: "Cy" }).click();
  await page.waitForURL(`**/users/${user}`);
  await pick("Send invitation again");
  // The link is shown only now: no key closes the dialog, and no page is gone to before somebody says so.
  const told = page.getByRole("dialog", { name: "Cy is invited" });
  await told.getByLabel("Invitation link").waitFor();
  for (const key of ["Escape", "Escape"]) await page.keyboard.press(key);
  assert.equal(await told.getByRole("button", { name: "Close" }).count(), 0);
  await page.evaluate(() => window.history.back());
  const leave = page.getByRole("alertdialog", { name: "Leave without saving?" });
  await leave.getByText("The invitation link is shown only now.", { exact: false }).waitFor();
  await leave.getByRole("button", { name: "Stay on page" }).last().click();
  await told.getByRole("button", { name: "I have copied it" }).click();
  await page.getByText("The invitation is open until").waitFor();
});

test("the package of a person is set on their page, and its roles lead to it", async () => {
  const role = { id: "runner", name: "Runner", audience: "user", grants: { "reports.run": "allowed" } };
  await call(page, "POST", "/roles", role);
  await call(page, "POST", "/packages", { id: "gold", name: "Gold", roles: [role.id] });
  await app.go(`/users/${bo}`);
  await pick("Set package");
  const dialog = page.getByRole("dialog", { name: /Set the package of Bo/ });
  await dialog.getByLabel("Package").selectOption({ label: "Gold" });
  await dialog.getByText(/gains|Nothing changes/).first().waitFor();
  await dialog.getByRole("button", { name: "Set package" }).click();
  const row = page.getByRole("row").filter({ hasText: role.name });
  await row.getByRole("link", { name: "Package Gold" }).click();
  await page.waitForURL(/\/packages\/gold$/);
});

test("a role that comes through a group leads to the group's roles, and the groups of a person to theirs", async () => {
  const role = (await app.get("/roles")).items.find(({ role }) => !role.base && !role.superuser).role;
  const { id } = (await call(page, "POST", "/groups", { name: "Night shift" })).body;
  await call(page, "POST", `/groups/${id}/members`, { user: bo });
  await call(page, "POST", "/assignments", { principal: { group: id }, role: role.id, scope: "/" });
  await app.go(`/users/${bo}`);
  await page.locator(".facts").getByRole("link", { name: "Night shift" }).waitFor();
  await page.getByRole("row").getByRole("link", { name: "Group Night shift" }).click();
  await page.waitForURL(new RegExp(`/groups/${id}\\?tab=roles$`));
  await page.getByRole("row").filter({ hasText: role.name }).waitFor();
  // A member is in since a day, not since a revision.
  await page.getByRole("tab", { name: /^Members/ }).click();
  assert.match(await page.getByRole("row").filter({ hasText: "Bo" }).innerText(), new RegExp(`${new Date().getFullYear()}`));
});

test("a role that comes through groups is taken away by leaving one's own group, and the dialog names what goes with it and what stays", async () => {
  const roles = { sorter: "Sorter", packer: "Packer", sweeper: "Sweeper" };
  for (const [id, name] of Object.entries(roles)) await call(page, "POST", "/roles", { id, name, grants: { "recipients.view": "allowed" } });
  const made = async (name) => (await call(page, "POST", "/groups", { name })).body.id;
  const [crew, hall] = [await made("Crew"), await made("Hall")];
  const fay = await accepted(page, app.server, { email: "fay@example.com", first_name: "Fay", password: PASSWORD, roles: [] });
  await call(page, "POST", `/groups/${hall}/members`, { group: crew });
  await call(page, "POST", `/groups/${crew}/members`, { user: fay });
  const give = (principal, role) => call(page, "POST", "/assignments", { principal, role, scope: "/" });
  for (const role of ["sorter", "sweeper"]) await give({ group: hall }, role);
  await give({ group: crew }, "packer");
  await give({ user: fay }, "sweeper");
  await app.go(`/users/${fay}`);
  await page.getByRole("row").filter({ hasText: "Group Crew in Hall" }).first().waitFor();
  const leave = (name) => page.getByRole("row").filter({ hasText: name }).getByRole("button", { name: "Remove from Crew" });
  assert.equal(await page.getByRole("button", { name: "Remove from Hall" }).count(), 0, "Fay is in Hall by Crew alone");
  await leave("Sorter").click();
  const dialog = page.getByRole("alertdialog", { name: "Remove Fay from Crew?" });
  assert.match(await dialog.getByText("What goes with the group:").innerText(), /: (Sorter, Packer|Packer, Sorter)\.$/);
  await dialog.getByText("What is held in another way too, and stays: Sweeper.").waitFor();
  await dialog.getByRole("button", { name: "Remove from group" }).click();
  await app.toast("Fay is no longer in Crew.");
  await eventually("one is left", async () => (await page.getByRole("button", { name: /^Remove / }).count()) === 1);
  assert.deepEqual((await app.get(`/users/${fay}`)).groups, []);
  // A key undoes it, as the toast says.
  await page.locator(".toast", { hasText: "no longer in Crew" }).locator("kbd").first().waitFor();
  await page.keyboard.press("Control+z");
  await leave("Sorter").waitFor();
});

test("a role that comes through a group of the identity provider is not taken away here, and that is said", async () => {
  const may = ["users.view", "users.manage", "groups.view", "groups.manage"].flatMap((it) => ["--permission", it]);
  const { key } = JSON.parse(await command("key", "create", "--name", "provider", ...may, "--data", app.server.data, "--json"));
  const scim = async (path, body) => {
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/scim+json" };
    const answer = await fetch(`${app.server.url}/scim/v2${path}`, { method: "POST", headers, body: JSON.stringify(body) });
    assert.equal(answer.status, 201, await answer.clone().text());
    return answer.json();
  };
  const gil = await scim("/Users", { schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], userName: "gil@example.com", active: true });
  const staff = await scim("/Groups", { schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"], displayName: "Staff", members: [{ value: gil.id }] });
  await call(page, "POST", "/assignments", { principal: { group: staff.id }, role: "sorter", scope: "/" });
  await app.go(`/users/${gil.id}`);
  const leave = page.getByRole("button", { name: "Remove from Staff" });
  assert.equal(await leave.getAttribute("aria-disabled"), "true");
  await leave.focus();
  await page.getByRole("tooltip").filter({ hasText: /identity provider/ }).waitFor();
});

test("whom a role reaches is said before it is assigned, and the focus goes on once one is removed", async () => {
  const roles = { watcher: { name: "Licence watcher", grants: { "recipients.view": "allowed" } }, licenser: { name: "Licenser", grants: { "licensing.view": "allowed" } } };
  for (const [id, more] of Object.entries(roles)) await call(page, "POST", "/roles", { id, ...more });
  const eve = await accepted(page, app.server, { email: "eve@example.com", first_name: "Eve", password: PASSWORD, roles: [] });
  await app.go(`/users/${eve}`);
  for (const { name } of Object.values(roles)) {
    await page.getByRole("button", { name: "Assign role" }).first().click();
    const dialog = page.getByRole("dialog", { name: "Assign a role to Eve" });
    await dialog.getByRole("combobox", { name: "Role" }).fill(name);
    await dialog.getByRole("option", { name }).click();
    await dialog.getByText(/^Eve gains \d+ permissions?\.$/).waitFor();
    await dialog.getByRole("button", { name: "Assign role" }).click();
    await app.toast(new RegExp(`Eve now holds ${name}\\. Eve gains .+: .+\\.`));
    await page.getByRole("button", { name: `Remove ${name}` }).waitFor();
  }
  const own = page.getByRole("button", { name: /^Remove / });
  const names = await own.evaluateAll((buttons) => buttons.map((button) => button.getAttribute("aria-label")));
  const focused = () => page.evaluate(() => document.activeElement.getAttribute("aria-label") ?? document.activeElement.tagName);
  // The row of the role that everybody holds has a link alone.
  for (const [removed, goes] of [[names[0], names[1]], [names[1], "A"]]) {
    await page.getByRole("button", { name: removed, exact: true }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Remove role" }).click();
    await page.getByRole("button", { name: removed, exact: true }).waitFor({ state: "detached" });
    await eventually(`the focus goes to ${goes}`, async () => (await focused()) === goes);
  }
});

test("where a person is signed in is seen by who may end it, and by nobody else", async () => {
  await app.go(`/users/${bo}?tab=sessions`);
  const sessions = page.locator(".sessions__row");
  await sessions.first().waitFor();
  // One of them began when the invitation was accepted, by no browser.
  assert.equal(await sessions.count(), 2);
  assert.match(await sessions.filter({ hasText: "Chrome on" }).innerText(), /Last used.*\n.*Signed in/s);
  assert.match(await sessions.filter({ hasText: "An unknown device" }).innerText(), /Signed in/);
  assert.deepEqual(await axe(page), []);
  await sessions.filter({ hasText: "An unknown device" }).getByRole("button", { name: "End the session on An unknown device" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "End session" }).click();
  await app.toast("A session of Bo has ended");
  await sessions.filter({ hasText: "An unknown device" }).waitFor({ state: "detached" });
  assert.equal(await sessions.count(), 1);
  await eventually("the focus goes on", () => page.evaluate(() => ["H1", "BUTTON"].includes(document.activeElement.tagName)));
  await pick("End sessions");
  await page.getByRole("alertdialog").getByRole("button", { name: "End sessions" }).click();
  await app.toast("The sessions of Bo are ended");
  await page.reload();
  await page.getByText("Signed in nowhere").waitFor();
  await bos.reload();
  await bos.getByRole("button", { name: "Sign in" }).waitFor();

  const grants = { "users.view": "allowed", "users.manage": "allowed" };
  await call(page, "POST", "/roles", { id: "clerk", name: "Clerk", grants });
  await accepted(page, app.server, { email: "di@example.com", first_name: "Di", password: PASSWORD, roles: ["clerk"] });
  const dis = await signedIn(app.browser, app.server, { email: "di@example.com", password: PASSWORD });
  const ada = (await app.get("/users?search=ada")).items[0].id;
  await dis.goto(`${app.server.url}/users/${ada}?tab=sessions`);
  await dis.getByText(/superuser|hold everything/i).first().waitFor();
  assert.equal(await dis.locator(".sessions__row").count(), 0);
  await dis.context().close();
});

test("who deletes somebody or a role is told what goes and what an undo brings back, asks for nothing that is gone, and takes it back by the toast", async () => {
  await call(page, "POST", "/roles", { id: "teller", name: "Teller", grants: { "reports.run": "allowed", "recipients.view": "allowed" } });
  const dia = await accepted(page, app.server, { email: "dia@example.com", first_name: "Dia", password: PASSWORD, roles: ["teller"] });
  const { id: group } = (await call(page, "POST", "/groups", { name: "Night" })).body;
  await call(page, "POST", `/groups/${group}/members`, { user: dia });
  await app.go(`/users/${dia}`);
  await pick("Disable");
  const disable = page.getByRole("alertdialog", { name: "Disable Dia?" });
  await disable.getByText(/^Dia loses \d+ permissions\.$/).waitFor();
  const named = await disable.locator(".reached__what").innerText();
  assert.match(named, /\w+: \w+/, "permissions are named by their labels");
  await disable.getByRole("button", { name: "Cancel" }).click();

  await pick("Delete");
  const dialog = page.getByRole("alertdialog", { name: "Delete Dia?" });
  await dialog.getByText("Roles of their own: Teller").waitFor();
  await dialog.getByText("Groups they are in: Night").waitFor();
  await dialog.getByText(/that brings back the account with all this, without a password and a second factor\.$/).waitFor();
  await dialog.getByText(/^Dia loses \d+ permissions\.$/).waitFor();
  assert.deepEqual(await axe(page), []);
  // What is heard of the change is heard before its answer.
  await page.route(`**/users/${dia}`, async (route) => {
    const response = await route.fetch();
    if (route.request().method() === "DELETE") await new Promise((resolve) => setTimeout(resolve, 700));
    await route.fulfill({ response });
  });
  const missed = [];
  page.on("response", (response) => response.status() === 404 && missed.push(response.url()));
  await dialog.getByRole("button", { name: "Delete", exact: true }).click();
  await app.toast(/^Deleted Dia\. Dia loses .+: .+\./);
  await page.waitForURL(/\/users$/);
  const { revision } = (await app.get("/audit?limit=1")).items[0].at;
  await page.getByRole("button", { name: "Undo", exact: true }).click();
  await app.toast(`Undid change ${revision}.`);
  assert.equal((await app.get(`/users/${dia}`)).groups.length, 1);
  assert.deepEqual(missed, [], "nothing is asked for that is gone");
  await page.unroute(`**/users/${dia}`);
  await app.go(`/audit/${revision}`);
  await page.getByText(/^Dia loses .+: .+\.$/).waitFor();

  await app.go("/roles/teller");
  await page.getByRole("button", { name: "More actions for Teller" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  const role = page.getByRole("alertdialog", { name: "Delete Teller?" });
  await role.getByText("Its assignments to 1 person go with it: Dia.").waitFor();
  await role.getByText(/^Dia loses \d+ permissions\.$/).waitFor();
  await role.getByText(/that brings back the role with its assignments\.$/).waitFor();
  await role.getByRole("button", { name: "Delete role" }).click();
  await app.toast(/^Deleted Teller\. Dia loses .+: .+\./);
  await page.getByRole("button", { name: "Undo", exact: true }).last().click();
  await eventually("it is back with its assignment", async () => (await app.get("/roles/teller")).assigned.users === 1);
});

test("what begins and ends by itself is seen to on a page that is open", async () => {
  const role = (await app.get("/roles")).items.find((it) => !it.role.superuser && !it.role.base && it.role.audience === "user").role.id;
  const user = await accepted(page, app.server, { email: "tim@example.com", first_name: "Tim", password: PASSWORD, roles: [] });
  const from = Date.now() + 4_000;
  await call(page, "POST", "/assignments", { principal: { user }, role, scope: "/", from, until: from + 4_000 });
  await app.go(`/users/${user}`);
  const row = page.locator("tbody tr").first();
  await row.getByRole("button", { name: /^Not yet/ }).waitFor();
  await eventually("it counts", async () => (await row.getByRole("button", { name: /^(Not yet|Expired)/ }).count()) === 0);
  await row.getByRole("button", { name: /^Expired/ }).waitFor();
});
