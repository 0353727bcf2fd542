// Viewing the app as somebody else, in a real browser with the real server: what they see, that nothing can be changed, and the way out.

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { accepted, axe, begin, call, eventually, signedIn } from "./rolewright.mjs";

const PASSWORD = "a long walk by the river";
const ADA = { email: "ada@example.com", password: PASSWORD };

let it, page, ana;

before(async () => {
  it = await begin("mailer", ADA);
  page = it.page;
  const role = { id: "reader", name: "Reader", grants: { "users.view": "allowed", "roles.view": "allowed" } };
  await call(page, "POST", "/roles", role);
  const names = { first_name: "Ana", last_name: "Ruiz" };
  ana = await accepted(page, it.server, { email: "ana@example.com", password: PASSWORD, roles: ["reader"], ...names });
});

after(() => it?.stop());

// What one test leaves is not the next one's trouble.
afterEach(() => call(page, "DELETE", "/session/view").catch(() => undefined));

const banner = (of = page) => of.getByRole("region", { name: "Viewing as somebody else" });
const sections = (of = page) => of.getByRole("navigation", { name: "Sections" }).getByRole("link").allInnerTexts();
const view = async () => (await it.get("/session")).view?.whom;
const newest = async () => (await it.get("/audit?limit=1")).items[0];

/** What asks before something that was typed is lost. */
const losing = () => page.getByRole("alertdialog", { name: "Close without saving?" });

/** Opens the menu of a person's or a role's page, and picks to view as them. */
async function pick(path, of = page) {
  await of.goto(it.server.url + path);
  await of.getByRole("button", { name: /^More actions for / }).click();
  await of.getByRole("menuitem", { name: /^View as/ }).click();
}

async function viewAs(path, why = "they see no reports") {
  await pick(path);
  await page.getByLabel("Reason").fill(why);
  await page.keyboard.press("Enter");
  await banner().waitFor();
}

async function exit() {
  await banner().getByRole("button", { name: "Exit" }).click();
  await banner().waitFor({ state: "detached" });
}

test("Escape asks before the reason that was typed is lost, and nothing else does", async () => {
  await pick(`/users/${ana}`);
  const dialog = page.getByRole("dialog", { name: "View as Ana Ruiz?" });
  const reason = dialog.getByLabel("Reason");
  await reason.fill("they see no reports");
  await page.keyboard.press("Escape");
  await losing().getByText("What you typed would be lost.").waitFor();
  await page.keyboard.press("Escape");
  await losing().waitFor({ state: "detached" });
  assert.equal(await reason.inputValue(), "they see no reports");
  await reason.fill(" ");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  assert.equal(await view(), undefined);
});

test("S4-40: the app is viewed as a person sees it, read-only, once it is said why", async () => {
  await pick(`/users/${ana}`);
  const dialog = page.getByRole("dialog", { name: "View as Ana Ruiz?" });
  await dialog.getByRole("button", { name: "View", exact: true }).click();
  await dialog.getByText("Write why: it stands in the audit log.").waitFor();
  assert.equal(await dialog.getByLabel("Reason").getAttribute("aria-invalid"), "true");
  assert.deepEqual(await axe(page), []);
  await dialog.getByLabel("Reason").fill("they see no reports");
  await dialog.getByRole("button", { name: "View", exact: true }).click();

  await banner().getByText("Viewing as Ana Ruiz, read-only.").waitFor();
  await page.getByRole("status").getByText("Nothing can be changed until you exit.").first().waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");
  // What Ana sees in her own browser.
  const hers = await signedIn(it.browser, it.server, { email: "ana@example.com", password: PASSWORD });
  await hers.getByRole("link", { name: "Users" }).first().waitFor();
  await eventually("her sections", async () => (await sections()).join() === (await sections(hers)).join());
  assert.ok(!(await sections()).includes("Audit log"));
  await it.go("/audit");
  await page.getByText("Ana Ruiz may not see the audit log").waitFor();
  assert.deepEqual(await axe(page), []);
  await it.go("/account");
  await page.getByText("Nobody's own account is shown here").waitFor();
  await page.getByRole("button", { name: /^Account of / }).click();
  assert.equal(await page.getByRole("link", { name: "Your account" }).count(), 0);
  await page.keyboard.press("Escape");

  await exit();
  await page.waitForURL(new RegExp(`/users/${ana}$`));
  await page.getByRole("heading", { name: "Ana Ruiz" }).waitFor();
  assert.ok((await sections()).includes("Audit log"));
  // Beginning and end stand in the log, with why.
  await it.go("/audit");
  await page.getByText(/Stopped viewing the app as Ana Ruiz/).first().waitFor();
  await page.getByText(/Viewed the app as Ana Ruiz/).first().waitFor();
  await page.getByText("they see no reports").first().waitFor();
  await hers.context().close();
});

