// The versions of a role, the way back to one, and roles side by side, in a real browser with the real server.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axe, begin, call, eventually } from "./rolewright.mjs";

const ADA = { email: "ada@example.com", password: "a long walk by the river" };

let app, browser, server, page, said, go, get;

before(async () => {
  app = await begin("mailer", ADA);
  ({ browser, server, page, said, go, get } = app);
});

after(() => app?.stop());

const newest = async () => (await get("/audit?limit=1")).items[0];
const toast = (text) => page.getByRole("status").getByText(text).first();
const plain = (text) => text.replace(/\s+/g, " ").trim();
const heading = (name) => page.getByRole("heading", { level: 1, name, exact: true });

/** Two permissions of one module that any role may grant, with the words for them. */
async function two() {
  const { catalogue } = (await get("/policy")).policy;
  const fits = (it) => !it.only && !it.scale;
  const module = catalogue.modules.find((it) => (it.permissions ?? []).filter(fits).length > 1);
  return module.permissions.filter(fits).slice(0, 2).map((it) => ({ id: it.id, label: `${module.label}: ${it.label}` }));
}

/** A role that grants these. */
async function role(name, ...permissions) {
  const grants = Object.fromEntries(permissions.map((it) => [it.id, "allowed"]));
  return (await call(page, "POST", "/roles", { id: "", name, grants })).body.role.id;
}

/** Edits a role; answers the revision that made. */
async function edit(id, change, reason) {
  const { body, etag } = await call(page, "GET", `/roles/${id}`);
  await call(page, "PUT", `/roles/${id}?${new URLSearchParams(reason ? { reason } : {})}`, { ...body.role, ...change }, etag);
  return (await get(`/roles/${id}`)).revision;
}

/** Gives a role to somebody of the demo who is not Ada. */
async function give(id, count = 1) {
  const { items } = await get("/users?status=active&limit=20");
  const some = items.filter((it) => it.email !== ADA.email).slice(0, count);
  for (const it of some) await call(page, "POST", "/assignments", { principal: { user: it.id }, role: id, scope: "/" });
  return some;
}

/** The permissions that these roles give, by the server's own comparison. */
const compared = async (...ids) => (await get(`/compare?roles=${ids.join(",")}`)).rows;
const rows = () => page.locator(".side-by-side tbody tr:not(.side-by-side__module)");

test("each change of a role stands in its versions with who, when, why and what it did in words, and has an address", async () => {
  const [one, other] = await two();
  const id = await role("Report reader", one);
  const first = (await get(`/roles/${id}`)).revision;
  const second = await edit(id, { name: "Report viewer", grants: { [other.id]: "allowed" } }, "Ticket 4711");
  await go(`/roles/${id}`);
  await page.getByRole("navigation", { name: "Role" }).getByRole("link", { name: "Versions" }).click();
  await page.waitForURL(`**/roles/${id}/versions`);
  await heading("Report viewer").waitFor();
  const entries = page.locator(".versions .way");
  await eventually("two changes", async () => (await entries.count()) === 2);
  const [newer, older] = (await entries.allInnerTexts()).map(plain);
  assert.match(newer, new RegExp(`^Version ${second} Now Edited \u00b7 ${ADA.email} \u00b7 \\d`));
  for (const words of ["Ticket 4711", `${one.label} Allowed`, `${other.label} Allowed`, "Name Report reader Report viewer"]) {
    assert.ok(newer.includes(words), newer);
  }
  assert.ok(!older.includes("Report viewer"), "what it said of itself is told as it was");
  assert.match(older, new RegExp(`^Version ${first} Created \u00b7 ${ADA.email}`));
  await page.getByRole("link", { name: `Version ${second}` }).click();
  await page.waitForURL(`**/roles/${id}/versions/${second}`);
  await page.getByText("Ticket 4711").waitFor();
  await page.reload();
  await heading(`Version ${second}`).waitFor();
  await eventually("all that it changed", async () => (await page.locator(".diff__row").count()) === 3);
  const gave = page.locator(".as-it-was");
  assert.match(await gave.innerText(), new RegExp(other.label.split(": ")[1]));
  const restore = page.getByRole("button", { name: "Restore this version" });
  assert.equal(await restore.getAttribute("aria-disabled"), "true", "it is like this now");
  await page.getByRole("link", { name: `Change ${second}` }).click();
  await page.waitForURL(`**/audit/${second}`);
  await page.goBack();
  await page.getByRole("navigation", { name: "Breadcrumb" }).getByRole("link", { name: "Versions" }).click();
  await give(id, 1);
  await page.getByRole("link", { name: /^All about it in the audit log/ }).click();
  await page.waitForURL(`**/audit?about=${id}`);
  await page.locator(".audit__what").filter({ hasText: /^Gave Report viewer to / }).waitFor();
  // The same is chosen there too.
  await page.getByRole("button", { name: "Clear filters" }).click();
  await page.getByRole("combobox", { name: "About" }).fill("report VIEWER");
  await page.getByRole("option", { name: "Report viewer" }).click();
  await page.waitForURL(`**/audit?about=${id}`);
  await page.locator(".audit__what").filter({ hasText: /^Gave Report viewer to / }).waitFor();
});

