// The search over everything and the shortcuts, by the keyboard alone, in a real browser with the real server.

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { accepted, axe, begin, call, eventually, signedIn } from "./rolewright.mjs";

const ADA = { email: "ada@example.com", password: "a long walk by the river" };
const PASSWORD = "seven green bottles";

let app, page, ana;

before(async () => {
  app = await begin("mailer", ADA);
  page = app.page;
  ana = await accepted(page, app.server, { email: "ana.ruiz@example.com", first_name: "Ana", last_name: "Ruiz", password: PASSWORD });
  await call(page, "POST", "/groups", { name: "Night shift" });
});

after(() => app?.stop());

afterEach(async () => {
  for (let open = 3; open && (await page.locator("dialog[open]").count()); open--) await page.keyboard.press("Escape");
});

const palette = () => page.getByRole("dialog", { name: "Search", exact: true });
const field = () => palette().getByRole("combobox", { name: "Search or ask" });
const options = () => palette().getByRole("option");
const sheet = () => page.getByRole("dialog", { name: "Keyboard shortcuts" });
const focused = () => page.evaluate(() => document.activeElement?.innerText || document.activeElement?.id);
const heading = (name) => page.getByRole("heading", { level: 1, name }).waitFor();

/** Opens the search and types there. */
async function search(words) {
  await page.getByRole("navigation", { name: "Sections" }).getByRole("link", { name: "Settings" }).waitFor();
  await page.keyboard.press("Control+k");
  await eventually("the focus", () => field().evaluate((it) => it === document.activeElement));
  await page.keyboard.type(words);
  await eventually("what was typed", async () => (await field().inputValue()) === words);
}

/** Presses keys one after the other, as the sheet writes them. */
async function press(keys) {
  for (const key of keys) await page.keyboard.press(key);
}

test("Ctrl+K opens the search with the focus in its field, arrows choose, Enter goes there, and Escape gives the focus back", async () => {
  await app.go("/roles");
  await page.getByRole("button", { name: "Create role" }).focus();
  await page.keyboard.press("Control+k");
  await field().waitFor();
  assert.equal(await field().evaluate((it) => it === document.activeElement), true);
  assert.equal(await field().getAttribute("aria-expanded"), "true");
  const active = async () => page.locator(`#${await field().getAttribute("aria-activedescendant")}`);
  assert.equal(await (await active()).getAttribute("aria-selected"), "true");
  assert.match(await (await active()).innerText(), /Overview/);
  // The focus stays within.
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement === document.body || !!document.activeElement.closest("dialog")), true);
  await page.keyboard.press("Escape");
  await palette().waitFor({ state: "detached" });
  assert.equal(await focused(), "Create role");
  await search("");
  await page.keyboard.press("ArrowDown");
  await eventually("the next", async () => /Users/.test(await (await active()).innerText()));
  await page.keyboard.press("Enter");
  await heading("Users");
  assert.match(page.url(), /\/users$/);
  assert.equal(await focused().then(() => page.evaluate(() => document.activeElement.id)), "main");
});

test("roles, packages, permissions, people and groups are found, each says what it is, and leads to its page", async () => {
  await call(page, "POST", "/packages", { id: "gold", name: "Gold package", roles: [] });
  await app.go("/");
  for (const [words, option, url] of [
    ["role admin", /^Admin\s*Role admin/, /\/roles\/admin$/],
    ["gold pack", /^Gold package/, /\/packages\/gold$/],
    ["ana.ruiz@", /^Ana Ruiz/, new RegExp(`/users/${ana}$`)],
    ["night", /^Night shift/, /\/groups\/[^/]+$/],
    ["reports.manage", /Who can reports.manage/, /\/access\?tab=who&permission=reports\.manage$/],
  ]) {
    await search(words);
    await options().filter({ hasText: option }).first().waitFor();
    await eventually(words, async () => option.test(await options().first().innerText()));
    await page.keyboard.press("Enter");
    await page.waitForURL(url);
  }
  await search("nothing at all has these words");
  await palette().getByText("Nothing fits. Try another word.").waitFor();
  await page.keyboard.press("Escape");
});

test("an API key is found by its name, and the focus is on what can be done with it among the others", async () => {
  for (const name of ["Edge in Berlin", "Sync with the directory"]) await call(page, "POST", "/keys", { name, permissions: ["users.view"] });
  // Also from where the keys are shown already.
  for (const from of ["/roles", "/settings?tab=keys"]) {
    await app.go(from);
    await search("sync with");
    await eventually("the key", async () => (await options().first().innerText()) === "Sync with the directory\nAPI key");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/settings\?tab=keys&search=[^&]+&key=[^&]+$/);
    const actions = page.getByRole("button", { name: "Actions for Sync with the directory" });
    await eventually("the focus", () => actions.evaluate((it) => it === document.activeElement));
    assert.match(await page.locator("tr[aria-current=true]").innerText(), /^Sync with the directory/);
  }
});

