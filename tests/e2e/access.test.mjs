// The access explorer, in a real browser with the real server.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axe, call, eventually, setUp, startBrowser, startServer, watch } from "./rolewright.mjs";

const ADA = { email: "ada@example.com", password: "a long walk by the river" };
const PASSWORD = "the heron stands in shallow water";

let browser, manager, marketing;
const servers = [];

/** A server with a template, and its superuser's page. */
async function begin(template) {
  const server = await startServer({ args: ["--template", template, "--demo"] });
  servers.push(server);
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  const said = watch(page);
  await setUp(page, server, ADA);
  return { server, page, said, go: (path) => page.goto(server.url + path) };
}

/** Somebody new, and who they are. */
async function invite(page, first, last) {
  const email = `${first}.${last}@example.com`.toLowerCase();
  const made = (await call(page, "POST", "/users", { email, first_name: first, last_name: last })).body;
  return { id: made.user, name: `${first} ${last}`, email, token: new URL(made.link).hash.slice("#token=".length) };
}

/** Somebody new who has accepted, and holds roles at places. */
async function person({ page, server }, first, last, held = []) {
  const who = await invite(page, first, last);
  const answer = await fetch(`${server.url}/api/v1/tenants/default/invitations/accept`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token: decodeURIComponent(who.token), password: PASSWORD }),
  });
  assert.equal(answer.status, 200, await answer.text());
  for (const [role, scope] of held) await call(page, "POST", "/assignments", { principal: { user: who.id }, role, scope });
  return who;
}

const query = (of) => `/access?${new URLSearchParams(of)}`;
const verdict = (page, word) => page.locator(".answer__verdict").getByText(word, { exact: true }).waitFor();

before(async () => {
  browser = await startBrowser();
  manager = await begin("enterprise-manager");
  marketing = await begin("email-marketing");
});

after(async () => {
  await browser?.close();
  for (const server of servers) await server.stop();
});

test("S4-44: a refusal shows where it stops, permission in a role, role on a package, package on the person, and the smallest fix makes it a yes", async () => {
  const { page, go } = marketing;
  const who = await person(marketing, "Rosa", "Field");
  // Something that a package would bring.
  const { roles, packages } = (await call(page, "GET", "/policy")).body.policy;
  const carried = new Set(packages.flatMap((it) => it.roles.map((link) => link.role ?? link)));
  const grants = roles.filter((it) => carried.has(it.id) && !it.superuser).flatMap((it) => Object.keys(it.grants));
  let permission;
  for (const id of grants) {
    const told = (await call(page, "POST", "/explain", { subject: who.id, permission: id })).body;
    if (told.diagnosis?.cause === "package_not_on_user" && told.fixes?.length) permission ??= id;
  }
  assert.ok(permission, "a package brings something");
  await go(query({ subject: who.id, permission }));
  await verdict(page, "No");
  const stops = page.locator(".stop");
  assert.deepEqual(await stops.locator(".stop__words > :first-child").allTextContents(), ["A role grants the permission", "A package carries that role", "Rosa Field is on that package"]);
  assert.deepEqual(await stops.locator(".stop__word").allTextContents(), ["Yes", "Yes", "No, here it stops"]);
  await page.getByText(/A package carries a role that gives it, and Rosa Field is not on that package/).waitFor();

  const told = (await call(page, "POST", "/explain", { subject: who.id, permission })).body;
  const cards = page.locator(".fix");
  assert.equal(await cards.count(), told.fixes.length);
  const ranks = told.fixes.map((fix) => [fix.others, fix.steps.length, Number(fix.superuser), fix.gains]);
  const inOrder = ranks.toSorted((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2] || a[3] - b[3]);
  assert.deepEqual(ranks, inOrder, "the fewest others first, then the smallest, what makes a superuser last of those, then what gives the least");
  await cards.first().getByText(`It gives ${told.fixes[0].gains} permission`, { exact: false }).waitFor();
  await cards.first().getByText("Nobody else gains it.").waitFor();
  await cards.first().getByRole("button", { name: /Review and do it/ }).click();
  const dialog = page.getByRole("alertdialog");
  await dialog.getByText(/ gains .+: .+\.$/).waitFor();
  assert.equal((await call(page, "POST", "/check", { subject: who.id, permission })).body.allowed, false, "nothing is done yet");
  await dialog.getByLabel("Reason").fill("Rosa asked for it");
  await dialog.getByRole("button", { name: /^(Give|Put|Add|Set)/ }).click();
  await page.getByRole("status").getByText(/^Done: /).first().waitFor();
  await verdict(page, "Yes");
  assert.equal((await call(page, "POST", "/check", { subject: who.id, permission })).body.allowed, true);
  assert.equal((await call(page, "GET", "/audit?limit=1")).body.items[0].reason, "Rosa asked for it");
  await page.locator(".chain--deciding").getByText("Rosa Field").waitFor();
});

