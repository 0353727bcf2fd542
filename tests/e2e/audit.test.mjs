// The audit log and the overview, in a real browser with the real server.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { axe, begin, call, eventually } from "./rolewright.mjs";

const ADA = { email: "ada@example.com", password: "a long walk by the river" };

let app, server, page, said, go, toast;

before(async () => {
  app = await begin("mailer", ADA);
  ({ server, page, said, go, toast } = app);
});

after(() => app?.stop());

const newest = async () => (await call(page, "GET", "/audit?limit=1")).body.items[0];

/** A new role with two permissions. */
async function role(name) {
  const { catalogue } = (await call(page, "GET", "/policy")).body.policy;
  const ids = catalogue.modules.flatMap((it) => it.permissions ?? []).filter((it) => !it.only && !it.scale).map((it) => it.id);
  const [one, two] = ids;
  const made = await call(page, "POST", "/roles", { id: "", name, grants: { [one]: "allowed" } });
  return { id: made.body.role.id, one, two };
}

/** Edits a role, with a reason. */
async function edit(id, change, reason) {
  const { body, etag } = await call(page, "GET", `/roles/${id}`);
  await call(page, "PUT", `/roles/${id}?${new URLSearchParams(reason ? { reason } : {})}`, { ...body.role, ...change }, etag);
}

test("S4-43: a change stands in the log with who, what before and after by field, why and when, and has an address of its own", async () => {
  const made = await role("Report reader");
  await edit(made.id, { name: "Report viewer", grants: { [made.two]: "allowed" } }, "Ticket 4711");
  const { revision } = (await newest()).at;
  await go("/audit");
  const row = page.getByRole("row").filter({ hasText: `#${revision}` });
  assert.match((await row.innerText()).replace(/\s+/g, " "), /Renamed the role Report reader to Report viewer and edited it: allowed .* and took away .*ada.* Ticket 4711/i);
  await row.getByRole("link", { name: `Open change ${revision}` }).click();
  await page.waitForURL(`**/audit/${revision}`);
  const fields = page.locator(".diff__row");
  await fields.first().waitFor();
  const told = (await fields.allInnerTexts()).map((text) => text.replace(/\s+/g, " "));
  assert.ok(told.some((text) => /Name Report reader Report viewer/.test(text)), told.join("\n"));
  assert.equal(told.filter((text) => /Allowed/.test(text)).length, 2, "one permission went and one came, by their labels");
  await page.getByText("Ticket 4711").waitFor();
  await page.getByText("Nobody holds anything otherwise by it.").waitFor();
  await page.reload();
  await page.getByRole("heading", { name: `Change ${revision}` }).waitFor();
  // And back from the role itself.
  await page.locator("main").getByRole("link", { name: "Report viewer" }).first().click();
  await page.getByRole("link", { name: "Versions" }).click();
  await page.getByRole("link", { name: /^All about it in the audit log/ }).click();
  await page.waitForURL(`**/audit?about=${made.id}`);
  await eventually("only this role's", async () => (await page.locator("tbody tr").count()) === 2);
});

test("a role that is given later says from when on, in its sentence and in whom it reached", async () => {
  const made = await call(page, "POST", "/roles", { id: "", name: "Night auditor", grants: { "audit.view": "allowed" } });
  const { items } = (await call(page, "GET", "/users?status=active&limit=50")).body;
  const may = async ({ id: subject }) => (await call(page, "POST", "/check", { subject, permission: "audit.view" })).body.allowed;
  let person;
  for (const one of items) person ??= (await may(one)) ? undefined : one;
  const from = Date.now() + 864e6;
  await call(page, "POST", "/assignments", { principal: { user: person.id }, role: made.body.role.id, scope: "/", from });
  await go(`/audit/${(await newest()).at.revision}`);
  const time = `\\d+ \\w+ ${new Date(from).getFullYear()}, \\d\\d:\\d\\d`;
  await page.locator("main").filter({ hasText: new RegExp(`Gave Night auditor to ${person.name} from ${time}`) }).waitFor();
  await page.getByText(new RegExp(`From ${time} on ${person.name} gains`)).first().waitFor();
});

