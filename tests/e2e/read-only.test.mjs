// Who may see everything and change nothing: by their rights, and by viewing as somebody else. In a real browser with the real server.

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { accepted, begin, call, eventually, signedIn } from "./rolewright.mjs";

const PASSWORD = "a long walk by the river";
const ADA = { email: "ada@example.com", password: PASSWORD };
const VIEWS = ["users", "roles", "groups", "packages", "audit", "api_keys", "settings"].map((it) => `${it}.view`);

let app, page, reader, sam, paths;

before(async () => {
  app = await begin("mailer", ADA);
  page = app.page;
  const grants = Object.fromEntries([...VIEWS, "access.explain", "access.check"].map((it) => [it, "allowed"]));
  await call(page, "POST", "/roles", { id: "reader", name: "Reader", grants });
  const ana = await accepted(page, app.server, { email: "ana@example.com", first_name: "Ana", password: PASSWORD, roles: ["reader"] });
  sam = await accepted(page, app.server, { email: "sam@example.com", first_name: "Sam", password: PASSWORD, roles: ["superuser"] });
  await call(page, "POST", "/packages", { id: "gold", name: "Gold", roles: [] });
  await call(page, "POST", "/keys", { name: "Edge", permissions: ["passes.issue"] });
  const roles = (await app.get("/roles")).items.filter(({ role }) => !role.base && !role.superuser);
  const most = roles.reduce((one, other) => (other.assigned.users > one.assigned.users ? other : one)).role.id;
  const group = (await app.get("/groups")).items.find(({ roles }) => roles.length).group.id;
  const { revision } = (await app.get("/audit?kind=role&limit=1")).items[0].at;
  const why = `/access?subject=${(await app.get("/users?status=active&limit=1&sort=-name")).items[0].id}&permission=roles.manage`;
  paths = [
    "/", "/users", "/import", "/import?of=assignments", "/review",
    "/permissions", `/permissions/${most}`, `/permissions/${most}?of=groups`, `/permissions/${most}?of=everyone`,
    `/users/${ana}`, `/users/${sam}`, `/users/${sam}?tab=permissions`, `/users/${sam}?tab=history`, "/users?invite=1",
    "/groups", `/groups/${group}`, `/groups/${group}?tab=roles`, `/groups/${group}?tab=history`, `/groups/${group}?edit=1`,
    "/roles", "/roles?view=table", "/roles/reader", "/roles/new", "/roles/reader/versions", `/roles/reader/versions/${revision}`,
    "/roles/compare?roles=admin,reader", "/packages", "/packages/gold", "/packages/gold?tab=people", "/packages/gold?tab=history",
    "/resources", "/resources?tab=operations", "/matrix",
    "/settings", "/settings?tab=entitlements", "/settings?tab=keys", "/settings?tab=policy",
    "/audit", `/audit/${revision}`, "/access", why, "/access?tab=who&permission=roles.view", `/access?tab=what&subject=${ana}`,
    `/access?tab=compare&subject=${ana}&with=${sam}`,
  ];
  reader = await signedIn(app.browser, app.server, { email: "ana@example.com", password: PASSWORD });
});

after(() => app?.stop());

afterEach(() => call(page, "DELETE", "/session/view").catch(() => undefined));

/** What may be pressed or typed into though nothing can be changed: it looks, looks for, or leads somewhere. */
const HARMLESS = [
  /^Search/, /^Show (all|\d+ more)/, /^Choose /, /^(Actions|More actions) for /, /^\+\d+/, /^Show entries/, /^Page of \d+/, /^Open /, /^All roles: choose roles$/,
  /^(Previous|Next|Clear|Print|Download CSV|Export policy|Export|Try again|Compare)$/, /^Clear /, /^Add a role$/, /^Remove (Admin|Reader)$/,
  /^(Privileged only|Not seen for 90 days|Differences only|Also what is the same)$/, /^(Kind|Role|Package|From|To|Rows)$/,
  // Whom a fix or an undoing reaches is looked at; the dialog does not make it.
  /^(Review and do it|Undo this)/,
  /^(Person|The other person|Permission|Permission or operation|Made by|About)$/,
];

/** What else can be pressed on a page, once everything that folds is open; and what the server refused meanwhile. */
async function pressable(of, path) {
  const [asked, refused] = [new Set(), []];
  const ask = (request) => asked.add(request);
  // What the menu of the page before asked may be answered only now.
  const told = (answer) => asked.has(answer.request()) && answer.status() >= 400 && refused.push(`${answer.status()} ${answer.request().method()} ${new URL(answer.url()).pathname}`);
  of.on("request", ask);
  of.on("response", told);
  await of.goto(app.server.url + path);
  await of.locator("main h1, main h2").first().waitFor();
  await of.waitForLoadState("networkidle");
  const found = await of.evaluate(() => {
    document.querySelectorAll("main details").forEach((it) => (it.open = true));
    const name = (it) => (it.getAttribute("aria-label") || it.labels?.[0]?.innerText || it.innerText || it.type).trim().replace(/\s+/g, " ");
    const leads = (it) => it.closest("th, [role=tablist], summary, .segmented:not(.segmented--fixed)") || it.hasAttribute("aria-expanded");
    const isOn = (it) => it.checkVisibility() && !it.disabled && !it.readOnly && it.getAttribute("aria-disabled") !== "true";
    const only = (it) => it.type === "radio" && it.checked;
    return [...document.querySelectorAll(":is(main, dialog[open]) :is(button, input, select, textarea)")]
      .filter((it) => isOn(it) && !leads(it) && !only(it))
      .map(name);
  });
  of.off("request", ask);
  of.off("response", told);
  return { found: found.filter((name) => !HARMLESS.some((it) => it.test(name))), refused };
}