test("S1-29: who holds something twice sees both ways, and taking one away leaves the other", async () => {
  const { page, go } = manager;
  const who = await person(manager, "Otto", "Lind", [["operator", "servers/prod"]]);
  const group = (await call(page, "POST", "/groups", { name: "Night watch" })).body.id;
  await call(page, "POST", `/groups/${group}/members`, { user: who.id });
  await call(page, "POST", "/assignments", { principal: { group }, role: "operator", scope: "servers/prod" });
  await go(query({ subject: who.id, permission: "tasks.run", place: "servers/prod/tasks/nightly" }));
  await verdict(page, "Yes");
  await page.getByText("2 things give it: taking one away leaves the others.").waitFor();
  const chains = page.locator(".chain");
  assert.deepEqual(await chains.locator(".chain__word").allTextContents(), ["Decides", "Gives as much"]);
  // In words and in order, as a screen reader hears it.
  const read = (await chains.filter({ hasText: "Night watch" }).innerText()).replace(/\s+/g, " ");
  assert.match(read, /Person Otto Lind is in Group Night watch which holds Role Operator at Server prod which grants Permission .*Run/);
  const own = (await call(page, "GET", `/users/${who.id}`)).body.roles.find((it) => it.via.kind === "direct");
  const id = own.via.assignment;
  const { etag } = await call(page, "GET", `/assignments/${id}`);
  await call(page, "DELETE", `/assignments/${id}`, undefined, etag);
  // S4-45: what is saved counts at once, and the page that is open says so by itself.
  await eventually("one way is left", async () => (await chains.count()) === 1);
  await verdict(page, "Yes");
});

test("what is held and does not count stands there dashed, with its reason", async () => {
  const { page, go } = manager;
  const who = await person(manager, "Iris", "Moll", [["operator", "servers/dev"]]);
  await go(query({ subject: who.id, permission: "tasks.run", place: "servers/prod" }));
  await verdict(page, "No");
  const idle = page.locator(".chain--idle");
  await idle.getByText("Does not count: it is held at another place").waitFor();
  assert.equal(await idle.locator(".chain__box").first().evaluate((box) => getComputedStyle(box).borderTopStyle), "dashed");
});

test("S3-9: what the explorer answers is what a check answers", async () => {
  const { page, go } = manager;
  const who = await person(manager, "Nora", "Berg", [["operator", "servers/prod"]]);
  for (const permission of ["tasks.run", "tasks.design"]) {
    for (const place of ["servers/prod", "servers/dev"]) {
      await go(query({ subject: who.id, permission, place }));
      const { allowed } = (await call(page, "POST", "/check", { subject: who.id, permission, resource: place })).body;
      await verdict(page, allowed ? "Yes" : "No");
      await page.getByText(`Nora Berg may${allowed ? "" : " not"} do`, { exact: false }).first().waitFor();
    }
  }
});