test("the log is filtered in the address, by person, kind, day and reason, and paged", async () => {
  const made = await role("Filter me");
  await edit(made.id, { description: "Once" }, "Spring cleaning");
  await go("/audit");
  await page.getByRole("searchbox", { name: "Search reasons" }).fill("spring CLEAN");
  await eventually("one entry", async () => (await page.locator("tbody tr").count()) === 1);
  await page.getByText("Edited the role").waitFor();
  await page.getByLabel("Kind").selectOption({ label: "People" });
  await page.getByText("No change fits").waitFor();
  await page.getByRole("button", { name: "Clear filters" }).click();
  await page.getByLabel("Kind").selectOption({ label: "Roles" });
  await page.getByRole("combobox", { name: "Made by" }).fill(ADA.email);
  await page.getByRole("option", { name: ADA.email }).first().click();
  await page.waitForURL(/kind=role.*|actor=user/);
  await eventually("roles by ada alone", async () => {
    const all = await page.locator(".audit__what").allInnerTexts();
    return all.length > 1 && all.every((text) => /role/i.test(text));
  });
  const address = page.url();
  await page.reload();
  await page.getByText("Edited the role Filter me").waitFor();
  assert.equal(page.url(), address);
  await page.getByRole("button", { name: "Remove By:", exact: false }).click();
  await page.getByLabel("To").fill("2001-01-01");
  await page.getByLabel("To").press("Tab");
  await page.getByText("No change fits").waitFor();
  assert.match(page.url(), /to=2001-01-01/);
  // More than a page of them.
  await go("/audit");
  const first = await page.locator(".audit__revision").first().innerText();
  const { next } = (await call(page, "GET", "/audit")).body;
  if (next) {
    await page.getByRole("button", { name: "Older" }).click();
    await eventually("older ones", async () => (await page.locator(".audit__revision").first().innerText()) !== first);
    await page.getByRole("button", { name: "Newest" }).click();
    await eventually("the newest again", async () => (await page.locator(".audit__revision").first().innerText()) === first);
  }
});

test("S4-42: who holds what since when stands in a person's history, with who gave it", async () => {
  const { items } = (await call(page, "GET", "/users?status=active&limit=5")).body;
  const who = items.find((it) => it.email !== ADA.email);
  const made = await role("Night editor");
  await call(page, "POST", "/assignments?reason=Covers%20July", { principal: { user: who.id }, role: made.id, scope: "/" });
  await go(`/users/${who.id}?tab=history`);
  const entry = page.getByRole("listitem").filter({ hasText: `Gave Night editor to ${who.name}` });
  await entry.getByText("Covers July").waitFor();
  await entry.getByText(/by\s+ada/i).waitFor();
  await page.getByRole("link", { name: "All of it in the audit log" }).click();
  await page.waitForURL(`**/audit?about=${who.id}`);
  await page.getByText(`Gave Night editor to ${who.name}`).waitFor();
});

test("what an API key did is told by the key's name, also once it is revoked", async () => {
  const { body } = await call(page, "POST", "/keys", { name: "Provisioning", permissions: ["groups.manage"] });
  const headers = { authorization: `Bearer ${body.key}`, "content-type": "application/json" };
  const made = await fetch(`${server.url}/api/v1/tenants/default/groups`, { method: "POST", headers, body: JSON.stringify({ name: "Provisioned" }) });
  assert.equal(made.status, 201);
  await call(page, "DELETE", `/keys/${body.id}`);
  await go("/audit");
  const row = page.getByRole("row").filter({ hasText: "Created the group Provisioned" });
  assert.equal((await row.locator(".audit__by").innerText()).trim(), "API key Provisioning");
});

