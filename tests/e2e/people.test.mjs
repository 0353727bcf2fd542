// People and what they hold as tables, in a real browser with the real server: written, tried, put in, stopped and gone on with.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { axe, begin, call, eventually } from "./rolewright.mjs";

const ADA = { email: "ada@example.com", password: "a long walk by the river" };

let app, browser, server, page, said, go, get;

before(async () => {
  app = await begin("mailer", ADA, { demo: false });
  ({ browser, server, page, said, go, get } = app);
});

after(() => app?.stop());

const table = (text, name = "people.csv") => ({ name, mimeType: "text/csv", buffer: Buffer.from(text) });
const choose = (text, of = "people") => page.getByLabel(`Table of ${of}`).setInputFiles(table(text));
const rows = () => page.locator(".results__rows tbody tr");

/** What the browser is given when something is clicked. */
async function given(click) {
  const [download] = await Promise.all([page.waitForEvent("download"), click()]);
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), "utf8") };
}

const TABLE = `email,first_name,last_name,status
bo@example.com,Bo,Berg,
cy@example.com,Cy,,active
nobody,N,,
di@example.com,Di,,asleep
`;

test("a table is tried first: how many are added, what is wrong by row and column, and nothing is written", async () => {
  await go("/users");
  await page.getByRole("link", { name: "Import CSV" }).click();
  await page.waitForURL(/\/import$/);
  await choose(TABLE);
  await page.getByText("Nothing is written yet: 2 would be added, 2 refused.").waitFor();
  assert.equal(await rows().count(), 4);
  const widths = await rows().first().locator("td").evaluateAll((cells) => cells.map((cell) => cell.offsetWidth));
  assert.ok(widths[1] > 2 * widths[2] && widths[3] > 2 * widths[2], `the result leaves room for whom it is about: ${widths}`);
  const wrong = page.getByRole("row", { name: /di@example.com/ });
  assert.match(await wrong.innerText(), /^5\s/);
  assert.match(await wrong.innerText(), /status\s+“asleep” is no status: write active, disabled or invited\./);
  await page.getByRole("radio", { name: "Only rows with errors (2)" }).check();
  assert.equal(await rows().count(), 2);
  assert.equal((await get("/users")).total, 1);
  const { name, text } = await given(() => page.getByRole("button", { name: "Download errors" }).click());
  assert.equal(name, "errors.csv");
  assert.match(text, /^row,subject,result,field,what,link\r\n4,nobody,refused,/);
  assert.match(text, /\r\n5,di@example.com,refused,status,/);
});

test("the import says what came of each row, and the same file again changes nothing more", async () => {
  await page.getByLabel("Reason").fill("new office");
  await page.getByRole("button", { name: "Import 2 rows" }).click();
  await page.getByText("2 added, 2 refused.", { exact: true }).waitFor();
  assert.equal((await get("/users")).total, 3);
  assert.equal((await get("/audit?limit=1")).items[0].reason, "new office");
  await page.getByRole("button", { name: "Check again" }).click();
  await page.getByText("Nothing is written yet: 2 would be unchanged, 2 refused.").waitFor();
  assert.equal(await page.getByRole("button", { name: "Import 0 rows" }).getAttribute("aria-disabled"), "true");
});