test("where one went lately comes first, and the browser's storage has nothing of it", async () => {
  await app.go("/");
  await search("night");
  await options().first().filter({ hasText: "Night shift" }).waitFor();
  await page.keyboard.press("Enter");
  await heading("Night shift");
  await search("");
  assert.match(await options().first().innerText(), /^Night shift/);
  const all = await options().allInnerTexts();
  assert.equal(new Set(all).size, all.length, "each once");
  await page.keyboard.press("Escape");
  const stored = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  assert.doesNotMatch(stored, /Night shift/);
});

for (const words of ["can ana run reports", "why can't ana.ruiz@example.com manage reports?"]) {
  test(`"${words}" offers the access explorer with the person and the permission filled in`, async () => {
    await app.go("/");
    await search(words);
    const option = options().filter({ hasText: "May Ana Ruiz do Reports" }).first();
    await option.waitFor();
    const text = await option.innerText();
    await eventually("it is the one", async () => (await option.getAttribute("aria-selected")) === "true" || (await page.keyboard.press("ArrowDown")));
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/access\?/);
    const asked = new URL(page.url()).searchParams;
    assert.equal(asked.get("subject"), ana);
    assert.match(asked.get("permission"), /^reports\./);
    assert.match(text, /Reports: /);
    await page.locator(".answer__verdict").waitFor();
    await eventually("the person's name", async () => /Ana Ruiz/.test(await page.getByRole("combobox", { name: "Person" }).inputValue()));
  });
}

for (const [words, option, url] of [
  ["who can manage reports?", "Who may do Reports: Manage?", /\/access\?tab=who&permission=reports\.manage$/],
  ["who is an admin", "Who is assigned Admin?", /\/permissions\/admin$/],
  ["what can ana ruiz do", "What may Ana Ruiz do?", /\/access\?tab=what&subject=[^&]+$/],
  ["api keys", "API keys", /\/settings\?tab=keys$/],
  ["import", "Import CSV", /\/import$/],
]) {
  test(`"${words}" leads to what it asks for`, async () => {
    await app.go("/");
    await search(words);
    await eventually(option, async () => (await options().first().innerText()).split("\n")[0] === option);
    await page.keyboard.press("Enter");
    await page.waitForURL(url);
  });
}

test("a question about nobody says so, and Enter goes nowhere", async () => {
  await app.go("/");
  await search("can zzyzx manage reports");
  await palette().getByText("Nobody of that name is found.").waitFor();
  await page.keyboard.press("Enter");
  assert.equal(await palette().count(), 1);
});

test("the sheet lists every shortcut, and each of its keys does what it says", async () => {
  await app.go("/");
  await heading(/./);
  await page.keyboard.press("?");
  await sheet().waitFor();
  const rows = await sheet().locator(".shortcuts__row").evaluateAll((all) =>
    all.map((row) => [row.querySelector("dt").innerText, [...row.querySelectorAll("kbd")].map((key) => key.innerText)]),
  );
  await page.keyboard.press("Escape");
  await sheet().waitFor({ state: "detached" });
  const pages = rows.filter(([, keys]) => keys[0] === "g");
  assert.equal(pages.length, await page.getByRole("navigation", { name: "Sections" }).getByRole("link").count());
  for (const [name, keys] of pages) {
    await press(keys);
    await eventually(name, async () => (await page.getByRole("navigation", { name: "Sections" }).locator("[aria-current=page]").innerText()).trim() === name);
  }
  const others = Object.fromEntries(rows.filter(([, keys]) => keys[0] !== "g"));
  assert.deepEqual(Object.values(others), [["Ctrl", "K"], ["/"], ["n"], ["Ctrl", "S"], ["Ctrl", "Z"], ["Ctrl", "Y"], ["?"]]);
});

test("/ goes to the page's search, and n does what its main button does", async () => {
  await app.go("/roles");
  const found = page.getByRole("searchbox", { name: "Search roles" });
  await found.waitFor();
  await page.keyboard.press("/");
  assert.equal(await found.evaluate((it) => it === document.activeElement), true);
  assert.equal(await found.inputValue(), "");
  // Where one types, a letter is a letter.
  await page.keyboard.type("n?/gr");
  assert.equal(await found.inputValue(), "n?/gr");
  assert.equal(await page.locator("dialog[open]").count(), 0);
  await page.keyboard.press("Escape");
  await found.evaluate((it) => it.blur());
  await page.keyboard.press("n");
  await page.waitForURL(/\/roles\/new$/);
  await app.go("/users");
  await page.getByRole("button", { name: "Invite user" }).waitFor();
  await page.keyboard.press("n");
  const dialog = page.getByRole("dialog", { name: /Invite/ });
  await dialog.waitFor();
  // What a dialog asks is answered first.
  await dialog.getByRole("button", { name: "Close" }).focus();
  for (const key of ["Control+k", "?", "n"]) await page.keyboard.press(key);
  assert.equal(await page.locator("dialog[open]").count(), 1);
});