test("what is done to many at once is told by what it was, in the log, of each in their history, and a line a role in its details", async () => {
  const { items } = (await call(page, "GET", "/users?status=active&limit=5")).body;
  const people = items.filter((it) => it.email !== ADA.email).slice(0, 3);
  const made = await role("Bulk reader");
  const give = ({ id }) => ({ change: "assign", assignment: { principal: { user: id }, role: made.id, scope: "/" } });
  await call(page, "POST", "/batch", { changes: people.map(give) });
  const { revision } = (await newest()).at;
  await call(page, "POST", "/keys", { name: "Nightly export", permissions: ["users.view"] });
  await go("/audit");
  const what = page.locator(".audit__what");
  await what.filter({ hasText: /^Made the API key Nightly export$/ }).waitFor();
  await what.filter({ hasText: /^Gave Bulk reader to 3 people$/ }).waitFor();
  await page.getByRole("link", { name: `Open change ${revision}` }).click();
  await page.getByRole("heading", { name: "3 role assignments" }).waitFor();
  const lines = (await page.locator(".diff--flat .diff__row").allInnerTexts()).map((text) => text.replace(/\s+/g, " ").trim());
  const expected = people.map(({ name }) => `${name} Bulk reader · Everything · Always · Assigned here`);
  assert.deepEqual(lines.map((line) => line.replace(/^Added: /, "")).sort(), expected.sort());
  await go(`/users/${people[0].id}?tab=history`);
  await page.getByRole("listitem").filter({ hasText: `Gave Bulk reader to ${people[0].name}, with 2 more changes` }).waitFor();
  // A person who is added is told by their words, without what is kept for machines.
  const added = (await call(page, "POST", "/users", { email: "zoe@example.com", first_name: "Zoe", roles: [] })).body;
  const { body: { items: [entry] } } = await call(page, "GET", `/audit?about=${added.user}&limit=1`);
  await go(`/audit/${entry.at.revision}`);
  await page.getByRole("heading", { name: "Person Zoe" }).waitFor();
  const fields = (await page.locator(".diff--flat .diff__name").allInnerTexts()).map((text) => text.replace(/^Added:\s+/, ""));
  assert.deepEqual(fields, ["Email", "First name", "Status", "Tier"]);
});

test("days that are the wrong way round are said beside the field, and nothing is asked", async () => {
  const asked = [];
  const note = (request) => asked.push(request.url());
  await go("/audit?from=2026-11-20");
  page.on("request", note);
  await page.getByLabel("To").fill("2026-11-10");
  await page.getByLabel("To").press("Tab");
  await page.getByText("This day is before the first: choose a later one.").waitFor();
  page.off("request", note);
  assert.equal(await page.getByLabel("To").getAttribute("aria-invalid"), "true");
  assert.equal(await page.getByRole("button", { name: "Try again" }).count(), 0);
  assert.deepEqual(asked.filter((url) => /audit\?.*until=/.test(url)), []);
  assert.equal(await page.getByRole("button", { name: "Export" }).getAttribute("aria-disabled"), "true");
});

test("a change that cannot be undone says why", async () => {
  for (const [path, why] of [
    ["/audit/1", "It made the tenant, so there is nothing before it to go back to."],
    [`/audit/${(await call(page, "GET", "/audit?kind=key&limit=1")).body.items[0].at.revision}`, "It wrote no document, so there is nothing to put back."],
  ]) {
    await go(path);
    const undo = page.getByRole("button", { name: "Undo this" });
    await undo.focus();
    assert.equal(await undo.getAttribute("aria-disabled"), "true");
    await page.getByText(why).waitFor();
  }
});