test("an operation's needs are a checklist, each with why, and its fix meets all of them", async () => {
  const { page, go } = manager;
  const who = await person(manager, "Emil", "Rand");
  await go(query({ subject: who.id, operation: "tasks.run" }));
  await page.getByText("Who, and what?").waitFor();
  for (const [name, id] of [["Server", "prod"], ["Task", "nightly"]]) {
    await page.getByRole("combobox", { name, exact: true }).fill(id);
    await page.keyboard.press("Enter");
  }
  await verdict(page, "No");
  await page.locator(".leg").first().getByText("Missing").waitFor();
  await page.locator(".leg summary").first().click();
  await page.locator(".leg__why").first().getByText("Where it stops").waitFor();
  await page.getByRole("button", { name: /Review and do it/ }).first().click();
  await page.getByRole("alertdialog").getByText(/ gains .+: .+\.$/).waitFor();
  await page.getByRole("alertdialog").getByRole("button", { name: /^(Give|Put|Add|Set)/ }).click();
  await verdict(page, "Yes");
  await page.locator(".leg").first().getByText("Held").waitFor();
});

test("S0-29: a fix by a wide role says how much it gives, and offers a narrow one", async () => {
  const { page, go } = manager;
  const who = await person(manager, "Vera", "Holm");
  await go(query({ subject: who.id, permission: "servers.manage", place: "servers/prod" }));
  await verdict(page, "No");
  const wide = page.locator(".fix").filter({ hasText: /It gives \d+ permissions.*much more than was asked for/s }).first();
  await wide.getByRole("link", { name: "Create a narrow role instead" }).click();
  await page.waitForURL("**/roles/new");
});

test("a fix by a package says how much it gives, and one by a superuser role that it gives everything", async () => {
  const { page, go } = marketing;
  const who = await person(marketing, "Wanda", "Wide");
  const { roles, packages } = (await call(page, "GET", "/policy")).body.policy;
  const everything = new Set(roles.filter((it) => it.superuser).map((it) => it.id));
  const seen = { package: false, superuser: false };
  // What makes a superuser comes after what gives less, and so it is proposed where no role that is there gives it.
  const permissions = [...new Set(["users.manage", ...roles.flatMap((it) => Object.keys(it.grants))])];
  for (const permission of permissions) {
    const { fixes = [] } = (await call(page, "POST", "/explain", { subject: who.id, permission })).body;
    const byPackage = fixes.findIndex(({ steps }) => steps.some((it) => it.set_package ?? it.step === "set_package"));
    const bySuperuser = fixes.findIndex(({ steps }) => steps.some((it) => everything.has(it.role)));
    if (!(byPackage >= 0 && !seen.package) && !(bySuperuser >= 0 && !seen.superuser)) continue;
    await go(query({ subject: who.id, permission }));
    await verdict(page, "No");
    const cards = page.locator(".fix");
    assert.equal(await cards.count(), fixes.length);
    const notes = await cards.allInnerTexts();
    seen.package ||= /It gives \d+ permissions?\./.test(notes[byPackage] ?? "");
    seen.superuser ||= /It gives everything, also what is added tomorrow\./.test(notes[bySuperuser] ?? "");
    if (seen.package && seen.superuser) break;
  }
  assert.ok(packages.length > 0 && seen.package, "a package says how much it gives");
  assert.ok(seen.superuser, "a superuser role is said to be one");
});