test("actions are found too: a user is invited from anywhere, also from the page itself, and the theme is set", async () => {
  for (const from of ["/roles", "/users"]) {
    await app.go(from);
    await heading(/./);
    await search("invite");
    await options().first().filter({ hasText: "Invite user" }).waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("dialog", { name: /Invite/ }).waitFor();
    await page.keyboard.press("Escape");
    await page.locator("dialog[open]").waitFor({ state: "detached" });
  }
  await search("theme dark");
  await page.keyboard.press("Enter");
  await eventually("dark", async () => (await page.locator("html").getAttribute("data-theme")) === "dark");
  await page.getByRole("button", { name: /^Account of/ }).click();
  const themes = page.getByRole("radiogroup", { name: "Theme" });
  await eventually("dark in the menu", () => themes.getByRole("radio", { name: "Dark" }).isChecked());
  await themes.getByRole("radio", { name: "System" }).check();
  await page.keyboard.press("Escape");
});

test("\"view as\" and a person opens what asks why on their page, and nobody who cannot be viewed is offered", async () => {
  await app.go("/");
  await search("view as ana.ruiz@example.com");
  await eventually("she is offered", async () => (await options().first().innerText()).startsWith("View as Ana Ruiz"));
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "View as Ana Ruiz?" });
  await dialog.waitFor();
  assert.match(page.url(), new RegExp(`/users/${ana}$`));
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  // Also from that page, and once more.
  await search("view as ana");
  await eventually("she is offered again", async () => (await options().first().innerText()).startsWith("View as Ana Ruiz"));
  await page.keyboard.press("Enter");
  await dialog.waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  // Nor are they counted among the first.
  for (const n of [1, 2, 3, 4]) {
    const { user } = (await call(page, "POST", "/users", { email: `wanda${n}@example.com`, first_name: `Wanda ${n}`, last_name: "Adams" })).body;
    await call(page, "PUT", `/users/${user}/status`, { status: "disabled" }, (await call(page, "GET", `/users/${user}`)).etag);
  }
  for (const words of ["ada@example.com", "wanda"]) {
    await search(`view as ${words}`);
    await palette().getByText("No person or role of that name can be viewed as.").waitFor();
    await page.keyboard.press("Escape");
    await palette().waitFor({ state: "detached" });
  }
  const wanda = { email: "wanda5@example.com", first_name: "Wanda 5", last_name: "Zimmer", password: PASSWORD };
  await accepted(page, app.server, wanda);
  await search("view as wanda");
  await options().filter({ hasText: "View as Wanda 5 Zimmer" }).waitFor();
});

test("\"view as\" and a role opens what asks why on its page, once, and no role that cannot be viewed is offered", async () => {
  const grants = { "users.view": "allowed", "roles.view": "allowed", "access.explain": "allowed" };
  await call(page, "POST", "/roles", { id: "peer", name: "Peer", grants });
  await call(page, "POST", "/roles", { id: "peer_of_all", name: "Peer of all", grants: { ...grants, "reports.manage": "allowed" } });
  await app.go("/");
  await search("view as peer");
  await options().filter({ hasText: "View as Peer of all" }).waitFor();
  assert.equal(await options().first().innerText(), "View as Peer\nRole peer");
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "View as Peer?" });
  await dialog.waitFor();
  assert.match(page.url(), /\/roles\/peer$/);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await page.getByRole("navigation", { name: "Sections" }).getByRole("link", { name: "Groups" }).click();
  await heading("Groups");
  await page.goBack();
  await heading("Peer");
  await page.waitForLoadState("networkidle");
  assert.equal(await dialog.count(), 0);
  // Who holds less than a role gives is not offered it, nor asked why by an address.
  const pia = { email: "pia@example.com", password: PASSWORD };
  await accepted(page, app.server, { ...pia, roles: ["peer"] });
  const theirs = await signedIn(app.browser, app.server, pia);
  await theirs.getByRole("navigation", { name: "Sections" }).getByRole("link", { name: "Roles" }).waitFor();
  await theirs.keyboard.press("Control+k");
  const offered = theirs.getByRole("dialog", { name: "Search", exact: true }).getByRole("option");
  await offered.first().waitFor();
  await theirs.keyboard.type("view as peer");
  await eventually("the one that she may", async () => (await offered.allInnerTexts()).join() === "View as Peer\nRole peer");
  await theirs.goto(`${app.server.url}/roles/peer_of_all?view-as=1`);
  await theirs.getByRole("heading", { level: 1, name: "Peer of all" }).waitFor();
  await theirs.waitForURL(/\/roles\/peer_of_all$/);
  assert.equal(await theirs.locator("dialog[open]").count(), 0);
  await theirs.context().close();
});

