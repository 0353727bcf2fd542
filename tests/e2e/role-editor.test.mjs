// What the editor of a role says while it is edited, in a real browser with the real server.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accepted, axe, begin, call, eventually } from "./rolewright.mjs";

const ADA = { email: "ada@example.com", password: "a long walk by the river" };

let app, page;

before(async () => {
  app = await begin("mailer", ADA);
  page = app.page;
  page.setDefaultTimeout(10_000);
  await call(page, "POST", "/roles", { id: "runner", name: "Runner", grants: {} });
});

after(() => app?.stop());

const bar = () => page.getByRole("region", { name: "Unsaved changes" });
const name = () => page.getByLabel("Name", { exact: true });
const discard = () => bar().getByRole("button", { name: "Discard" }).click();

async function open() {
  await app.go("/roles/runner");
  await page.getByRole("heading", { name: "Runner", level: 1 }).waitFor();
}

test("a role whose name is being written anew is called as it was", async () => {
  await open();
  await name().fill("");
  await bar().waitFor();
  assert.equal(await page.getByRole("heading", { level: 1 }).innerText(), "Runner");
  await discard();
});

test("what was discarded is taken up again by its toast, over what was edited since, for as long as the editor is there", async () => {
  await open();
  await page.getByRole("button", { name: "Check all", exact: true }).click();
  const changes = await bar().locator("strong").innerText();
  assert.ok(parseInt(changes, 10) > 10, changes);
  await discard();
  await app.toast(`Discarded ${changes}.`);
  await bar().waitFor({ state: "detached" });
  await page.getByLabel("Description").fill("Written since");
  await page.locator(".toast").getByRole("button", { name: "Undo" }).click();
  await bar().getByText(`${parseInt(changes, 10) + 1} changes`).waitFor();
  assert.equal(await page.getByLabel("Description").inputValue(), "Written since");
  await discard();
  await page.locator(".toast").getByRole("button", { name: "Undo" }).waitFor();
  await page.getByRole("navigation", { name: "Sections" }).getByRole("link", { name: "Roles" }).click();
  await page.waitForURL(/\/roles$/);
  await eventually("nothing is offered that has no place", async () => (await page.locator(".toast").getByRole("button", { name: "Undo" }).count()) === 0);
});

test("much that a new role has is asked about before it is discarded with it, and little is not", async () => {
  await app.go("/roles/new");
  await page.getByRole("button", { name: "Check all", exact: true }).click();
  await discard();
  const ask = page.getByRole("alertdialog", { name: "Leave without saving?" });
  await ask.getByRole("button", { name: "Stay on page" }).last().click();
  await bar().waitFor();
  await discard();
  await ask.getByRole("button", { name: "Leave page" }).click();
  await page.waitForURL(/\/roles$/);
  await app.go("/roles/new");
  await name().fill("Little");
  await discard();
  await page.waitForURL(/\/roles$/);
  assert.equal(await ask.count(), 0);
});

test("the keyboard takes steps back and makes them again, leaves what is typed to its field, and saves", async () => {
  await open();
  const [first, second] = [0, 1].map((n) => page.locator(".permission input[type=checkbox]").nth(n));
  await first.click();
  await second.click();
  await name().fill("Runner two");
  await bar().getByText("3 changes").waitFor();
  await second.focus();
  for (const [key, ticked] of [
    ["Control+z", [true, false]],
    ["Control+z", [false, false]],
    ["Control+z", [false, false]],
    ["Control+Shift+z", [true, false]],
    ["Control+y", [true, true]],
    ["Control+z", [true, false]],
  ]) {
    await page.keyboard.press(key);
    await eventually(key, async () => `${await Promise.all([first, second].map((box) => box.isChecked()))}` === `${ticked}`);
  }
  await app.toast(`Took back ${await second.getAttribute("aria-label")}.`);
  assert.equal(await page.locator(".toast", { hasText: /^(Took back|Made again)/ }).count(), 1, "the newer takes the place of the older");
  assert.equal(await name().inputValue(), "Runner two");
  await name().focus();
  await page.keyboard.press("Control+z");
  await eventually("the field's own", async () => (await name().inputValue()) === "Runner");
  assert.deepEqual(await Promise.all([first, second].map((box) => box.isChecked())), [true, false]);
  await page.keyboard.press("Control+s");
  await app.toast("Saved. Nobody holds this role.");
  await bar().waitFor({ state: "detached" });
  await page.keyboard.press("Control+z");
  assert.equal(await first.isChecked(), true, "what is saved is taken back by the change log");
  await first.click();
  await page.keyboard.press("Control+s");
  await bar().waitFor({ state: "detached" });
});

test("after a search a parent's checkbox says that it stands for what is shown", async () => {
  await open();
  const box = page.getByRole("checkbox", { name: /^All of / }).first();
  const module = (await box.getAttribute("aria-label")).replace("All of ", "");
  const first = await page.locator(".permission input[type=checkbox]").first().getAttribute("aria-label");
  await page.getByRole("searchbox").fill(first.split(": ").at(-1));
  await page.getByRole("checkbox", { name: `All that is shown of ${module}`, exact: true }).waitFor();
  assert.equal(await page.getByRole("checkbox", { name: `All of ${module}`, exact: true }).count(), 0);
  // The count beside it is of the same.
  const count = page.locator(".module:visible .module__count").first();
  assert.match(await count.innerText(), /^0 of \d+ found$/);
  await page.getByRole("button", { name: "Check all found" }).click();
  await eventually("all of them", async () => /^(\d+) of \1 found$/.test(await count.innerText()));
  await discard();
});