test("S4-40: a role is tested by viewing as somebody who holds it alone", async () => {
  await it.go("/roles");
  await page.getByRole("button", { name: "Actions for Reader" }).click();
  await page.getByRole("menuitem", { name: /^View as/ }).click();
  await page.getByLabel("Reason").fill("a new role");
  await page.getByRole("button", { name: "View", exact: true }).click();
  await banner().getByText("Viewing as the role Reader, read-only.").waitFor();
  await eventually("what the role shows", async () => (await sections()).includes("Users") && !(await sections()).includes("Groups"));
  await exit();
  await page.waitForURL(/\/roles\/reader$/);
  // Beginning leaves the page, so what is not saved comes first.
  await page.getByLabel("Description").fill("Reads");
  await page.getByRole("button", { name: "More actions for Reader" }).click();
  await page.getByRole("menuitem", { name: /^View as/ }).getByText("Save or discard your changes first.").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Discard" }).click();
});

test("who may not view as anybody is not asked why by an address, and whoever may is asked once", async () => {
  await call(page, "POST", "/roles", { id: "looker", name: "Looker", grants: { "users.view": "allowed" } });
  const lou = { email: "lou@example.com", password: PASSWORD };
  await accepted(page, it.server, { ...lou, roles: ["looker"] });
  const theirs = await signedIn(it.browser, it.server, lou);
  await theirs.goto(`${it.server.url}/users/${ana}?view-as=1`);
  await theirs.getByRole("heading", { name: "Ana Ruiz" }).waitFor();
  await theirs.waitForURL(new RegExp(`/users/${ana}$`));
  assert.equal(await theirs.locator("dialog[open]").count(), 0);
  await theirs.context().close();

  await it.go(`/users/${ana}?view-as=1`);
  const dialog = page.getByRole("dialog", { name: "View as Ana Ruiz?" });
  await dialog.waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await page.getByRole("navigation", { name: "Sections" }).getByRole("link", { name: "Roles" }).click();
  await page.getByRole("heading", { level: 1, name: "Roles" }).waitFor();
  await page.goBack();
  await page.getByRole("heading", { name: "Ana Ruiz" }).waitFor();
  await page.waitForLoadState("networkidle");
  assert.equal(await dialog.count(), 0);
});

test("as who may do everything nothing can be changed either, and each page says so", async () => {
  const email = "sam@example.com";
  const sam = await accepted(page, it.server, { email, first_name: "Sam", password: PASSWORD, roles: ["superuser"] });
  await viewAs(`/users/${sam}`);
  const why = "You are viewing as somebody else: nothing can be changed";
  for (const [path, button] of [
    ["/users", "Invite user"],
    [`/users/${ana}`, "Assign role"],
    ["/groups", "Create group"],
    ["/roles", "Create role"],
    ["/roles/reader", "Duplicate"],
    ["/packages", "Create package"],
    ["/settings?tab=keys", "Create API key"],
  ]) {
    await it.go(path);
    const refused = page.locator("main").getByRole("button", { name: new RegExp(button.split(" ")[0]) }).first();
    await refused.waitFor();
    assert.equal(await refused.getAttribute("aria-disabled"), "true", `${path}: ${button}`);
  }
  await it.go("/roles/reader");
  await page.locator(".banner").getByText(why).waitFor();
  assert.notEqual(await page.getByLabel("Name", { exact: true }).getAttribute("readonly"), null);
  await it.go(`/users/${ana}`);
  await page.getByRole("button", { name: "More actions for Ana Ruiz" }).click();
  for (const name of ["Edit name and email", "View as...", "End sessions", "Disable", "Delete"]) {
    const item = page.getByRole("menuitem", { name });
    assert.equal(await item.getAttribute("aria-disabled"), "true", name);
  }
  await page.keyboard.press("Escape");
  // The server refuses what a page would not ask.
  await assert.rejects(call(page, "POST", "/groups", { name: "Secret" }), /403 .*viewing/);
  await exit();
});

test("every tab follows, and what is typed in one stays", async () => {
  const [other, typed] = await Promise.all([page.context().newPage(), page.context().newPage()]);
  await other.goto(`${it.server.url}/audit`);
  await other.getByRole("heading", { name: "Audit log" }).waitFor();
  await typed.goto(`${it.server.url}/roles/reader`);
  await typed.getByLabel("Description").fill("Reads who is who");
  await typed.getByText(/1 change/).first().waitFor();
  await viewAs(`/users/${ana}`);
  for (const tab of [other, typed]) await banner(tab).getByText("Viewing as Ana Ruiz, read-only.").waitFor();
  await other.getByText("Ana Ruiz may not see the audit log").waitFor();
  assert.equal(await typed.getByLabel("Description").inputValue(), "Reads who is who");
  const save = typed.getByRole("button", { name: "Save", exact: true });
  await eventually("it cannot be saved", async () => (await save.getAttribute("aria-disabled")) === "true");
  // It is ended in one, and so in all.
  await banner(other).getByRole("button", { name: "Exit" }).click();
  for (const tab of [other, typed, page]) await banner(tab).waitFor({ state: "detached" });
  assert.equal(await typed.getByLabel("Description").inputValue(), "Reads who is who");
  await save.click();
  await typed.getByRole("status").getByText(/^Saved\./).first().waitFor();
  assert.equal((await it.get("/roles/reader")).role.description, "Reads who is who");
  await Promise.all([other.close(), typed.close()]);
});