test("one signs out by the search, which does not offer it unasked", async () => {
  const theirs = await signedIn(app.browser, app.server, { email: "ana.ruiz@example.com", password: PASSWORD });
  await theirs.keyboard.press("Control+k");
  const dialog = theirs.getByRole("dialog", { name: "Search", exact: true });
  await dialog.getByRole("option").first().waitFor();
  assert.equal(await dialog.getByRole("option", { name: /Sign out/ }).count(), 0);
  await theirs.keyboard.type("sign out");
  await dialog.getByRole("option", { name: /Sign out/ }).waitFor();
  await theirs.keyboard.press("Enter");
  await theirs.waitForURL(/\/sign-in/);
  await theirs.context().close();
});

test("a letter after g is of the page that it names, not of the row that has the focus", async () => {
  await app.go("/review");
  const keep = page.getByRole("button", { name: /^Keep/ }).first();
  await keep.focus();
  await press(["g", "r"]);
  await heading("Roles");
  await page.goBack();
  await page.getByRole("button", { name: /^Revoke/ }).first().waitFor();
  assert.equal(await page.getByRole("button", { name: /^Revoke/, pressed: true }).count(), 0);
});

test("single keys are turned off, which is kept on this device, and Ctrl+K goes on", async () => {
  await app.go("/");
  const account = page.getByRole("button", { name: /^Account of/ });
  const keys = page.getByRole("radiogroup", { name: "Single-key shortcuts" });
  await account.click();
  await keys.getByRole("radio", { name: "Off" }).check();
  await page.keyboard.press("Escape");
  await page.reload();
  await account.waitFor();
  await press(["?", "n", "g", "u"]);
  assert.equal(await page.locator("dialog[open]").count(), 0);
  assert.equal(new URL(page.url()).pathname, "/");
  await search("shortcuts");
  await page.keyboard.press("Enter");
  await sheet().getByText(/are turned off/).waitFor();
  await page.keyboard.press("Escape");
  await account.click();
  await keys.getByRole("radio", { name: "On" }).check();
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  await sheet().waitFor();
});

test("who may see little is offered little, and the server is not asked for more", async () => {
  const theirs = await signedIn(app.browser, app.server, { email: "ana.ruiz@example.com", password: PASSWORD });
  const refused = [];
  theirs.on("response", (answer) => answer.status() === 403 && refused.push(answer.url()));
  await theirs.keyboard.press("Control+k");
  const dialog = theirs.getByRole("dialog", { name: "Search", exact: true });
  await dialog.waitFor();
  const shown = (await dialog.getByRole("option").allInnerTexts()).map((text) => text.split("\n")[0]);
  assert.deepEqual(shown, ["Overview", "Your account", "Keyboard shortcuts"]);
  await theirs.keyboard.type("can ada manage reports");
  await dialog.getByText("Nothing fits. Try another word.").waitFor();
  await theirs.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  for (const key of ["g", "u"]) await theirs.keyboard.press(key);
  assert.equal(new URL(theirs.url()).pathname, "/");
  assert.deepEqual(refused, []);
  await theirs.context().close();
});

test("axe finds nothing wrong with the search and the sheet, in both themes, and nothing is cut off at 320 px", async () => {
  await app.go("/");
  await heading(/./);
  await search("");
  assert.deepEqual(await axe(page), []);
  await page.setViewportSize({ width: 320, height: 720 });
  const fits = async () => {
    const wide = await page.evaluate(() => {
      const { left, right } = document.querySelector("dialog[open]").getBoundingClientRect();
      const list = document.querySelector("dialog[open] .listbox, dialog[open] .dialog__body");
      return [document.documentElement.scrollWidth, left >= 0 && right <= 320, list.scrollWidth - list.clientWidth];
    });
    assert.deepEqual(wide, [320, true, 0]);
  };
  await fits();
  await page.keyboard.press("Escape");
  // The entry is seen at this width too.
  await page.getByRole("button", { name: "Search", exact: true }).click();
  await field().waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  await sheet().waitFor();
  await fits();
  await page.setViewportSize({ width: 1440, height: 900 });
  assert.deepEqual(await axe(page), []);
  assert.deepEqual(app.said(), []);
});