/** What can be picked in the menus of a page. */
async function pickable(of) {
  const found = [];
  const menus = of.locator("main").getByRole("button", { name: /^(Actions|More actions) for / });
  for (let at = 0; at < Math.min(await menus.count(), 2); at += 1) {
    await menus.nth(at).click();
    const items = of.getByRole("menuitem");
    await items.first().waitFor();
    for (const item of await items.all()) {
      if ((await item.getAttribute("aria-disabled")) !== "true") found.push((await item.innerText()).split("\n")[0]);
    }
    await of.keyboard.press("Escape");
  }
  return found.filter((name) => !/^(Edit roles|Open|View|Who has it|Assigned to|What it grants|Versions|Compare|See)/.test(name));
}

async function changesNothing(of) {
  for (const path of paths) {
    const { found, refused } = await pressable(of, path);
    assert.deepEqual([path, found, refused], [path, [], []]);
    assert.deepEqual([path, await pickable(of)], [path, []]);
  }
}

/** People chosen in the table: every edit of them is refused, with why. */
async function choosesInVain(of, why) {
  await of.goto(`${app.server.url}/users`);
  await of.getByRole("checkbox", { name: "Choose all on this page" }).check();
  const bar = of.getByRole("group", { name: "Chosen" });
  for (const name of ["Edit roles", "Set package", "Disable", "Activate", "Send invitations"]) {
    const button = bar.getByRole("button", { name });
    assert.equal(await button.getAttribute("aria-disabled"), "true", name);
    assert.match(await of.locator(`#${await button.getAttribute("aria-describedby")}`).textContent(), why, name);
    await button.click({ force: true });
  }
  assert.equal(await of.getByRole("dialog").count(), 0);
}

/** The access review: who holds what is seen, and nothing is decided. */
async function reviewsInVain(of, why) {
  await of.goto(`${app.server.url}/review`);
  const row = of.locator("tr[data-id]").first();
  await row.waitFor();
  for (const name of [/^Keep/, /^Revoke/]) {
    const button = row.getByRole("button", { name });
    assert.equal(await button.getAttribute("aria-disabled"), "true");
    assert.match(await of.locator(`#${await button.getAttribute("aria-describedby")}`).textContent(), why);
    await button.focus();
    for (const key of ["k", "r"]) await of.keyboard.press(key);
  }
  assert.equal(await of.locator("button[aria-pressed=true]").count(), 0);
  // It is said once, not in every row.
  assert.equal(await of.locator(".review__refused").count(), 0);
}

/** What undoes a change and what would allow something, each as far as it comes. */
const steps = (of) => [
  [`/audit/${paths.find((it) => /^\/audit\/\d/.test(it)).split("/")[2]}`, of.getByRole("button", { name: "Undo this" }), "Undo change"],
  [paths.find((it) => /^\/access\?subject/.test(it)), of.getByRole("button", { name: /^Review and do it/ }).first(), /./],
];

test("who may only see is told by the dialog why a change is not undone, nor a fix made", async () => {
  for (const [path, opens, verb] of steps(reader)) {
    await reader.goto(app.server.url + path);
    await opens.click();
    const dialog = reader.getByRole("alertdialog");
    const makes = dialog.locator(".dialog__foot").getByRole("button", { name: verb }).last();
    await eventually("it is refused", async () => (await makes.getAttribute("aria-disabled")) === "true");
    assert.match(await dialog.getByRole("status").innerText(), /you need /);
    await reader.keyboard.press("Escape");
  }
});

test("who may only see opens every page, can press nothing that changes something, and is refused nothing", async () => {
  await changesNothing(reader);
  await choosesInVain(reader, /you need “(Users|Packages): /);
  await reviewsInVain(reader, /you need “Users: Assign roles”/);
});

test("as who may do everything nothing can be changed either while viewing, on no page and in no menu", async () => {
  await call(page, "PUT", "/session/view?reason=a%20look%20around", { user: sam });
  const why = /You are viewing as somebody else/;
  await changesNothing(page);
  await choosesInVain(page, why);
  await reviewsInVain(page, why);
  for (const [path, opens] of steps(page)) {
    await app.go(path);
    await opens.waitFor();
    assert.equal(await opens.getAttribute("aria-disabled"), "true", path);
  }
});

test("what was decided in the access review is there again once viewing ends", async () => {
  await app.go("/review");
  const keep = page.getByRole("button", { name: /^Keep/ }).first();
  await keep.click();
  const bar = page.getByRole("region", { name: "Decisions" });
  await bar.getByText("0 to revoke, 1 kept.").waitFor();
  await call(page, "PUT", "/session/view?reason=a%20look%20around", { user: sam });
  await bar.waitFor({ state: "detached" });
  await call(page, "DELETE", "/session/view");
  await bar.getByText("0 to revoke, 1 kept.").waitFor();
  await eventually("it can be decided again", async () => (await keep.getAttribute("aria-disabled")) === null);
});