test("going back says first what changes and whom it reaches, is a change of its own, and its toast takes it back", async () => {
  const [one, other] = await two();
  const id = await role("Night editor", one, other);
  const people = await give(id, 3);
  const then = (await get(`/roles/${id}`)).revision;
  const now = await edit(id, { grants: {}, description: "Nothing left" });
  // The server's own words for it.
  const { etag } = await call(page, "GET", `/roles/${id}`);
  const told = (await call(page, "POST", `/roles/${id}/restore?dry_run=true`, { revision: then }, etag)).body;
  await go(`/roles/${id}/versions/${then}`);
  await page.getByRole("button", { name: "Restore this version" }).click();
  const dialog = page.getByRole("dialog", { name: `Restore Night editor as of version ${then}?` });
  const gain = told.reach.gain;
  assert.ok(gain >= 1, "the demo's people gain something by it");
  await dialog.getByText(gain === 1 ? / gains .+\.$/ : new RegExp(`^${gain} people gain .+\\.$`)).waitFor();
  for (const it of told.reach.permissions.filter((it) => it.gain)) {
    const counted = it.gain === 1 ? "1 person gains" : `${it.gain} people gain`;
    const label = [one, other].find((known) => known.id === it.permission)?.label;
    if (label) await dialog.getByRole("listitem").filter({ hasText: label }).getByText(counted).waitFor();
  }
  await dialog.getByText("What changes in the role").waitFor();
  assert.equal((await newest()).at.revision, now, "nothing is done yet");
  assert.deepEqual(await axe(page), []);
  await dialog.getByLabel("Reason").fill("They need it after all");
  await dialog.getByRole("button", { name: "Restore", exact: true }).click();
  await toast(`Restored Night editor as of version ${then}.`).waitFor();
  await page.waitForURL(`**/roles/${id}/versions`);
  await page.getByText("They need it after all").waitFor();
  assert.deepEqual(Object.keys((await get(`/roles/${id}`)).role.grants).sort(), [one.id, other.id].sort());
  const restored = (await newest()).at.revision;
  await page.getByRole("button", { name: "Undo", exact: true }).click();
  await toast(`Undid change ${restored}.`).waitFor();
  assert.deepEqual((await get(`/roles/${id}`)).role.grants, {});
  await eventually("the undo stands there", async () => (await page.locator(".versions .way").count()) === 4);
  assert.ok(people.length > 0);
});