test("a change is undone after a dry run says whom that reaches, and the undo is a change of its own", async () => {
  const { items } = (await call(page, "GET", "/users?status=active&limit=5")).body;
  const who = items.find((it) => it.email !== ADA.email);
  const made = await role("Undo me");
  await call(page, "POST", "/assignments", { principal: { user: who.id }, role: made.id, scope: "/" });
  await edit(made.id, { grants: { [made.one]: "allowed", [made.two]: "allowed" } });
  const { revision } = (await newest()).at;
  await go(`/audit/${revision}`);
  await page.getByRole("button", { name: "Undo this" }).click();
  const dialog = page.getByRole("alertdialog", { name: `Undo change ${revision}?` });
  await dialog.getByText(/loses|Nothing changes for anybody/).waitFor();
  assert.equal(Object.keys((await call(page, "GET", `/roles/${made.id}`)).body.role.grants).length, 2, "nothing is done yet");
  await dialog.getByLabel("Reason").fill("Too much");
  await dialog.getByRole("button", { name: "Undo change" }).click();
  await toast(`Undid change ${revision}.`);
  await page.waitForURL(`**/audit/${revision + 1}`);
  await page.getByText("Too much").waitFor();
  assert.deepEqual(Object.keys((await call(page, "GET", `/roles/${made.id}`)).body.role.grants), [made.one]);
  // The two lead to one another, and neither is undone twice.
  await page.locator(".audit__facts").getByRole("link", { name: `Change ${revision}` }).click();
  await page.waitForURL(`**/audit/${revision}`);
  await page.getByRole("link", { name: `change ${revision + 1}` }).waitFor();
  assert.equal(await page.getByRole("button", { name: "Undo this" }).count(), 0);
  await page.getByRole("link", { name: "The change after" }).click();
  await page.waitForURL(`**/audit/${revision + 1}`);
  // What somebody changed since is not undone over their head.
  await edit(made.id, { name: "Undo me not" });
  await page.getByRole("button", { name: "Undo this" }).click();
  const refused = page.getByRole("alertdialog").getByRole("button", { name: "Undo change" });
  await eventually("it is refused", async () => (await refused.getAttribute("aria-disabled")) === "true");
  const since = page.getByRole("alertdialog").locator(".staying");
  await since.getByText("1 document was changed since:").waitFor();
  assert.equal(await since.getByRole("listitem").innerText(), "Role Undo me not");
  assert.equal(await since.getByRole("button").count(), 0, "there is no rest");
  await page.keyboard.press("Escape");
});

test("what was changed since is named, and the rest is undone", async () => {
  const { items } = (await call(page, "GET", "/users?status=active&limit=5")).body;
  const people = items.filter((it) => it.email !== ADA.email).slice(0, 3);
  const made = await role("Half undone");
  const give = ({ id }) => ({ change: "assign", assignment: { principal: { user: id }, role: made.id, scope: "/" } });
  await call(page, "POST", "/batch", { changes: people.map(give) });
  const { revision } = (await newest()).at;
  const [first] = (await call(page, "GET", `/assignments?role=${made.id}&user=${people[0].id}`)).body.items;
  await call(page, "DELETE", `/assignments/${first.assignment.id}`, undefined, first.etag);
  await go(`/audit/${revision}`);
  await page.getByRole("button", { name: "Undo this" }).click();
  const dialog = page.getByRole("alertdialog", { name: `Undo change ${revision}?` });
  await dialog.getByText(`Role assignment Half undone of ${people[0].name}`).waitFor();
  await dialog.getByRole("button", { name: "Leave them, and undo the rest" }).click();
  await dialog.getByText("1 document was changed since and stays as it is.").waitFor();
  await dialog.getByRole("button", { name: "Undo the rest" }).click();
  await toast(`Undid change ${revision}.`);
  await eventually("nobody holds it", async () => (await call(page, "GET", `/assignments?role=${made.id}`)).body.items.length === 0);
  // It is not said to be undone whole.
  assert.equal((await call(page, "GET", `/audit/${revision}`)).body.undone_by, undefined);
});

test("who is invited is told with what they are given", async () => {
  const { roles } = (await call(page, "GET", "/policy")).body.policy;
  const superuser = roles.find((it) => it.superuser);
  await call(page, "POST", "/users", { email: "sue@example.com", roles: [superuser.id] });
  await go("/audit");
  await page.locator(".audit__what").filter({ hasText: `Invited sue@example.com and gave ${superuser.name}` }).waitFor();
  const { body: { items: [entry] } } = await call(page, "GET", "/audit?action=invite_user&limit=1");
  await go(`/audit/${entry.at.revision}`);
  await page.getByText(/sue@example\.com gains|becomes a superuser|1 person gains/).first().waitFor();
});

test("what the filters leave is exported as a signed excerpt", async () => {
  await go("/audit?kind=role");
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Export" }).click()]);
  const lines = (await readFile(await download.path(), "utf8")).trim().split("\n").map((line) => JSON.parse(line));
  const claims = JSON.parse(Buffer.from(lines.at(-1).excerpt.split(".")[1], "base64url"));
  assert.deepEqual([claims.filter.kind, claims.entries], ["role", lines.length - 1]);
});