test("during a search the modules without a match say so, with their counts, and lead nowhere", async () => {
  await open();
  const modules = page.getByRole("navigation", { name: "Modules" });
  const all = await modules.getByRole("link").count();
  await page.getByRole("searchbox", { name: "Search permissions" }).fill("report");
  await page.getByRole("status").getByText(/found$/).waitFor();
  const shown = await page.locator(".permissions__module:not([hidden]) .module__title").allInnerTexts();
  assert.ok(shown.length > 0 && shown.length < all, `${shown}`);
  assert.deepEqual(await modules.getByRole("link").locator(".modules__name").allInnerTexts(), shown);
  const away = modules.locator(".modules__link--away .modules__count");
  assert.equal(await away.count(), all - shown.length);
  for (const count of await away.allInnerTexts()) assert.match(count, /^no match, \d+ of \d+$/);
  assert.deepEqual(await axe(page), []);
  await page.getByRole("searchbox", { name: "Search permissions" }).fill("");
  await eventually("all lead somewhere", async () => (await modules.getByRole("link").count()) === all);
});

test("a search stands in the address, Back leads back to it, and what is unsaved is kept with it", async () => {
  await app.go("/roles");
  await page.getByRole("link", { name: "Runner", exact: true }).click();
  await page.getByRole("searchbox", { name: "Search permissions" }).fill("report");
  await page.waitForURL(/\/roles\/runner\?search=report$/);
  await page.getByRole("tab", { name: "Versions" }).or(page.getByRole("link", { name: "Versions" })).first().click();
  await page.waitForURL(/versions/);
  await page.goBack();
  await page.waitForURL(/\?search=report$/);
  const found = page.getByRole("searchbox", { name: "Search permissions" });
  await eventually("the search", async () => (await found.inputValue()) === "report");
  await name().fill("Unsaved");
  await bar().waitFor();
  await found.fill("alert");
  await page.waitForURL(/\?search=alert$/);
  await page.goBack();
  const leave = page.getByRole("alertdialog", { name: "Leave without saving?" });
  await leave.getByRole("button", { name: "Stay on page" }).last().click();
  assert.match(page.url(), /\?search=alert$/);
  assert.equal(await found.inputValue(), "alert");
  await discard();
});