test("who is new is invited where that is asked, and the links, told once, are kept before one leaves", async () => {
  await go("/import");
  await choose("email\neve@example.com\n");
  await page.getByLabel("Invite those who are new").check();
  await page.getByText("Nothing is written yet: 1 would be added.").waitFor();
  await page.getByRole("button", { name: "Import 1 row" }).click();
  await page.getByText("The links of the invitations are shown only now", { exact: false }).first().waitFor();
  await page.getByRole("link", { name: "All users" }).click();
  const leave = page.getByRole("alertdialog", { name: "Leave without saving?" });
  await leave.getByText("Download the results first", { exact: false }).waitFor();
  await leave.getByRole("button", { name: "Stay on page" }).last().click();
  const { text } = await given(() => page.getByRole("button", { name: "Download results" }).click());
  assert.match(text, /2,eve@example.com,added,.*http:\/\/127\.0\.0\.1:\d+\/invitation#token=/);
  await page.getByRole("link", { name: "All users" }).click();
  await page.waitForURL(/\/users$/);
});

test("a file that is no table is told with its line, and one that is dropped is taken as one that is chosen", async () => {
  await go("/import");
  await choose("email,shoe size\nbo@example.com,42\n");
  await page.getByRole("alert").getByText("there is no column shoe size", { exact: false }).or(page.getByText("There is no column shoe size", { exact: false })).first().waitFor();
  await choose('email,first_name\nbo@example.com,Bo,Berg\n');
  await page.getByText("Which columns it has").waitFor();
  await page.getByRole("link", { name: "people.csv" }).waitFor();
  const told = page.getByText(/the header has 2 columns, and this line has 3: put quotes around cells that hold a comma/);
  await told.waitFor();
  assert.equal(await told.count(), 1, "once");
  assert.match(await told.innerText(), /^Line 2: /);
  assert.equal(await page.getByRole("button", { name: "Try again" }).count(), 0, "the same file would be as wrong again");
  await page.getByLabel("Table of people").setInputFiles({ ...table("", "people.xlsx"), buffer: Buffer.from([0x50, 0x4b, 3, 4, 0xff, 0xfe]) });
  await page.getByText(/spreadsheet's own file, and no CSV/).waitFor();
  await choose("email\n");
  await page.getByText("Nothing is written yet: the table has no rows.").waitFor();
  assert.equal(await rows().count(), 0);
  const dropped = await page.evaluateHandle(() => {
    const data = new DataTransfer();
    data.items.add(new File(["email,last_name\nbo@example.com,Borg\n"], "dropped.csv", { type: "text/csv" }));
    return data;
  });
  await page.locator(".pick").dispatchEvent("drop", { dataTransfer: dropped });
  await page.getByText("Nothing is written yet: 1 would be changed.").waitFor();
  await page.getByText("Last name Berg to Borg").waitFor();
});

test("assignments are put in by their own table, by the keyboard alone", async () => {
  await go("/import");
  const people = page.getByRole("radio", { name: "People" });
  await people.focus();
  await page.keyboard.press("ArrowRight");
  await page.waitForURL(/of=assignments/);
  const { items } = await get("/roles");
  const role = items.find((it) => !it.role.base && !it.role.superuser).role.id;
  const chooser = page.waitForEvent("filechooser");
  await page.getByLabel("Table of assignments").focus();
  await page.keyboard.press("Enter");
  await (await chooser).setFiles(table(`kind,principal,role\nuser,bo@example.com,${role}\n`, "given.csv"));
  await page.getByText("Nothing is written yet: 1 would be added.").waitFor();
  const make = page.getByRole("button", { name: "Import 1 row" });
  await make.focus();
  await page.keyboard.press("Enter");
  await page.getByText("1 added.", { exact: true }).waitFor();
  await page.locator(".toast", { hasText: "Imported" }).getByRole("button", { name: "Undo" }).waitFor();
  const bo = (await get("/users?search=bo@")).items[0];
  assert.ok(bo.roles.includes(role));
  // By names, as people read it.
  const { name } = items.find((it) => it.role.id === role).role;
  await page.locator(".results__about", { hasText: `${bo.name}: ${name}` }).waitFor();
  const everything = items.find((it) => it.role.superuser).role.id;
  await choose(`kind,principal,role\nuser,bo@example.com,${everything}\n`, "assignments");
  await page.getByText("This makes superusers.").waitFor();
  await page.getByText(/Bo .*becomes a superuser/).first().waitFor();
  assert.match(await make.getAttribute("class"), /button--danger/);
});

test("an import shows how far it is, is stopped, and goes on where it stopped", async () => {
  const many = 6000;
  const lines = Array.from({ length: many }, (_, n) => `p${n}@many.example,P${n}`);
  await go("/import");
  await choose(`email,first_name\n${lines.join("\n")}\n`);
  await page.getByText("Nothing is written yet: 6,000 would be added.").waitFor({ timeout: 120_000 });
  assert.equal(await rows().count(), 100);
  await page.getByRole("button", { name: "Next" }).click();
  await page.getByText("101 to 200 of 6,000 rows").waitFor();
  await page.getByRole("button", { name: "Import 6,000 rows" }).click();
  await page.getByText(/^Imported [1-9][\d,]* of 6,000 rows\.$/).waitFor({ timeout: 120_000 });
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByText("You stopped it.", { exact: false }).waitFor();
  await eventually("the server stops too", async () => {
    const one = (await get("/users?search=many.example")).total;
    await new Promise((resolve) => setTimeout(resolve, 1500));
    return one > 0 && one < many && one === (await get("/users?search=many.example")).total;
  }, 60);
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByText(/^[\d,]+ added, [\d,]+ unchanged\.$/).waitFor({ timeout: 180_000 });
  assert.equal((await get("/users?search=many.example")).total, many);
});

test("what the filters leave is written as a table", async () => {
  await go("/users?search=example.com&status=active");
  await page.getByRole("link", { name: "cy@example.com", exact: false }).or(page.getByText("cy@example.com")).first().waitFor();
  const { name, text } = await given(() => page.getByRole("link", { name: "Export CSV" }).click());
  assert.equal(name, "people.csv");
  assert.match(text, /^id,email,/);
  assert.deepEqual(text.trim().split(/\r?\n/).slice(1).map((row) => row.split(",")[1]), ["ada@example.com", "cy@example.com"]);
});

test("chosen people are sent invitations, and again only where that is asked", async () => {
  await go("/users?search=eve@");
  await page.getByRole("checkbox", { name: "Choose eve@example.com" }).check();
  await page.getByRole("button", { name: "Send invitations" }).click();
  const dialog = page.getByRole("dialog", { name: "Send invitations to eve@example.com" });
  await dialog.getByText("1 user keeps the link of the last 10 minutes.").waitFor();
  await dialog.getByLabel("Also where a link was made within the last 10 minutes").check();
  await dialog.getByText("1 link would be made.").waitFor();
  await dialog.getByRole("button", { name: "Send invitations" }).click();
  await dialog.getByText("Each works once, and is shown only now.", { exact: false }).waitFor();
  const { text } = await given(() => dialog.getByRole("button", { name: "Download results" }).click());
  assert.match(text, /invitation#token=/);
});

const chosen = () => page.getByRole("group", { name: "Chosen" });
const dialog = (name) => page.getByRole("dialog", { name });

async function tick(...names) {
  await go("/users?search=team.example");
  for (const name of names) await page.getByRole("checkbox", { name: `Choose ${name}`, exact: true }).check();
}

test("an edit of many is taken back from its results", async () => {
  const made = [];
  for (const name of ["Ida", "Jon"]) made.push((await call(page, "POST", "/users", { email: `${name}@team.example`, first_name: name })).body.user);
  const { role } = (await call(page, "POST", "/roles", { id: "", name: "Given to many" })).body;
  const holders = async () => (await get(`/assignments?role=${role.id}`)).items.length;
  await tick("Ida", "Jon");
  await chosen().getByRole("button", { name: "Edit roles" }).click();
  const edit = dialog("Edit roles of 2 users");
  await edit.getByRole("tab", { name: /User/ }).click();
  await edit.getByRole("checkbox", { name: /^Given to many/ }).click();
  await edit.getByRole("button", { name: "Save" }).click();
  await edit.getByText(/2 changed/).first().waitFor();
  assert.equal(await holders(), made.length);
  await edit.getByRole("button", { name: "Undo" }).click();
  await page.locator(".toast", { hasText: /^Undid change \d+\./ }).waitFor();
  await eventually("nobody holds it", async () => (await holders()) === 0);
});

test("what makes superusers of many warns before it is done, and what is ticked or filled in is not lost by a key", async () => {
  const made = {};
  for (const name of ["Gil", "Hal"]) made[name] = (await call(page, "POST", "/users", { email: `${name}@team.example`, first_name: name })).body.user;
  const { role } = (await get("/roles")).items.find((it) => it.role.superuser);
  const from = Date.now() + 86_400_000;
  const { role: timed } = (await get("/roles")).items.find((it) => !it.role.superuser && !it.role.base);
  await call(page, "POST", "/assignments", { principal: { user: made.Gil }, role: timed.id, scope: "/", from });
  await tick("Gil", "Hal");
  await chosen().getByRole("button", { name: "Edit roles" }).click();
  const edit = dialog("Edit roles of 2 users");
  const save = edit.getByRole("button", { name: "Save" });
  await edit.getByRole("tab", { name: role.audience === "admin" ? /Admin/ : /User/ }).click();
  await edit.getByRole("checkbox", { name: new RegExp(`^${role.name}`) }).click();
  await edit.getByText("This makes superusers.").waitFor();
  await edit.getByText(/(Gil, Hal|Hal, Gil) become superusers/).waitFor();
  assert.match(await save.getAttribute("class"), /button--danger/);
  await page.keyboard.press("Escape");
  const ask = page.getByRole("alertdialog", { name: "Close without saving?" });
  await ask.getByRole("button", { name: "Keep editing" }).last().click();
  await edit.getByRole("checkbox", { name: new RegExp(`^${role.name}`) }).click();
  await edit.getByText("This makes superusers.").waitFor({ state: "detached" });

  await edit.getByRole("tab", { name: timed.audience === "admin" ? /Admin/ : /User/ }).click();
  const row = edit.getByRole("checkbox", { name: new RegExp(`^${timed.name}`) });
  await edit.getByText("1 scheduled").waitFor();
  // A box is called by its role alone; who holds it how is its description.
  const named = edit.getByRole("checkbox", { name: timed.name, exact: true });
  const note = await named.getAttribute("aria-describedby");
  assert.match(await edit.locator(`[id="${note}"]`).innerText(), /1 scheduled/);
  assert.equal(await row.evaluate((it) => it.indeterminate), true);
  await row.click();
  await edit.getByText(/from now on and for good instead, and not twice/).waitFor();
  await save.click();
  await edit.getByText(/2 changed/).first().waitFor();
  await edit.getByText(/given for good instead of/).waitFor();
  await edit.getByRole("button", { name: "Close" }).last().click();
  const own = (await get(`/assignments?role=${timed.id}&user=${made.Gil}`)).items;
  assert.deepEqual(own.map((it) => it.assignment.from), [undefined], "one, for good");

  // A group that makes superusers makes one of whoever joins it.
  const group = (await call(page, "POST", "/groups", { name: "Keepers" })).body.id;
  await call(page, "POST", "/assignments", { principal: { group }, role: role.id, scope: "/" });
  await go(`/groups/${group}`);
  await page.getByRole("button", { name: "Add members" }).first().click();
  const add = dialog("Add members to Keepers");
  await add.getByRole("combobox").fill("Hal");
  await add.getByRole("option", { name: /Hal/ }).first().click();
  await add.getByText("This makes superusers.").waitFor();
  assert.match(await add.getByRole("button", { name: "Add 1 member" }).getAttribute("class"), /button--danger/);

  await go("/import?of=assignments");
  await choose(`kind,principal,role\nuser,Hal@team.example,${role.id}\n`, "assignments");
  await page.getByText("This makes superusers.").waitFor();
  await page.getByText(/Hal becomes a superuser/).waitFor();
  assert.match(await page.getByRole("button", { name: "Import 1 row" }).getAttribute("class"), /button--danger/);
});

test("an invitation that is wrong leads to the field that is, and asks before it is given up", async () => {
  await go("/users?invite=1");
  const invite = dialog("Invite user");
  const focused = () => page.evaluate(() => document.activeElement.getAttribute("type"));
  await invite.getByRole("button", { name: "Invite user" }).click();
  await eventually("the email has the focus", async () => (await focused()) === "email");
  await invite.getByLabel("Email").fill("nobody");
  await invite.getByRole("button", { name: "Invite user" }).click();
  await invite.locator("[aria-invalid=true]").waitFor();
  await eventually("it has it again", async () => (await focused()) === "email");
  await page.keyboard.press("Escape");
  const ask = page.getByRole("alertdialog", { name: "Close without saving?" });
  await ask.getByText("is not invited yet").waitFor();
  await ask.getByRole("button", { name: "Discard" }).click();
  await invite.waitFor({ state: "detached" });
});

test("by a role or a package that is not there nobody is listed, and the address stays until the filter is cleared", async () => {
  for (const what of ["role", "package"]) {
    await go(`/users?${what}=gone&sort=-name`);
    await page.getByText(`There is no such ${what}`).waitFor();
    assert.equal(await page.getByRole("checkbox").count(), 0);
    assert.equal(await page.getByRole("link", { name: "Export CSV" }).count(), 0);
    assert.match(page.url(), new RegExp(`${what}=gone`));
    await page.getByRole("button", { name: `Remove ${what === "role" ? "Role" : "Package"}: gone` }).waitFor();
    assert.deepEqual(await axe(page), []);
    await page.getByRole("button", { name: "Clear filter" }).click();
    await page.locator("tbody .table__first").first().waitFor();
    assert.match(page.url(), /\/users\?sort=-name$/);
  }
  // A long name leaves the filters in their row.
  const name = "Reads the recipients of every list that was ever imported for the northern region";
  await call(page, "POST", "/roles", { id: "long_name", name, grants: { "recipients.view": "allowed" } });
  await go("/users?role=long_name");
  const chooser = page.getByLabel("Role", { exact: true });
  await chooser.waitFor();
  assert.ok((await chooser.evaluate((it) => it.offsetWidth)) <= 220);
});

test("the users are narrowed down by role, and one is disabled by the menu of the row", async () => {
  const { role } = (await get("/roles")).items.find((it) => !it.role.superuser && !it.role.base);
  const { id: user } = (await get("/users?search=gil%40team")).items[0];
  for (const n of [1, 2, 3]) {
    await call(page, "POST", "/roles", { id: `watcher_${n}`, name: `Watcher ${n}`, grants: { "recipients.view": "allowed" } });
    await call(page, "POST", "/assignments", { principal: { user }, role: `watcher_${n}`, scope: "/" });
  }
  await go("/users");
  await page.getByLabel("Role", { exact: true }).selectOption({ label: role.name });
  await page.waitForURL(new RegExp(`role=${role.id}`));
  await eventually("those who hold it", async () => (await page.locator("tbody .table__first").allInnerTexts()).includes("Gil"));
  assert.equal((await page.locator("tbody .table__first").allInnerTexts()).includes("Eve"), false);
  await page.getByLabel("Role", { exact: true }).selectOption({ label: "Every role" });
  await page.waitForURL((url) => !url.search.includes("role="));
  await page.getByRole("button", { name: "Actions for Bo Borg" }).or(page.getByRole("button", { name: "Actions for Bo Berg" })).click();
  const menu = page.getByRole("menu", { name: /^Actions for Bo/ });
  await menu.getByRole("menuitem", { name: "Assign role" }).click();
  const assign = dialog(/^Assign a role to Bo/);
  await assign.getByRole("combobox", { name: "Role" }).waitFor();
  assert.equal(await assign.locator(".dialog__body").evaluate((it) => getComputedStyle(it).textAlign), "left", "it is no cell of the row");
  await assign.getByRole("radio", { name: "For a time" }).check({ force: true });
  await assign.getByLabel("From").fill("2032-03-01T09:00");
  await assign.getByRole("radio", { name: "Always" }).check({ force: true });
  await assign.getByRole("button", { name: "Cancel" }).click();
  // A person's roles stand by name, in the row and in their table.
  const names = ["Ålesund watch", "an early watch", "Early watch " + "x".repeat(80)];
  for (const [n, name] of names.toReversed().entries()) {
    await call(page, "POST", "/roles", { id: `by_name_${n}`, name, grants: { "recipients.view": "allowed" } });
    await call(page, "POST", "/assignments", { principal: { user }, role: `by_name_${n}`, scope: "/" });
  }
  const inOrder = (texts) => assert.deepEqual(texts, texts.toSorted((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1)));
  await page.getByRole("row").filter({ hasText: "gil@team.example" }).locator(".chip--more").click();
  const listed = page.locator(".floating:popover-open li");
  await listed.filter({ hasText: names[1] }).waitFor();
  inOrder(await listed.allInnerTexts());
  assert.ok(await page.locator(".floating:popover-open").evaluate((it) => it.scrollWidth <= it.clientWidth), "a long name is wrapped");
  await page.keyboard.press("Escape");
  await go(`/users/${user}`);
  const table = page.getByRole("table", { name: "Roles held" });
  await table.getByText(names[1]).waitFor();
  inOrder(await table.locator("tbody .table__first").allInnerTexts());
  for (const n of [0, 1, 2]) await call(page, "DELETE", `/roles/by_name_${n}`, undefined, (await call(page, "GET", `/roles/by_name_${n}`)).etag);
  await go("/users");
  // Whoever is a superuser is seen to be, however many roles they hold.
  const { role: everything } = (await get("/roles")).items.find((it) => it.role.superuser);
  await call(page, "POST", "/assignments", { principal: { user }, role: everything.id, scope: "/" });
  const gil = page.getByRole("row").filter({ hasText: "gil@team.example" });
  await gil.locator(".chip").first().filter({ hasText: everything.name }).waitFor();
  assert.match(await gil.locator(".chip--more").innerText(), /^\+\d+$/);
  const whole = await gil.locator(".chip--everything .chip__words").evaluate((it) => it.scrollWidth <= it.clientWidth);
  assert.ok(whole, "its name is not cut off");
  await page.getByRole("button", { name: /^Actions for Bo/ }).click();
  await menu.getByRole("menuitem", { name: "Activate" }).or(menu.getByRole("menuitem", { name: "Disable" })).or(menu.getByRole("menuitem", { name: "Send invitation again" })).click();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  assert.deepEqual(await axe(page), []);
  // On paper there is nothing to press, and every role has its name.
  const more = page.locator(".chip--more");
  await more.first().waitFor();
  await page.evaluate(() => window.dispatchEvent(new Event("beforeprint")));
  await eventually("every role", async () => (await more.count()) === 0);
  await page.evaluate(() => window.dispatchEvent(new Event("afterprint")));
  await page.emulateMedia({ media: "print" });
  for (const gone of [page.getByRole("searchbox"), page.getByRole("button", { name: "Invite user" }), page.getByRole("checkbox").first(), page.getByRole("button", { name: /^Actions for Bo/ })]) {
    assert.equal(await gone.isVisible(), false);
  }
  await page.emulateMedia({ media: "screen" });
});

test("who disables people is told how those without a password come in again, on a server that sends no mail too", async () => {
  await tick("Gil");
  await chosen().getByRole("button", { name: "Disable" }).click();
  const ask = dialog(/^Disable Gil/);
  await ask.getByText("this server sends no mail", { exact: false }).waitFor();
  await ask.getByRole("button", { name: "Cancel" }).click();
});

test("S1-44: help is in the same place on every page, where the settings say where it is", async () => {
  const { body, etag } = await call(page, "GET", "/settings");
  await call(page, "PUT", "/settings", { ...body.settings, help_url: "https://example.com/help" }, etag);
  const places = [];
  for (const path of ["/", "/users", "/import", "/review", "/settings"]) {
    await go(path);
    const help = page.getByRole("banner").getByRole("link", { name: /^Help/ });
    await help.waitFor();
    assert.equal(await help.getAttribute("href"), "https://example.com/help");
    places.push(Math.round((await help.boundingBox()).y));
  }
  assert.equal(new Set(places).size, 1);
});

test("the page of the import reads well to everybody, and on a narrow window", async () => {
  await go("/import");
  await choose(TABLE);
  await page.getByText("Nothing is written yet", { exact: false }).waitFor();
  assert.deepEqual(await axe(page), []);
  await page.setViewportSize({ width: 320, height: 720 });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(wide, 0);
  assert.deepEqual(said().filter((line) => !line.includes("422")), []);
});