test("the banner never scrolls away, nor moves what is under it", async () => {
  await viewAs(`/users/${ana}`);
  await it.go("/users");
  await page.getByRole("heading", { name: "Users" }).waitFor();
  const box = async (locator) => locator.boundingBox();
  const top = page.locator(".top-bar");
  for (const scrolled of [0, 600]) {
    await page.evaluate((y) => scrollTo(0, y), scrolled);
    assert.deepEqual(await box(banner()), { x: 0, y: 0, width: 1440, height: 40 });
    assert.equal((await box(top)).y, 40);
    assert.equal((await box(page.locator(".sidebar"))).y, 40);
  }
  // A page that is opened anew has its place from the first paint on.
  await it.go("/roles");
  await page.getByRole("heading", { name: "Roles" }).waitFor();
  const shift = await page.evaluate(
    () =>
      new Promise((resolve) => {
        let shifted = 0;
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) shifted += entry.value;
        }).observe({ type: "layout-shift", buffered: true });
        setTimeout(() => resolve(shifted), 200);
      }),
  );
  assert.ok(shift < 0.01, `${shift}`);
  await exit();
  assert.equal((await box(top)).y, 0);
});

test("it fits a narrow window, and both themes", async () => {
  await viewAs(`/users/${ana}`);
  await page.setViewportSize({ width: 320, height: 640 });
  for (const path of ["/", "/users", "/roles/reader"]) {
    await it.go(path);
    await page.locator("main h1").first().waitFor();
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 320, `${path}: ${width}`);
    const button = await banner().getByRole("button", { name: "Exit" }).boundingBox();
    assert.ok(button.x + button.width <= 320 && button.height >= 24, JSON.stringify(button));
    assert.deepEqual(await axe(page), []);
  }
  await page.getByRole("button", { name: "Open menu" }).click();
  const sheet = page.locator(".sidebar--open");
  await eventually("the sheet", async () => (await sheet.boundingBox()).x === 0);
  assert.equal((await sheet.boundingBox()).y, 40);
  await page.keyboard.press("Escape");
  await exit();
  await page.setViewportSize({ width: 1440, height: 900 });
});

test("who may not view as somebody is told why, and who loses the right sees as themselves again", async () => {
  const role = { id: "helper", name: "Helper", grants: { "users.view": "allowed", "access.explain": "allowed" } };
  await call(page, "POST", "/roles", role);
  const nil = await accepted(page, it.server, { email: "nil@example.com", first_name: "Nil", password: PASSWORD, roles: [] });
  const max = await accepted(page, it.server, { email: "max@example.com", password: PASSWORD, roles: ["helper"] });
  const his = await signedIn(it.browser, it.server, { email: "max@example.com", password: PASSWORD });
  await his.goto(`${it.server.url}/users/${ana}`);
  await his.getByRole("button", { name: /^More actions for / }).click();
  const item = his.getByRole("menuitem", { name: /^View as/ });
  await item.getByText(/you must hold everything they hold/).waitFor();
  assert.equal(await item.getAttribute("aria-disabled"), "true");
  await his.goto(`${it.server.url}/users/${max}`);
  await his.getByRole("button", { name: /^More actions for / }).click();
  assert.equal(await item.count(), 0);

  await pick(`/users/${nil}`, his);
  await his.getByLabel("Reason").fill("they see nothing");
  await his.keyboard.press("Enter");
  await banner(his).waitFor();
  await eventually("what Nil sees", async () => !(await sections(his)).includes("Users"));
  const { items } = await it.get(`/assignments?user=${nil}`);
  assert.deepEqual(items.filter((held) => held.role === "superuser"), []);
  await call(page, "POST", "/assignments", { principal: { user: nil }, role: "reader", scope: "/" });
  await banner(his).waitFor({ state: "detached" });
  await his.getByRole("status").getByText("You see the app as yourself again.").first().waitFor();
  await eventually("what Max sees", async () => (await sections(his)).includes("Users"));
  const ended = await newest();
  assert.equal(ended.action, "end_view_as");
  assert.match(ended.reason, /hold everything/);
  assert.equal(await view(), undefined);
  await his.context().close();
});

test("nothing was said that should not be", () => {
  // What is refused is told by the browser itself.
  assert.deepEqual(it.said().filter((line) => !/status of 40[34]/.test(line)), []);
});