test("the overview shows all findings of a kind, however many there are", async () => {
  for (let n = 0; n < 6; n += 1) await role(`Spare ${n}`);
  await go("/");
  const kind = page.locator(".finding").filter({ hasText: "Roles that nobody holds" });
  await kind.locator("summary").click();
  const count = (await call(page, "GET", "/findings?each=0")).body.counts.find((it) => it.code === "unused_role").count;
  await kind.getByText(`The first 5 of ${count} are shown.`).waitFor();
  await kind.getByRole("button", { name: new RegExp(`^Show all ${count}`) }).click();
  await eventually("all of them", async () => (await kind.locator(".finding__item").count()) === count);
  assert.equal(await kind.getByText(/^The first/).count(), 0);
});

test("S4-43, S4-35: the overview finds unused roles and grants without need, and its button mends after a dry run", async () => {
  const made = await role("Nobody needs me");
  await go("/");
  await page.getByText("Superusers without a second factor").waitFor();
  await page.getByText(/without a second factor/).first().waitFor();
  const kind = page.locator(".finding").filter({ hasText: "Roles that nobody holds" });
  await kind.locator("summary").click();
  const all = (await call(page, "GET", "/findings")).body;
  const count = all.counts.find((it) => it.code === "unused_role").count;
  assert.equal(await kind.locator(".finding__count").innerText(), String(count));
  const item = kind.locator(".finding__item").first();
  const name = await item.getByRole("link").first().innerText();
  await item.getByRole("button", { name: /^Delete / }).click();
  const dialog = page.getByRole("alertdialog", { name: `Delete ${name}?` });
  await dialog.getByText("Nothing changes for anybody.").waitFor();
  await dialog.getByRole("button", { name: `Delete ${name}` }).click();
  await toast(`Done: Delete ${name}.`);
  await eventually("one fewer", async () => (await call(page, "GET", "/findings")).body.items.filter((it) => it.code === "unused_role").length === count - 1);
  const recent = page.getByRole("region", { name: "Recent changes" });
  await recent.getByRole("listitem").first().getByText(/Deleted the role|Changed 1 role/).waitFor();
  assert.ok(made.id);
});

test("the overview's numbers are the server's, and what roles share reads as a table", async () => {
  const posture = (await call(page, "GET", "/posture")).body;
  await go("/");
  const figure = page.locator(".figure").filter({ hasText: "Superusers" });
  await figure.getByText(String(posture.superusers), { exact: true }).waitFor();
  const table = page.getByRole("table", { name: /Permissions that both roles give/ });
  const rows = await table.getByRole("row").all();
  assert.ok(rows.length > 2);
  assert.equal(await rows[1].getByRole("rowheader").count(), 1);
});

for (const [name, path] of [
  ["the overview", () => "/"],
  ["the log", () => "/audit"],
  ["the log, filtered", () => "/audit?kind=role&from=2020-01-01"],
  ["the log where nothing fits", () => "/audit?search=nothing-like-this"],
  ["a change", async () => `/audit/${(await newest()).at.revision}`],
  ["the first change", () => "/audit/1"],
  ["a change that is not there", () => "/audit/999999"],
]) {
  test(`axe finds nothing wrong with ${name}, in both themes, it comes again when reloaded, and nothing is cut off at 320 px`, async () => {
    await go(await path());
    await page.getByRole("heading").first().waitFor();
    await page.reload();
    await page.getByRole("heading").first().waitFor();
    await page.waitForLoadState("networkidle");
    await page.waitForFunction(() => !document.querySelector("main [aria-busy=true]"));
    assert.deepEqual(await axe(page), []);
    await page.setViewportSize({ width: 320, height: 720 });
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    await page.setViewportSize({ width: 1440, height: 900 });
    assert.equal(over, 0);
  });
}

test("the console says nothing but what the server refused", () => {
  assert.deepEqual(said().filter((line) => !/404|409|412|422/.test(line)), []);
});