test("what somebody changed while the preview is open is not lost over it", async () => {
  const [one, other] = await two();
  const id = await role("Twice", one);
  const then = (await get(`/roles/${id}`)).revision;
  await edit(id, { grants: {} });
  await go(`/roles/${id}/versions/${then}`);
  await page.getByRole("button", { name: "Restore this version" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("Nothing changes for anybody.").waitFor();
  await edit(id, { grants: { [other.id]: "allowed" } });
  await dialog.getByRole("listitem").filter({ hasText: other.label }).first().waitFor();
  await dialog.getByText(/You saved this role elsewhere at \d\d:\d\d\. What would change/).waitFor();
  const restore = dialog.getByRole("button", { name: "Restore", exact: true });
  assert.equal(await restore.getAttribute("aria-disabled"), "true");
  await dialog.getByRole("button", { name: "Go on with it as it is now" }).click();
  await eventually("it may be restored", async () => (await restore.getAttribute("aria-disabled")) !== "true");
  await dialog.getByRole("button", { name: "Cancel" }).click();
  assert.deepEqual((await get(`/roles/${id}`)).role.grants, { [other.id]: "allowed" });
});

test("a role that was deleted comes back from its versions", async () => {
  const [one] = await two();
  const id = await role("Gone tomorrow", one);
  const made = (await get(`/roles/${id}`)).revision;
  const { etag } = await call(page, "GET", `/roles/${id}`);
  await call(page, "DELETE", `/roles/${id}`, undefined, etag);
  await go(`/roles/${id}`);
  await page.getByRole("link", { name: "Look for its versions" }).click();
  await heading("Gone tomorrow").waitFor();
  await page.getByText("This role was deleted.").waitFor();
  await page.getByRole("link", { name: `Version ${made + 1}` }).click();
  const restore = page.getByRole("button", { name: "Restore this version" });
  await heading(`Version ${made + 1}`).waitFor();
  assert.equal(await restore.getAttribute("aria-disabled"), "true", "there is nothing in this one");
  await go(`/roles/${id}/versions/${made}`);
  await restore.click();
  await page.getByRole("dialog").getByText("Nothing changes for anybody.").waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Restore", exact: true }).click();
  await toast(`Restored Gone tomorrow as of version ${made}.`).waitFor();
  await page.getByText(`Restored version ${made}`).waitFor();
  assert.equal((await get(`/roles/${id}`)).role.name, "Gone tomorrow");
});

test("versions are paged in the address, and the last of a page still says what it changed", async () => {
  const [one] = await two();
  const id = await role("Often edited", one);
  for (let n = 1; n <= 21; n++) await edit(id, { description: `Text ${n}` });
  await go(`/roles/${id}/versions`);
  const entries = page.locator(".versions .way");
  await eventually("a page", async () => (await entries.count()) === 20);
  assert.match(plain(await entries.last().innerText()), /Edited .*Description Text 1 Text 2$/);
  await page.getByRole("button", { name: "Older" }).click();
  await page.waitForURL(/cursor=/);
  await eventually("the rest", async () => (await entries.count()) === 2);
  assert.match(plain(await entries.first().innerText()), /Edited .*Description Text 1$/);
  await page.reload();
  await eventually("the rest again", async () => (await entries.count()) === 2);
  await page.getByRole("button", { name: "Newest" }).click();
  await eventually("the first page again", async () => (await entries.count()) === 20);
});

test("a role goes back with the keyboard alone", async () => {
  const [one] = await two();
  const id = await role("By keyboard", one);
  const then = (await get(`/roles/${id}`)).revision;
  await edit(id, { grants: {} });
  await go(`/roles/${id}`);
  await heading("By keyboard").waitFor();
  const press = async (found, key = "Enter") => {
    for (let n = 0; n < 80; n++) {
      const now = await page.evaluate(() => document.activeElement?.textContent?.trim() ?? "");
      if (now === found) return page.keyboard.press(key);
      await page.keyboard.press("Tab");
    }
    assert.fail(`${found} is not reached by Tab`);
  };
  await press("Versions");
  await page.waitForURL(`**/roles/${id}/versions`);
  await page.getByRole("link", { name: `Version ${then}` }).waitFor();
  await press(`Version ${then}`);
  await heading(`Version ${then}`).waitFor();
  await press("Restore this version");
  await page.getByRole("dialog").getByText("Nothing changes for anybody.").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.textContent.trim()), "Cancel");
  await press("Restore");
  await toast(`Restored By keyboard as of version ${then}.`).waitFor();
  await press("Undo");
  await toast("Undid change").waitFor();
  assert.deepEqual((await get(`/roles/${id}`)).role.grants, {});
});

test("roles are chosen in the table and stand side by side as the server compares them", async () => {
  const [one, other] = await two();
  const a = await role("Side A", one);
  const b = await role("Side B", one, other);
  await go("/roles?view=table");
  await page.getByLabel("Choose Side A").check({ force: true });
  const bar = page.getByRole("group", { name: "Chosen" });
  assert.equal(await bar.getByRole("button", { name: "Compare" }).getAttribute("aria-disabled"), "true", "one is not enough");
  await page.getByLabel("Choose Side B").check({ force: true });
  await bar.getByText("2 chosen").waitFor();
  await bar.getByRole("button", { name: "Compare" }).click();
  await page.waitForURL(`**/roles/compare?roles=${a}%2C${b}`);
  const all = await compared(a, b);
  const differing = all.filter((it) => it.differs || it.may_differ);
  await page.getByText(`${differing.length} of ${all.length} permission`, { exact: false }).waitFor();
  assert.equal(await rows().count(), differing.length);
  const row = rows().filter({ hasText: other.label.split(": ")[1] }).first();
  assert.match(plain(await row.innerText()), /Not granted .*Allowed$/);
  await page.getByRole("radio", { name: "All" }).check({ force: true });
  await eventually("all", async () => (await rows().count()) === all.length);
  await page.reload();
  await eventually("all again", async () => (await rows().count()) === all.length);
  const module = page.getByRole("button", { name: new RegExp(`^${other.label.split(": ")[0]}`) });
  await module.click();
  await page.waitForURL(/folded=/);
  assert.equal(await module.getAttribute("aria-expanded"), "false");
  assert.ok((await rows().count()) < all.length);
  await module.press("Enter");
  await eventually("open again", async () => (await rows().count()) === all.length);
  await page.getByRole("columnheader", { name: "Side B" }).getByRole("link").click();
  await heading("Side B").waitFor();
});

