// The Settings in a real browser with the real server: general settings, entitlement switches, API keys, and the policy as a file.

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { accepted, axe, call, code, eventually, setUp, signedIn, startBrowser, startServer, watch } from "./rolewright.mjs";

const ADA = { email: "ada@example.com", password: "a long walk by the river" };
const PASSWORD = "seven green bottles";
const SWITCHES = ["Data Services Contributor", "Private Analytics Content Creator", "Shared Space Creator"];

let browser, server, page, said;

before(async () => {
  browser = await startBrowser();
  server = await startServer({ args: ["--template", "analytics-cloud", "--demo"] });
  page = await (await browser.newContext({ viewport: { width: 1440, height: 900 }, acceptDownloads: true })).newPage();
  said = watch(page);
  await setUp(page, server, ADA);
  page.on("dialog", (dialog) => dialog.accept());
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

const go = (tab) => page.goto(`${server.url}/settings${tab ? `?tab=${tab}` : ""}`);
const get = async (path) => (await call(page, "GET", path)).body;
const settings = async () => (await get("/settings")).settings;
const toast = (text) => page.getByRole("status").getByText(text).first().waitFor();
const bar = () => page.getByRole("region", { name: "Unsaved changes" });
const assigned = async (role) => (await get(`/roles/${role}`)).assigned.users;
const keys = async () => (await get("/keys")).items;

/** Somebody new in a browser of their own, who holds a role with just these permissions. */
async function viewer(name, permissions) {
  const grants = Object.fromEntries(permissions.map((id) => [id, "allowed"]));
  const made = await call(page, "POST", "/roles", { id: "", name: `For ${name}`, audience: "admin", grants });
  const email = `${name}@example.com`;
  const user = await accepted(page, server, { email, password: PASSWORD });
  await call(page, "POST", "/assignments", { principal: { user }, role: made.body.role.id, scope: "/" });
  const other = await signedIn(browser, server, { email, password: PASSWORD });
  return other;
}

test("spaces around the tenant's name are no change of it", async () => {
  await go();
  const name = page.getByLabel("Tenant name");
  const before = await name.inputValue();
  await name.fill(`  ${before} `);
  assert.equal(await bar().count(), 0);
  await name.fill(`  ${before} tools `);
  await bar().getByText("1 change", { exact: true }).waitFor();
  await bar().getByRole("button", { name: "Save" }).click();
  await toast(/^Saved\./);
  assert.equal((await settings()).name, `${before} tools`);
  await eventually("the field", async () => (await name.inputValue()) === `${before} tools`);
  await name.fill(before);
  await bar().getByRole("button", { name: "Save" }).click();
  await eventually("and back", async () => (await settings()).name === before);
});

test("the tenant's name is saved from the bar, shown in the sidebar, and what is typed is not lost by another tab", async () => {
  await go();
  const name = page.getByLabel("Tenant name");
  await name.fill("Acme analytics");
  await bar().getByText("1 change", { exact: true }).waitFor();
  await bar().getByText("Nothing changes for anybody.").waitFor();
  await page.getByRole("tab", { name: "API keys" }).click();
  await page.getByRole("alertdialog", { name: "Leave without saving?" }).getByRole("button", { name: "Stay on page" }).last().click();
  assert.equal(await name.inputValue(), "Acme analytics");
  await bar().getByRole("button", { name: "Save" }).click();
  await toast(/^Saved\./);
  assert.equal((await settings()).name, "Acme analytics");
  await page.locator(".sidebar__tenant").getByText("Acme analytics").waitFor();
});

test("a name that is taken away and an address that is none are refused beside their fields, and the bar says to mend them", async () => {
  await go();
  for (const [label, typed, why] of [["Tenant name", " ", /^A name is needed\.$/], ["Help address", "not a url", /is no address/]]) {
    await page.getByLabel(label).fill(typed);
    await page.locator(".field__error").getByText(why).waitFor();
    await bar().getByText("Mend what is marked first.").waitFor();
    assert.equal(await bar().getByRole("button", { name: "Save" }).getAttribute("aria-disabled"), "true");
    await bar().getByRole("button", { name: "Discard" }).click();
  }
  assert.equal((await settings()).name, "Acme analytics");
});

test("when new roles count is chosen by the keyboard, reviewed and discarded", async () => {
  await go();
  await page.getByRole("radio", { name: /^At the next sign-in/ }).focus();
  await page.keyboard.press("ArrowUp");
  assert.ok(await page.getByRole("radio", { name: /^At once/ }).isChecked());
  await bar().getByRole("button", { name: "Review" }).click();
  const review = page.getByRole("dialog", { name: "Review changes" });
  assert.match(await review.locator(".diff").innerText(), /New roles count\s+At the next sign-in\s+At once/);
  await page.keyboard.press("Escape");
  await bar().getByRole("button", { name: "Discard" }).click();
  assert.ok(await page.getByRole("radio", { name: /^At the next sign-in/ }).isChecked());
  assert.equal((await settings()).new_links, "next_login");
});

test("before a second factor is demanded it is said who has none, with links to them; who has none themselves does not shut themselves out", async () => {
  await go();
  await page.getByRole("radio", { name: /^Everyone/ }).check();
  await page.locator(".choices").getByText(/^\d+ (person has|people have) no second factor and must set one up/).waitFor();
  await page.locator(".choices").getByRole("link", { name: ADA.email }).waitFor();
  await bar().getByText(/You have no second factor yourself/).first().waitFor();
  assert.equal(await bar().getByRole("button", { name: "Save" }).getAttribute("aria-disabled"), "true");
  await bar().getByRole("button", { name: "Discard" }).click();
  assert.equal((await settings()).second_factor, undefined);
});

test("a conflict shows both sides, loses nothing that was typed, and mine goes on top of theirs", async () => {
  await go();
  await page.getByLabel("Tenant name").fill("Mine");
  await bar().getByText("1 change", { exact: true }).waitFor();
  const { body, etag } = await call(page, "GET", "/settings");
  await call(page, "PUT", "/settings", { ...body.settings, name: "Theirs", new_links: "at_once" }, etag);
  await page.getByText(/You saved the settings elsewhere at \d\d:\d\d\. Nothing/).waitFor();
  await page.locator(".sidebar__tenant").getByText("Theirs").waitFor();
  const sides = await page.locator(".sides").innerText();
  assert.match(sides, /What\s+Before\s+Yours, elsewhere\s+Yours, here/);
  assert.match(sides, /Tenant name\s+\S.*\s+Theirs\s+Mine/);
  assert.match(sides, /New roles count\s+At the next sign-in\s+At once\s+As before/);
  assert.equal(await page.getByLabel("Tenant name").inputValue(), "Mine");
  await page.getByRole("button", { name: "Put mine on top" }).click();
  await page.locator(".sides").waitFor({ state: "detached" });
  assert.equal(await page.getByLabel("Tenant name").evaluate((it) => it === document.activeElement), true);
  await bar().getByRole("button", { name: "Save" }).click();
  await toast(/^Saved\./);
  const now = await settings();
  assert.deepEqual([now.name, now.new_links], ["Mine", "at_once"]);
});

test("S1-37, S1-38: Settings has the entitlement switches of the three roles, each of which is auto-assigned too and says so", async () => {
  await page.goto(server.url);
  await page.getByRole("navigation", { name: "Sections" }).getByRole("link", { name: "Settings" }).click();
  await page.getByRole("tab", { name: "Entitlements" }).click();
  await page.waitForURL(/\/settings\?tab=entitlements$/);
  await page.getByRole("switch").first().waitFor();
  const names = await page.getByRole("switch").evaluateAll((all) => all.map((it) => it.getAttribute("aria-label")));
  assert.deepEqual(names, SWITCHES);
  for (const name of SWITCHES) assert.equal(await page.getByRole("switch", { name }).isChecked(), false);
  assert.equal(await page.getByText("Everyone holds it by auto assign too.").count(), 3);
  await page.getByRole("link", { name: "Auto assign under Permissions" }).first().click();
  await page.waitForURL(/\/permissions\/data_services_contributor\?of=everyone$/);
});

test("S1-42: a switch says to how many full users it gives the role before it does, and gives it to them and nobody else", async () => {
  await go("entitlements");
  const total = async () => (await get("/assignments?role=shared_space_creator&limit=1")).total;
  const before = await total();
  const one = page.getByRole("switch", { name: "Shared Space Creator" });
  await one.focus();
  await page.keyboard.press("Space");
  const dialog = page.getByRole("alertdialog", { name: "Turn on Shared Space Creator for full users?" });
  const words = await dialog.getByText(/It gives the role to [\d,]+ full users/).innerText();
  const n = Number(/to ([\d,]+) full/.exec(words)[1].replace(",", ""));
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  assert.equal(await one.isChecked(), false, "nothing came of it");
  assert.equal(await total(), before);
  await one.click();
  await dialog.getByRole("button", { name: "Turn on" }).click();
  await toast(/The switch of Shared Space Creator is on\./);
  await eventually("it is on", () => one.isChecked());
  assert.equal((await total()) - before, n);
});

test("S1-39, S1-40, S1-41: auto assign ends with its switch and is everyone's; what an entitlement gave stays when it is turned off", async () => {
  await go("entitlements");
  const one = page.getByRole("switch", { name: "Shared Space Creator" });
  await one.click();
  const dialog = page.getByRole("alertdialog", { name: "Turn off Shared Space Creator for full users?" });
  await dialog.getByText(/It takes the role from nobody: whoever has it keeps it until it is removed by hand/).waitFor();
  await dialog.getByText("Nothing changes for anybody.").waitFor();
  const held = await assigned("shared_space_creator");
  await dialog.getByRole("button", { name: "Turn off" }).click();
  await toast(/The switch of Shared Space Creator is off\./);
  assert.equal(await assigned("shared_space_creator"), held, "S1-41");
  await page.goto(`${server.url}/permissions/shared_space_creator?of=everyone`);
  await page.getByRole("combobox", { name: "Auto assign of Shared Space Creator" }).selectOption("off");
  await page.getByRole("alertdialog").getByRole("button", { name: "Turn off" }).click();
  await toast(/Auto assign of Shared Space Creator is off/);
  assert.equal((await get("/roles/shared_space_creator")).assigned.auto_assign, undefined, "S1-39");
  await page.getByRole("combobox", { name: "Auto assign of Shared Space Creator" }).selectOption("anyone");
  await page.getByRole("alertdialog").getByText(/Everyone holds the role for as long as this is on/).waitFor();
  await page.getByRole("alertdialog").getByRole("button", { name: "Cancel" }).click();
  assert.equal(await assigned("shared_space_creator"), held, "what the entitlement gave is still there");
});

test("a template without entitlements teaches what they are", async () => {
  const { body, etag } = await call(page, "GET", "/settings");
  const { entitlements, ...rest } = body.settings;
  await call(page, "PUT", "/settings", rest, etag);
  await go("entitlements");
  await page.getByText("No entitlement switches").waitFor();
  await page.getByText(/A switch gives a role to every full user/).waitFor();
  assert.equal(await page.getByText("settings.entitlements").count(), 0);
  await call(page, "PUT", "/settings", { ...rest, entitlements }, (await call(page, "GET", "/settings")).etag);
  await page.getByRole("switch").first().waitFor();
});

test("an API key is created by the keyboard, its secret shown once, and it does what it may", async () => {
  await go("keys");
  await page.getByText("No API keys yet").waitFor();
  await page.getByRole("button", { name: "Create API key" }).focus();
  await page.keyboard.press("Enter");
  const form = page.getByRole("dialog", { name: "Create API key" });
  await page.keyboard.type("Edge checker");
  await page.keyboard.press("Tab");
  await page.keyboard.type("users view");
  await form.getByRole("option").first().waitFor();
  await page.keyboard.press("Enter");
  await form.getByRole("button", { name: /^Remove Users: / }).waitFor();
  await form.getByLabel("Last day").fill("2099-12-31");
  await form.getByRole("checkbox", { name: /May say who asks/ }).check();
  await form.getByRole("button", { name: "Create key" }).click();
  const told = page.getByRole("dialog", { name: "The secret of Edge checker" });
  const secret = await told.getByLabel("API key").inputValue();
  assert.match(secret, /^rwk_/);
  const hidden = await told.getByLabel("API key").evaluate((field) => [field.scrollWidth - field.clientWidth, field.scrollHeight - field.clientHeight]);
  assert.deepEqual(hidden, [0, 0], "all of it is in sight");
  const stays = () =>
    page.evaluate(() => {
      const leaving = new Event("beforeunload", { cancelable: true });
      window.dispatchEvent(leaving);
      return leaving.defaultPrevented;
    });
  assert.equal(await stays(), true, "a reload asks before the secret is lost");
  await page.keyboard.press("Escape");
  assert.equal(await told.count(), 1, "the dialog stays until the secret is stored");
  await told.getByRole("button", { name: "I have stored it" }).click();
  assert.equal(await stays(), false);
  const row = page.getByRole("row", { name: /Edge checker/ });
  assert.match((await row.innerText()).replace(/\s+/g, " "), /Edge checker May say who asks Users: View Everything Never 31 Dec 2099, end of day ada@example\.com/);
  assert.equal((await page.content()).includes(secret), false);
  const asked = (path) => fetch(`${server.url}/api/v1/tenants/default${path}`, { headers: { authorization: `Bearer ${secret}` } });
  assert.equal((await asked("/users?limit=1")).status, 200);
  assert.equal((await asked("/groups")).status, 403);
});

test("what is wrong with a key is said at its field, and nothing that was typed is lost", async () => {
  await go("keys");
  await page.getByRole("button", { name: "Create API key" }).click();
  const form = page.getByRole("dialog", { name: "Create API key" });
  // All that is missing is said at once, and the first of it gets the focus.
  await form.getByRole("button", { name: "Create key" }).click();
  await form.getByText("Write a name for the key.").waitFor();
  await form.getByText("Choose what the key may do.").waitFor();
  await eventually("the focus", () => form.getByLabel("Name").evaluate((it) => it === document.activeElement));
  await form.getByLabel("Name").fill("Half done");
  await form.getByText("Write a name for the key.").waitFor({ state: "detached" });
  await form.getByText("Choose what the key may do.").waitFor();
  assert.equal(await form.getByLabel("Name").inputValue(), "Half done");
  await form.getByRole("button", { name: "Cancel" }).click();
  assert.equal((await keys()).length, 1);
});

test("Escape asks before what was filled in for a key is lost, and nothing else does", async () => {
  await go("keys");
  await page.getByRole("button", { name: "Create API key" }).click();
  const form = page.getByRole("dialog", { name: "Create API key" });
  await page.keyboard.press("Escape");
  await form.waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Create API key" }).click();
  await page.keyboard.type("Nightly");
  for (const key of ["Escape", "Escape"]) await page.keyboard.press(key);
  const ask = page.getByRole("alertdialog", { name: "Close without saving?" });
  await page.keyboard.press("Escape");
  await ask.getByText("What you filled in for this key is not saved yet.").waitFor();
  await ask.getByRole("button", { name: "Keep editing" }).last().click();
  assert.equal(await form.getByLabel("Name").inputValue(), "Nightly");
  await form.getByLabel("Name").fill("");
  await page.keyboard.press("Escape");
  await form.waitFor({ state: "detached" });
});

test("a key is edited without a new secret, and of two who edit it at once the second sees both sides", async () => {
  await go("keys");
  const menu = page.getByRole("button", { name: /^Actions for / });
  await menu.click();
  await page.getByRole("menuitem", { name: "Edit" }).click();
  const form = page.getByRole("dialog", { name: "Edit Edge checker" });
  assert.equal(await form.getByLabel("Last day").inputValue(), "2099-12-31");
  await form.getByLabel("Name").fill("Edge");
  const [{ id, etag, name, permissions, scope, expires }] = await keys();
  const theirs = { name: `${name} of theirs`, permissions, scope, expires: expires - 864e5, trusts_subject: true };
  await call(page, "PUT", `/keys/${id}`, theirs, etag);
  await form.getByRole("button", { name: "Save" }).click();
  await form.getByText(/You saved this key elsewhere at /).waitFor();
  await form.getByRole("row", { name: /^Name Edge checker Edge checker of theirs Edge$/ }).waitFor();
  await form.getByRole("row", { name: /^Expires 31 Dec 2099, end of day 30 Dec 2099, end of day As before$/ }).waitFor();
  assert.equal(await form.getByLabel("Name").inputValue(), "Edge");
  await form.getByRole("button", { name: "Put mine on top" }).click();
  await form.getByRole("button", { name: "Save" }).click();
  await toast("Saved Edge.");
  const [now] = await keys();
  assert.deepEqual([now.name, now.expires, now.trusts_subject], ["Edge", theirs.expires, true]);
});

test("a key is given a new secret with a grace for the present one, and revoked", async () => {
  await go("keys");
  await page.getByRole("button", { name: "Actions for Edge" }).click();
  await page.getByRole("menuitem", { name: "New secret" }).click();
  const rotate = page.getByRole("dialog", { name: "Give Edge a new secret?" });
  await rotate.getByRole("radio", { name: "1 hour" }).check({ force: true });
  await rotate.getByRole("button", { name: "Make new secret" }).click();
  const told = page.getByRole("dialog", { name: "The secret of Edge" });
  const secret = await told.getByLabel("API key").inputValue();
  await told.getByRole("button", { name: "I have stored it" }).click();
  await page.getByText(/Its former secret is good until/).waitFor();
  const asked = () => fetch(`${server.url}/api/v1/tenants/default/users?limit=1`, { headers: { authorization: `Bearer ${secret}` } });
  assert.equal((await asked()).status, 200);
  await page.getByRole("button", { name: "Actions for Edge" }).click();
  await page.getByRole("menuitem", { name: "Revoke" }).click();
  await page.getByRole("alertdialog", { name: "Revoke Edge?" }).getByRole("button", { name: "Revoke key" }).click();
  await toast("Edge is revoked.");
  await page.getByText("No API keys yet").waitFor();
  assert.equal((await asked()).status, 401);
});

test("however many API keys there are, all are found, page by page and by search", async () => {
  const name = (n) => `Reader ${String(n).padStart(2, "0")}`;
  for (let n = 1; n <= 52; n += 1) await call(page, "POST", "/keys", { name: name(n), permissions: ["users.view"] });
  await go("keys");
  const row = (n) => page.getByRole("row").filter({ hasText: name(n) });
  await row(1).waitFor();
  await page.getByText("52 keys", { exact: true }).waitFor();
  assert.equal(await row(52).count(), 0);
  await page.getByRole("button", { name: "Next" }).click();
  await row(52).waitFor();
  assert.equal(await row(1).count(), 0);
  await page.getByRole("searchbox", { name: "Search API keys" }).fill("reader 17");
  await page.getByText("1 key", { exact: true }).waitFor();
  assert.deepEqual(await page.getByRole("row").filter({ hasText: "Reader" }).count(), 1);
  assert.match(page.url(), /search=reader/);
  await page.getByRole("searchbox", { name: "Search API keys" }).fill("nobody");
  await page.getByText("No key fits").waitFor();
  assert.deepEqual(await axe(page), []);
  await page.getByRole("button", { name: "Clear search" }).last().click();
  await page.getByText("52 keys", { exact: true }).waitFor();
  while ((await keys()).length) await Promise.all((await keys()).map((key) => call(page, "DELETE", `/keys/${key.id}`, undefined, key.etag)));
});

test("the policy is exported as a file that says the same when it is imported", async () => {
  await go("policy");
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Export policy" }).click()]);
  assert.equal(download.suggestedFilename(), "policy.json");
  const file = await download.path();
  assert.deepEqual(JSON.parse(await readFile(file, "utf8")), (await get("/policy")).policy);
  await page.getByLabel("Policy file").setInputFiles(file);
  await page.getByText("No document differs.").waitFor();
  assert.equal(await page.getByRole("button", { name: "Import policy" }).getAttribute("aria-disabled"), "true");
  const shown = await page.getByRole("table", { name: "Templates" }).locator("code").allTextContents();
  assert.deepEqual(shown, (await get("/templates")).items.map((it) => it.id));
});

test("an import shows which documents and whom it changes before it does, and is made with its reason", async () => {
  await go("policy");
  const { policy } = await get("/policy");
  const steward = policy.roles.find((it) => it.id === "steward");
  steward.name = "Data steward";
  policy.roles.find((it) => it.base).grants = {};
  const file = join(server.data, "policy.json");
  await writeFile(file, JSON.stringify(policy));
  await page.getByLabel("Policy file").setInputFiles(file);
  const section = page.getByRole("region", { name: "Import" });
  await section.locator(".panel__sum").getByText(/[\d,]+ people lose/).waitFor();
  const documents = await section.getByRole("list", { name: "Documents" }).innerText();
  assert.match(documents, /Role Data steward\s+edited, 1 field/);
  const edited = section.getByRole("list", { name: "Documents" }).getByRole("listitem").filter({ hasText: "Data steward" }).first();
  await edited.getByText("Role Data steward").click();
  const fields = await edited.locator(".diff__levels").innerText();
  assert.match(fields, /steward\s+Data steward/i, "what it was, and what it would be");
  await section.getByRole("heading", { name: "By person" }).waitFor();
  // Everybody whom the server told has a name there, for whoever asks.
  const alike = section.locator(".review__names").filter({ has: page.getByRole("button", { name: /^\d+ more$/ }) }).first();
  const people = Number((await alike.innerText()).match(/^(\d+) people/)[1]);
  const named = async () => (await alike.innerText()).split(",").length;
  assert.equal(await named(), 8);
  const more = alike.getByRole("button");
  await more.press("Enter");
  await eventually("everybody's name", async () => (await section.locator(".review__names").first().innerText()).includes("Show fewer"));
  const whole = section.locator(".review__names").filter({ hasText: "Show fewer" });
  assert.equal((await whole.innerText()).split(",").length, people);
  await whole.getByRole("button", { name: "Show fewer" }).press("Enter");
  await section.getByLabel("Reason").fill("Ticket 4711");
  // Somebody else edits the policy meanwhile.
  const { body, etag } = await call(page, "GET", "/settings");
  await call(page, "PUT", "/settings", { ...body.settings, name: "Acme" }, etag);
  await section.getByText(/You saved the policy elsewhere at .* Nothing was imported/).waitFor();
  assert.equal(await section.getByRole("button", { name: "Import policy" }).getAttribute("aria-disabled"), "true");
  await section.getByRole("button", { name: "Compare with what is there now" }).click();
  await section.getByRole("list", { name: "Documents" }).getByText("Settings").waitFor();
  assert.equal(await section.getByLabel("Reason").inputValue(), "Ticket 4711");
  await section.getByRole("button", { name: "Import policy" }).click();
  await toast(/^Imported\. [\d,]+ people lose/);
  await page.locator(".toast", { hasText: "Imported" }).getByRole("button", { name: "Undo" }).waitFor();
  assert.equal((await get("/roles/steward")).role.name, "Data steward");
  assert.equal((await get("/audit?limit=1")).items[0].reason, "Ticket 4711");
});

test("a policy that was chosen and given its reason is not left without a question", async () => {
  await go("policy");
  const { policy } = await get("/policy");
  const file = join(server.data, "left.json");
  await writeFile(file, JSON.stringify(policy));
  await page.getByLabel("Policy file").setInputFiles(file);
  await page.getByRole("region", { name: "Import" }).getByLabel("Reason").fill("Ticket 4712");
  await page.getByRole("tab", { name: "API keys" }).click();
  await page.getByRole("alertdialog", { name: "Leave without saving?" }).getByRole("button", { name: "Stay on page" }).last().click();
  assert.equal(await page.getByRole("region", { name: "Import" }).getByLabel("Reason").inputValue(), "Ticket 4712");
  await page.getByRole("region", { name: "Import" }).getByRole("button", { name: "Cancel" }).click();
});

test("what is wrong with a file is told at its JSON paths, once, and nothing is imported", async () => {
  await go("policy");
  const { policy } = await get("/policy");
  const { at } = await get("/policy");
  policy.roles[1].inherits = ["nobody_such"];
  const file = join(server.data, "wrong.json");
  const section = page.getByRole("region", { name: "Import" });
  for (const [text, words] of [[JSON.stringify(policy), /\$\.roles\[1\]\.inherits\[0\]/], ["{ no JSON", /JSON|key must be a string/i], ["", /The file is empty/], ['{ "a": 1 }', /The file is no policy/]]) {
    await writeFile(file, text);
    await page.getByLabel("Policy file").setInputFiles(file);
    await section.getByRole("alert").getByText(words).first().waitFor();
    assert.equal(await section.getByRole("alert").getByRole("paragraph").count(), 1, "what is wrong is said once");
    assert.equal(await section.getByRole("button", { name: "Import policy" }).getAttribute("aria-disabled"), "true");
  }
  assert.deepEqual((await get("/policy")).at, at);
});

test("who may only see breaks nothing: every control says why it does nothing, and nothing is written", async () => {
  const other = await viewer("vera", ["settings.view", "api_keys.view", "roles.view", "users.view"]);
  await call(page, "POST", "/keys", { name: "Sync", permissions: ["users.view"] });
  const { at } = await get("/policy");
  await other.goto(`${server.url}/settings`);
  await other.getByText(/To change the settings you need “Settings: Manage”/).waitFor();
  assert.ok(await other.getByLabel("Tenant name").evaluate((input) => input.readOnly));
  await other.getByRole("tab", { name: "Entitlements" }).click();
  const one = other.getByRole("switch", { name: "Shared Space Creator" });
  await one.focus();
  await other.keyboard.press("Space");
  assert.equal(await other.getByRole("alertdialog").count(), 0);
  assert.equal(await one.isChecked(), false);
  await other.getByText(/To turn an entitlement on or off you need “Settings: Manage”/).first().waitFor();
  await other.getByRole("tab", { name: "API keys" }).click();
  await other.getByRole("row", { name: /Sync/ }).waitFor();
  assert.equal(await other.getByRole("button", { name: "Create API key" }).getAttribute("aria-disabled"), "true");
  await other.getByRole("button", { name: "Actions for Sync" }).click();
  assert.match(await other.getByRole("menuitem", { name: /^Revoke/ }).innerText(), /API keys: Manage/);
  await other.keyboard.press("Escape");
  await other.getByRole("tab", { name: "Policy" }).click();
  assert.equal(await other.getByRole("button", { name: "Choose file" }).getAttribute("aria-disabled"), "true");
  assert.deepEqual((await get("/policy")).at, at);
  await other.context().close();
});

test("who may see API keys alone finds nothing else, and who may see neither finds no Settings", async () => {
  const keeper = await viewer("kim", ["api_keys.view"]);
  await keeper.getByRole("navigation", { name: "Sections" }).getByRole("link", { name: "Settings" }).click();
  await keeper.getByRole("row", { name: /Sync/ }).waitFor();
  assert.deepEqual(await keeper.getByRole("tab").allTextContents(), ["API keys", "Checkers"]);
  await keeper.context().close();
  const nobody = await viewer("nils", ["users.view"]);
  assert.equal(await nobody.getByRole("navigation", { name: "Sections" }).getByRole("link", { name: "Settings" }).count(), 0);
  await nobody.goto(`${server.url}/settings`);
  await nobody.getByText("You may not see the settings").waitFor();
  await nobody.context().close();
});

test("who has a second factor demands it of everyone, and is told who has none before and whom it keeps out after", async () => {
  const otto = await viewer("otto", ["users.view"]);
  const { secret } = (await call(page, "POST", "/session/second-factor", { password: ADA.password })).body;
  await call(page, "POST", "/session/second-factor/confirm", { code: code(secret) });
  await go();
  await page.getByRole("radio", { name: /^Everyone/ }).check();
  await page.locator(".choices").getByRole("link", { name: "otto@example.com" }).waitFor();
  await bar().getByText(/people have no second factor and must set one up at their next request/).waitFor();
  await bar().getByRole("button", { name: "Save" }).click();
  await toast(/^Saved\. \d+ people have no second factor/);
  assert.equal((await settings()).second_factor, "everyone");
  const kept = await otto.evaluate(async () => (await fetch("/api/v1/tenants/default/users?limit=1")).json());
  assert.equal(kept.type.split(":").at(-1), "second_factor_required");
  await page.getByRole("radio", { name: /^Nobody/ }).check();
  await bar().getByText("Nothing changes for anybody.").waitFor();
  await bar().getByRole("button", { name: "Save" }).click();
  await eventually("nobody must have one", async () => (await settings()).second_factor === undefined);
  await otto.context().close();
});

test("checkers that ask with a key are listed with the revision that each holds, and whether it is the newest", async () => {
  await go("checkers");
  await page.getByText("No checker has asked yet").waitFor();
  const made = await call(page, "POST", "/keys", { name: "Edge in Berlin", permissions: ["snapshot.policy"] });
  const headers = { authorization: `Bearer ${made.body.key}`, "user-agent": "edge/1" };
  const held = await fetch(`${server.url}/api/v1/tenants/default/snapshot?kind=policy`, { headers });
  assert.equal(held.status, 200);
  await go("checkers");
  const row = page.getByRole("row", { name: /Edge in Berlin/ });
  await row.getByText("Current", { exact: true }).waitFor();
  assert.match(await row.innerText(), /Policy\s+127\.0\.0\.1\s+edge\/1/);
  // The list follows by itself.
  await call(page, "POST", "/roles", { id: "", name: "Newer than the checker" });
  await row.getByText("1 change behind").waitFor();
  await call(page, "POST", "/roles", { id: "", name: "Newer still" });
  await row.getByText("2 changes behind").waitFor();
});

const openKey = (item) => async () => {
  await page.getByRole("button", { name: "Actions for Sync" }).click();
  await page.getByRole("menuitem", { name: item }).click();
  await page.locator("dialog").waitFor();
};
for (const [name, tab, prepare] of [
  [
    "the general settings, edited", "",
    async () => {
      await page.getByRole("radio", { name: /^Everyone/ }).check();
      await page.locator(".choices").getByText(/must set one up/).waitFor();
    },
  ],
  ["the entitlements", "entitlements"],
  ["an entitlement that is turned on", "entitlements", () => page.getByRole("switch").first().click()],
  ["the API keys", "keys"],
  ["the checkers", "checkers"],
  ["a new API key", "keys", () => page.getByRole("button", { name: "Create API key" }).click()],
  ["an API key that is edited", "keys", openKey("Edit")],
  ["an API key that gets a new secret", "keys", openKey("New secret")],
  [
    "the policy and an import", "policy",
    async () => {
      await page.getByLabel("Policy file").setInputFiles(join(server.data, "policy.json"));
      await page.getByLabel("Reason").waitFor();
    },
  ],
]) {
  test(`axe finds nothing wrong with ${name}, in both themes, and nothing is cut off at 320 px`, async () => {
    await go(tab);
    await page.getByRole("tab", { selected: true }).waitFor();
    await page.waitForLoadState("networkidle");
    await prepare?.();
    assert.deepEqual(await axe(page), []);
    await page.setViewportSize({ width: 320, height: 720 });
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    await page.setViewportSize({ width: 1440, height: 900 });
    assert.equal(over, 0);
  });
}

test("the console says nothing but what the server refused", () => {
  assert.deepEqual(said().filter((line) => !/400|401|403|404|409|412|422/.test(line)), []);
});