test("what was said of changes on top of somebody else's goes once they are saved", async () => {
  await open();
  await name().fill("Runner of things");
  await bar().waitFor();
  const { body, etag } = await call(page, "GET", "/roles/runner");
  await call(page, "PUT", "/roles/runner", { ...body.role, description: "Theirs" }, etag);
  await page.locator(".banner").filter({ hasText: "saved this role" }).getByRole("button", { name: "Review" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Put mine on top" }).click();
  await app.toast(/on top of theirs/);
  await eventually("the focus stays", () => page.evaluate(() => document.activeElement !== document.body));
  await bar().getByRole("button", { name: "Save" }).click();
  await app.toast(/^Saved/);
  assert.equal(await page.getByText(/on top of theirs/).count(), 0);
  await name().fill("Runner");
  await bar().getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { name: "Runner", level: 1, exact: true }).waitFor();
});

test("on paper a role says what is ticked, and nothing is there to press", async () => {
  await open();
  await page.locator(".permission input[type=checkbox]").first().click();
  await page.emulateMedia({ media: "print" });
  const paper = await page.locator(".permissions .check__box:checked").first().evaluate((box) => getComputedStyle(box).printColorAdjust);
  assert.equal(paper, "exact");
  for (const gone of [page.getByRole("button", { name: "Duplicate" }), page.getByRole("searchbox"), page.locator(".tabs"), page.locator(".modules")]) {
    assert.equal(await gone.isVisible(), false);
  }
  await page.emulateMedia({ media: "screen" });
  await discard();
});

test("at 320 px what is said does not cover the bar that saves", async () => {
  await open();
  await page.setViewportSize({ width: 320, height: 640 });
  await page.getByLabel("Description").fill("One");
  await bar().getByRole("button", { name: "Save" }).click();
  await app.toast(/^Saved/);
  await page.getByLabel("Description").fill("Two");
  await bar().waitFor();
  const toast = page.locator(".toast").last();
  const [a, b] = [await toast.boundingBox(), await bar().boundingBox()];
  assert.ok(a.y + a.height <= b.y || b.y + b.height <= a.y, `${JSON.stringify(a)} over ${JSON.stringify(b)}`);
  assert.ok(a.x >= 0 && a.x + a.width <= 320 && a.y >= 0);
  await discard();
  await page.setViewportSize({ width: 1440, height: 900 });
});

test("that the session had ended is said no longer once it goes on", async () => {
  await open();
  await page.getByLabel("Description").fill("Runs things");
  await bar().getByText("Nothing changes for anybody.").waitFor();
  await page.context().clearCookies();
  await bar().getByRole("button", { name: "Save" }).click();
  const dialog = page.getByRole("dialog", { name: "Sign in again" });
  const sync = page.locator(".sync__word");
  await sync.getByText("session ended", { exact: true }).waitFor();
  // Where no mail is sent, no link can be asked for; to sign out one need not sign in.
  await dialog.getByRole("button", { name: "Sign out" }).waitFor();
  assert.equal(await dialog.getByRole("link", { name: "Forgot your password?" }).count(), 0);
  await dialog.getByLabel("Password", { exact: true }).fill(ADA.password);
  await dialog.getByRole("button", { name: "Sign in" }).click();
  await dialog.waitFor({ state: "detached" });
  await sync.getByText("live", { exact: true }).waitFor();
  await eventually("it is taken back", async () => (await page.getByText("Your session had ended").count()) === 0);
  await bar().getByRole("button", { name: "Save" }).click();
  await app.toast(/^Saved/);
});

test("whoever assigns a superuser role to everybody is told that everybody may then do everything", async () => {
  await app.go("/permissions/superuser?of=everyone");
  const select = page.getByRole("combobox", { name: /^Auto assign of / });
  await select.selectOption("anyone");
  const ask = page.getByRole("alertdialog");
  await ask.getByText("This makes superusers.").waitFor();
  assert.match(await ask.getByRole("button", { name: "Assign to everyone" }).getAttribute("class"), /button--danger/);
  assert.deepEqual(await axe(page), []);
  await ask.getByRole("button", { name: "Cancel" }).click();
});

test("the focus goes on when what had it is gone: from the save bar to the head of the page, from a row to the next", async () => {
  const focused = () => page.evaluate(() => document.activeElement.getAttribute("aria-label") ?? document.activeElement.tagName);
  for (const button of ["Discard", "Save"]) {
    await open();
    await page.getByLabel("Description").fill(`Before ${button}`);
    await bar().getByRole("button", { name: button }).focus();
    await page.keyboard.press("Enter");
    await bar().waitFor({ state: "detached" });
    await eventually(`the focus goes on after ${button}`, async () => (await focused()) === "H1");
  }
  const members = ["Ana", "Bo", "Cy"];
  const group = (await call(page, "POST", "/groups", { name: "Crew" })).body.id;
  for (const first_name of members) {
    const { user } = (await call(page, "POST", "/users", { email: `${first_name}@example.com`, first_name, last_name: "Crew" })).body;
    await call(page, "POST", `/groups/${group}/members`, { user });
  }
  await app.go(`/groups/${group}`);
  for (const [gone, next] of [["Ana Crew", "Remove Bo Crew"], ["Bo Crew", "Remove Cy Crew"], ["Cy Crew", "H1"]]) {
    await page.getByRole("button", { name: `Remove ${gone}` }).focus();
    await page.keyboard.press("Enter");
    const ask = page.getByRole("alertdialog");
    await ask.getByRole("button", { name: /^Remove/ }).click();
    await ask.waitFor({ state: "detached" });
    await eventually(`the focus goes from ${gone} to ${next}`, async () => (await focused()) === next);
  }
});

test("the review of a role warns of privileged permissions, names what is gained, and gives the log its reason", async () => {
  const role = (await call(page, "POST", "/roles", { id: "", name: "Desk", grants: { "reports.view": "allowed" } })).body.role.id;
  await accepted(page, app.server, { email: "sia@example.com", first_name: "Sia", password: ADA.password, roles: [role] });
  await app.go(`/roles/${role}`);
  await page.getByRole("checkbox", { name: "Users: View", exact: true }).check();
  await bar().getByText(/^Sia gains Users: View/).waitFor();
  await bar().getByRole("button", { name: "Review" }).click();
  const review = page.getByRole("dialog", { name: /^Review / });
  await review.getByText("This gives privileged permissions.").waitFor();
  await review.getByText(/It gives Users: View to 1 person/).waitFor();
  await review.getByLabel("Reason").fill("Ticket 12");
  await page.keyboard.press("Escape");
  await page.getByRole("alertdialog", { name: "Close without saving?" }).getByRole("button", { name: "Keep editing" }).last().click();
  assert.deepEqual(await axe(page), []);
  await review.getByRole("button", { name: "Save" }).click();
  await app.toast(/^Saved\. 1 person holds this role\. Sia gains Users: View/);
  assert.equal((await app.get("/audit?limit=1")).items[0].reason, "Ticket 12");

  // What is deleted has its reason too.
  await page.getByRole("button", { name: "More actions for Desk" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  const ask = page.getByRole("alertdialog", { name: "Delete Desk?" });
  await ask.getByLabel("Reason").fill("Nobody sits there");
  await ask.getByRole("button", { name: "Delete role" }).click();
  await app.toast("Deleted Desk.");
  const log = (await app.get("/audit?limit=1")).items[0];
  assert.deepEqual([log.action, log.reason], ["delete_role", "Nobody sits there"]);
});