test("the sentence is filled in by keyboard alone, and every part of it is in the address", async () => {
  const { page, go } = manager;
  const who = await person(manager, "Zelda", "Quist", [["operator", "servers/prod"]]);
  await go("/access");
  await page.getByRole("combobox", { name: "Person" }).focus();
  await page.keyboard.type("zelda");
  await page.getByRole("option", { name: /Zelda Quist/ }).waitFor();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.labels[0].textContent), "Permission or operation");
  await page.keyboard.type("tasks.run");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await page.keyboard.type("servers/prod/tasks/daily");
  await page.getByRole("option", { name: /Task daily/ }).waitFor();
  await page.keyboard.press("Enter");
  await verdict(page, "Yes");
  const address = new URL(page.url()).searchParams;
  assert.deepEqual([address.get("subject"), address.get("permission"), address.get("place")], [who.id, "tasks.run", "servers/prod/tasks/daily"]);
  await page.reload();
  await verdict(page, "Yes");
  // What somebody is called is asked for beside the answer.
  const chosen = page.getByRole("combobox", { name: "Person" });
  await eventually("the name", async () => (await chosen.inputValue()) === "Zelda Quist");
  // The tabs go on with what was asked.
  await page.getByRole("tab", { name: "May they?" }).focus();
  await page.keyboard.press("ArrowRight");
  await page.getByText(/people may do this|person may do this/).waitFor();
  await page.keyboard.press("ArrowRight");
  await page.getByText(/^\d+ permissions?$/).first().waitFor();
  assert.equal(new URL(page.url()).searchParams.get("subject"), who.id);
});

test("S4-42: who can is complete and paged by the server, and each leads to why", async () => {
  const { page, go } = marketing;
  const { packages, catalogue } = (await call(page, "GET", "/policy")).body.policy;
  assert.ok(packages.length > 0);
  const permission = catalogue.modules.flatMap((it) => it.permissions ?? []).map((it) => it.id)[0];
  const { total, items } = (await call(page, "GET", `/permissions/${permission}/holders`)).body;
  await go(query({ tab: "who", permission }));
  await page.getByText(`${total.toLocaleString("en-US")} ${total === 1 ? "person" : "people"} may do this`).waitFor();
  assert.equal(await page.locator("tbody tr:not(.side-by-side__module)").count(), items.length);
  if (total > items.length) {
    await page.getByRole("button", { name: "Next" }).click();
    await eventually("the next page", async () => !(await page.locator("tbody").innerText()).includes(items[0].name));
    assert.match(page.url(), /cursor=/);
    await page.getByRole("button", { name: "First page" }).click();
  }
  await page.getByRole("link", { name: `Why may ${items[0].name} do this` }).first().click();
  await verdict(page, "Yes");
});

test("where the last of a later page may do it no more the first page is shown, and not that nobody may", async () => {
  const { page, go } = manager;
  const last = await person(manager, "Zzyzx", "Zoe", [["operator", "/"]]);
  const holders = "/permissions/tasks.run/holders";
  const { total, items } = (await call(page, "GET", holders)).body;
  const { next } = (await call(page, "GET", `${holders}?limit=${total - 1}`)).body;
  await go(query({ tab: "who", permission: "tasks.run", cursor: next }));
  const people = page.getByRole("table", { name: "Who may do this" }).locator("tbody tr");
  await people.filter({ hasText: last.name }).waitFor();
  assert.equal(await people.count(), 1);
  await call(page, "PUT", `/users/${last.id}/status`, { status: "disabled" }, (await call(page, "GET", `/users/${last.id}`)).etag);
  await people.filter({ hasText: items[0].name }).first().waitFor();
  assert.equal(await page.getByText("Nobody may do this").count(), 0);
  assert.doesNotMatch(page.url(), /cursor=/);
});

test("what somebody can, and what two people can, agree with the server's lists", async () => {
  const { page, go } = manager;
  const one = await person(manager, "Hugo", "Stone", [["operator", "servers/prod"]]);
  const two = await person(manager, "Lena", "Frost", [["viewer", "servers/prod"]]);
  const held = (await call(page, "GET", `/users/${one.id}/permissions?resource=servers/prod`)).body.items;
  await go(query({ tab: "what", subject: one.id, place: "servers/prod" }));
  await page.getByText(`${held.length} permission`, { exact: false }).first().waitFor();
  assert.equal(await page.locator(".effective__row").count(), held.length);
  const rows = (await call(page, "GET", `/compare?users=${one.id},${two.id}&resource=servers/prod`)).body.rows;
  await go(query({ tab: "compare", subject: one.id, with: two.id, place: "servers/prod" }));
  const differing = rows.filter((it) => it.differs || it.may_differ).length;
  await page.getByText(`${differing} permission${differing === 1 ? " differs" : "s differ"}`).waitFor();
  assert.equal(await page.locator("tbody tr:not(.side-by-side__module)").count(), differing);
  await page.getByText("Also what is the same").click();
  await eventually("all", async () => (await page.locator("tbody tr:not(.side-by-side__module)").count()) === rows.length);
});