test("the table of roles is sorted by its heads, the address says by which, and paging and searching keep it", async () => {
  for (const name of ["zebra sorted", "Alpha sorted", ...Array.from({ length: 10 }, (_, n) => `Filler ${n}`)]) await role(name);
  await go("/roles?view=table&limit=10");
  const names = () => page.locator("tbody .table__first").allInnerTexts();
  const head = (name) => page.getByRole("columnheader", { name });
  const shown = (await get("/roles")).items;
  const first = async (expected) =>
    eventually(`${expected.slice(0, 10)} first`, async () => assert.deepEqual(await names(), expected.slice(0, 10)) ?? true);
  await first(shown.map((it) => it.role.name));
  assert.equal(await page.locator("th[aria-sort]").count(), 0, "they stand as the policy has them");
  const byName = shown.map((it) => it.role.name).sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
  await head("Name").getByRole("button").click();
  await page.waitForURL(/sort=name/);
  await first(byName);
  assert.equal(await head("Name").getAttribute("aria-sort"), "ascending");
  await head("Name").getByRole("button").press("Enter");
  await page.waitForURL(/sort=-name/);
  await first(byName.toReversed());
  assert.equal(await head("Name").getAttribute("aria-sort"), "descending");
  await page.getByRole("button", { name: "Next" }).click();
  await page.waitForURL(/sort=-name.*page=2/);
  assert.deepEqual(await names(), byName.toReversed().slice(10, 20));
  await head("Holders").getByRole("button").click();
  await page.waitForURL((url) => url.searchParams.get("sort") === "holders" && !url.searchParams.has("page"));
  const holders = async () => (await page.locator("tbody td[data-label=Holders]").allInnerTexts()).map(Number);
  await eventually("the fewest first", async () => assert.deepEqual(await holders(), (await holders()).toSorted((a, b) => a - b)) ?? true);
  await page.getByRole("searchbox", { name: "Search roles" }).fill("sorted");
  await page.waitForURL(/sort=holders.*search=sorted/);
  await page.reload();
  await first(["zebra sorted", "Alpha sorted"]);
  await head("Name").getByRole("button").click();
  await first(["Alpha sorted", "zebra sorted"]);
});

test("a role's menu begins a comparison, up to four fit, and one can be taken out", async () => {
  const [one, other] = await two();
  const id = await role("Menu of roles", one);
  const others = [];
  for (const name of ["Beside one", "Beside two", "Beside three"]) others.push(await role(name, other));
  await go("/roles?view=table");
  await page.getByRole("button", { name: "Actions for Menu of roles" }).click();
  await page.getByRole("menuitem", { name: "Compare with..." }).click();
  await page.waitForURL(`**/roles/compare?roles=${id}`);
  await page.getByText("Choose two to four roles").waitFor();
  const field = page.getByRole("combobox", { name: "Add a role" });
  await page.keyboard.press("Tab");
  assert.ok(await field.evaluate((it) => it === document.activeElement), "the field is the first that one comes to");
  for (const name of ["Beside one", "Beside two", "Beside three"]) {
    await page.getByRole("combobox", { name: "Add a role" }).fill(name);
    await page.getByRole("option", { name }).waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: `Remove ${name}` }).waitFor();
  }
  assert.equal(await field.count(), 0, "four are as many as fit");
  await eventually("four columns", async () => (await page.getByRole("columnheader").count()) === 5);
  await page.getByRole("button", { name: "Remove Menu of roles" }).click();
  await page.waitForURL(`**/roles/compare?roles=${others.join("%2C")}`);
  await page.getByText("Nothing differs").waitFor();
  assert.equal((await compared(...others)).filter((it) => it.differs).length, 0);
});