test("who may not ask why sees no explorer, and is told what is missing", async () => {
  const { server, page } = manager;
  const grants = { "users.view": "allowed", "roles.view": "allowed" };
  const role = (await call(page, "POST", "/roles", { id: "", name: "Onlooker", grants })).body.role.id;
  const who = await person(manager, "Paul", "Ring", [[role, "/"]]);
  const theirs = await (await browser.newContext()).newPage();
  await theirs.goto(`${server.url}/sign-in`);
  await theirs.getByLabel("Email").fill(who.email);
  await theirs.getByRole("textbox", { name: /^Password/ }).fill(PASSWORD);
  await theirs.getByRole("button", { name: "Sign in" }).click();
  await theirs.getByRole("link", { name: "Users" }).first().waitFor();
  assert.equal(await theirs.getByRole("link", { name: "Access explorer" }).count(), 0);
  await theirs.goto(`${server.url}/access`);
  await theirs.getByText("You need “Access explorer: Explain” to see this. Ask an administrator.").waitFor();
  await theirs.goto(`${server.url}/audit`);
  await theirs.getByText("You need “Audit log: View” to see this. Ask an administrator.").waitFor();
  await theirs.context().close();
});

for (const [name, address] of [
  ["nothing asked yet", () => "/access"],
  ["a refusal with its fixes", async () => query({ subject: (await person(manager, "Axel", "One")).id, permission: "tasks.design", place: "servers/prod" })],
  ["a yes with its ways", async () => query({ subject: (await person(manager, "Axel", "Two", [["operator", "servers/prod"], ["operator", "servers/dev"]])).id, permission: "tasks.run", place: "servers/prod" })],
  ["an operation", async () => query({ subject: (await person(manager, "Axel", "Three")).id, operation: "tasks.run", "in.server": "prod", "in.task": "nightly" })],
  ["who can", () => query({ tab: "who", permission: "tasks.run", place: "servers/prod" })],
  ["what can they", async () => query({ tab: "what", subject: (await person(manager, "Axel", "Four", [["operator", "/"]])).id })],
  ["two people", async () => query({ tab: "compare", subject: (await person(manager, "Axel", "Five", [["operator", "/"]])).id, with: (await person(manager, "Axel", "Six")).id })],
]) {
  test(`axe finds nothing wrong with the explorer, ${name}, in both themes, it is the same when reloaded, and nothing is cut off at 320 px`, async () => {
    const { page, go } = manager;
    const path = await address();
    const answer = await go(path);
    assert.match(answer.headers()["content-type"], /^text\/html/);
    await page.getByRole("heading", { name: "Access explorer" }).waitFor();
    await page.waitForLoadState("networkidle");
    await page.waitForFunction(() => !document.querySelector("[aria-busy=true]"));
    const text = () => page.locator("main").innerText();
    const shown = await text();
    await page.reload();
    await page.getByRole("heading", { name: "Access explorer" }).waitFor();
    await eventually("the same", async () => (await text()) === shown);
    assert.deepEqual(await axe(page), []);
    await page.setViewportSize({ width: 320, height: 720 });
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    await page.setViewportSize({ width: 1440, height: 900 });
    assert.equal(over, 0);
  });
}

test("the console says nothing but what the server refused", () => {
  for (const { said } of [manager, marketing]) assert.deepEqual(said().filter((line) => !/404|409|412|422/.test(line)), []);
});