test("what a role inherits stands in the comparison with its source, and a superuser is everything", async () => {
  const [one, other] = await two();
  const parent = await role("Parent role", one);
  const child = (await call(page, "POST", "/roles", { id: "", name: "Child role", grants: { [other.id]: "allowed" }, inherits: [parent] })).body.role.id;
  const { items } = await get("/roles");
  const everything = items.map((it) => it.role).find((it) => it.superuser);
  await go(`/roles/compare?roles=${child},${everything.id}&all=1`);
  const row = rows().filter({ has: page.getByRole("rowheader", { name: new RegExp(`^${one.label.split(": ")[1]}`) }) }).filter({ hasText: "From Parent role" });
  assert.match(plain(await row.first().innerText()), /Allowed From Parent role \(Allowed\) Everything$/);
  // What is not there is passed over, and said.
  await go(`/roles/compare?roles=${child},nothing,${parent}`);
  await page.getByText("The address names roles that are not shown", { exact: false }).waitFor();
  await eventually("two columns", async () => (await page.getByRole("columnheader").count()) === 3);
});

test("a role that is called as a page is still has its editor and its versions", async () => {
  for (const name of ["New", "Compare"]) {
    await call(page, "POST", "/roles", { id: name.toLowerCase(), name, grants: {} });
    await go("/roles?view=table");
    await page.getByRole("row").filter({ has: page.getByText(name, { exact: true }) }).getByRole("link", { name, exact: true }).click();
    await heading(name).waitFor();
    await page.getByRole("navigation", { name: "Role" }).getByRole("link", { name: "Versions" }).click();
    await page.getByText("Created").waitFor();
    await page.reload();
    await heading(name).waitFor();
  }
});

test("who may not see the past is offered no versions", async () => {
  const grants = { "roles.view": "allowed", "roles.manage": "allowed" };
  const id = (await call(page, "POST", "/roles", { id: "", name: "Only roles", audience: "admin", grants })).body.role.id;
  const { link, user } = (await call(page, "POST", "/users", { email: "paul@example.com" })).body;
  const accepted = await fetch(`${server.url}/api/v1/tenants/default/invitations/accept`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token: decodeURIComponent(link.split("#token=")[1]), password: ADA.password }),
  });
  assert.equal(accepted.status, 200, await accepted.text());
  await call(page, "POST", "/assignments", { principal: { user }, role: id, scope: "/" });
  const theirs = await (await browser.newContext()).newPage();
  await theirs.goto(`${server.url}/sign-in`);
  await theirs.getByLabel("Email").fill("paul@example.com");
  await theirs.getByRole("textbox", { name: /^Password/ }).fill(ADA.password);
  await theirs.getByRole("button", { name: "Sign in" }).click();
  await theirs.getByRole("navigation", { name: "Sections" }).waitFor();
  await theirs.goto(`${server.url}/roles/${id}`);
  await theirs.getByRole("heading", { level: 1, name: "Only roles" }).waitFor();
  assert.equal(await theirs.getByRole("link", { name: "Versions" }).count(), 0);
  await theirs.goto(`${server.url}/roles/${id}/versions`);
  await theirs.getByText("You need “Audit log: View” to see this. Ask an administrator.").waitFor();
  await theirs.context().close();
});

for (const [name, path] of [
  ["the versions of a role", async (id) => `/roles/${id}/versions`],
  ["a version", async (id) => `/roles/${id}/versions/${(await get(`/roles/${id}/versions`)).items.at(-1).at.revision}`],
  ["a version that is not there", async (id) => `/roles/${id}/versions/999999`],
  ["versions of what never was", () => "/roles/never_was/versions"],
  ["roles side by side", async (id, other) => `/roles/compare?roles=${id},${other}&all=1`],
  ["a comparison that begins", () => "/roles/compare"],
  ["the table of roles", () => "/roles?view=table"],
]) {
  test(`axe finds nothing wrong with ${name}, in both themes, it comes again when reloaded, and nothing is cut off at 320 px`, async () => {
    const { items } = await get("/roles");
    const [one, other] = items.map((it) => it.role).filter((it) => !it.superuser && Object.keys(it.grants).length > 2);
    await go(await path(one.id, other.id));
    await page.getByRole("heading").first().waitFor();
    await page.reload();
    await page.getByRole("heading").first().waitFor();
    await page.waitForLoadState("networkidle");
    await page.waitForFunction(() => !document.querySelector("main [aria-busy=true]"));
    assert.deepEqual(await axe(page), []);
    await page.setViewportSize({ width: 320, height: 720 });
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    const box = await page.evaluate(() => [...document.querySelectorAll(".table-box")].map((it) => it.scrollWidth - it.clientWidth));
    await page.setViewportSize({ width: 1440, height: 900 });
    assert.deepEqual([over, ...box.filter((it) => it > 0)], [0]);
  });
}

test("the console says nothing but what the server refused", () => {
  assert.deepEqual(said().filter((line) => !/404|409|412|422/.test(line)), []);
});
