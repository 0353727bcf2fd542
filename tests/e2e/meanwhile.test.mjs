// Two people edit the same thing: both sides are shown, nothing is lost, and nothing is overwritten unseen. With the way back from what was
// just done. In a real browser with the real server.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accepted, axe, begin, call, eventually, signedIn } from "./rolewright.mjs";

const ADA = { email: "ada@example.com", password: "a long walk by the river" };

let app, page, user;

before(async () => {
  app = await begin("mailer", ADA);
  page = app.page;
  page.setDefaultTimeout(10_000);
  await call(page, "POST", "/packages", { id: "gold", name: "Gold", roles: [] });
  await call(page, "POST", "/groups", { name: "Night shift", description: "Works at night" });
  user = (await app.get("/users?status=active&sort=-name&limit=1")).items[0].id;
});

after(() => app?.stop());

const conflict = (of) => of.locator(".banner").filter({ hasText: /saved.* Nothing of yours/s });
const save = (of) => of.getByRole("button", { name: "Save", exact: true });

/** Somebody else edits what is at an address. */
async function edit(path, change) {
  const { body, etag } = await call(page, "GET", path);
  await call(page, "PUT", path, change(body), etag);
}

const CASES = [
  {
    what: "a group",
    open: async () => {
      const { id } = (await app.get("/groups?search=shift")).items[0].group;
      await app.go(`/groups/${id}?edit=1`);
      return { path: `/groups/${id}`, form: page.getByRole("dialog", { name: "Edit group" }) };
    },
    theirs: ({ group }) => ({ name: "Late shift", description: group.description }),
    field: "Description",
    now: async (path) => {
      const { group } = await app.get(path);
      return [group.name, group.description];
    },
    then: "Late shift",
  },
  {
    what: "a person",
    open: async () => {
      await app.go(`/users/${user}`);
      await page.getByRole("button", { name: /^More actions for/ }).click();
      await page.getByRole("menuitem", { name: "Edit name and email" }).click();
      return { path: `/users/${user}`, form: page.getByRole("dialog", { name: "Edit name and email" }) };
    },
    theirs: ({ user: { email, last_name } }) => ({ email, first_name: "Ximena", last_name }),
    field: "Last name",
    now: async (path) => {
      const told = await app.get(path);
      return [told.user.first_name, told.user.last_name];
    },
    then: "Ximena",
  },
  {
    what: "a package",
    open: async () => {
      await app.go("/packages/gold");
      return { path: "/packages/gold", form: page.locator("main") };
    },
    theirs: ({ package: { id, description } }) => ({ id, name: "Gold plan", description, roles: [] }),
    field: "Description",
    now: async (path) => {
      const told = await app.get(path);
      return [told.package.name, told.package.description];
    },
    then: "Gold plan",
  },
];

for (const { what, open, theirs, field, now, then } of CASES) {
  test(`${what} that somebody else saved meanwhile shows both sides, and what was typed goes on top of theirs`, async () => {
    const { path, form } = await open();
    const box = form.getByLabel(field);
    await box.fill("Mine");
    await edit(path, theirs);
    await conflict(form).waitFor();
    // It is one's own session that saved it, which is asked for beside.
    await eventually("who saved it", async () => /What Before Yours, elsewhere Yours, here/.test((await conflict(form).innerText()).replace(/\s+/g, " ")));
    const rows = await conflict(form).locator("tbody tr").evaluateAll((all) => all.map((row) => [...row.cells].slice(1).map((it) => it.textContent)));
    assert.deepEqual(rows.map(([, theirs, yours]) => [theirs, yours]).sort(), [["As before", "Mine"], [then, "As before"]].sort());
    assert.ok(rows.every(([was]) => was), "each says what was there before");
    assert.equal(await box.inputValue(), "Mine");
    assert.equal(await save(form).getAttribute("aria-disabled"), "true");
    assert.deepEqual(await axe(page), []);
    await conflict(form).getByRole("button", { name: "Put mine on top" }).click();
    await conflict(form).waitFor({ state: "detached" });
    assert.match(await page.evaluate(() => document.activeElement.tagName), /^(INPUT|TEXTAREA)$/, "the focus stays with what is edited");
    await eventually("it can be saved", async () => (await save(form).getAttribute("aria-disabled")) === null);
    await save(form).click();
    await app.toast(/^Saved\./);
    assert.deepEqual(await now(path), [then, "Mine"]);
  });
}

test("before it is known who saved meanwhile no side is called anything, and nothing moves once it is", async () => {
  let answer;
  const held = new Promise((resolve) => (answer = resolve));
  const log = /\/audit\/\d+$/;
  await page.route(log, (route) => held.then(() => route.continue()));
  const { path, form } = await CASES[0].open();
  await form.getByLabel("Description").fill("Mine, while the log is slow");
  await edit(path, ({ group }) => ({ name: "Early shift", description: group.description }));
  await conflict(form).getByText("Meanwhile this group was saved. Nothing of yours was saved or lost.").waitFor();
  const heads = () => conflict(form).locator("thead th").evaluateAll((all) => all.map((it) => [it.innerText.trim(), it.offsetLeft, it.offsetWidth, it.offsetHeight]));
  const before = await heads();
  assert.deepEqual(before.map(([name]) => name), ["What", "Before", "Not known yet", "Not known yet"]);
  assert.deepEqual(await axe(page), []);
  answer();
  await eventually("it is known", async () => (await heads()).at(-1)[0] === "Yours, here");
  assert.deepEqual((await heads()).map(([, ...box]) => box), before.map(([, ...box]) => box));
  await page.unroute(log);
  await conflict(form).getByRole("button", { name: "Use what was saved" }).click();
});

test("who saved meanwhile is named where the log knows them", async () => {
  const bo = { email: "bo@example.com", first_name: "Bo", password: ADA.password };
  await accepted(page, app.server, { ...bo, roles: ["superuser"] });
  const bos = await signedIn(app.browser, app.server, bo);
  const { path, form } = await CASES[0].open();
  await form.getByLabel("Description").fill("Mine again");
  const { body, etag } = await call(bos, "GET", path);
  await call(bos, "PUT", path, { name: "Bo's shift", description: body.group.description }, etag);
  await conflict(form).getByText(/^Bo saved this group at \d\d:\d\d\. Nothing of yours was saved or lost\.$/).waitFor();
  await conflict(form).getByRole("columnheader", { name: "Bo", exact: true }).waitFor();
  await conflict(form).getByRole("button", { name: "Use what was saved" }).click();

  await call(page, "POST", "/roles", { id: "shift", name: "Shift", grants: {} });
  await app.go("/roles/shift");
  await page.getByLabel("Description").fill("Mine");
  await page.getByRole("region", { name: "Unsaved changes" }).waitFor();
  const role = await call(bos, "GET", "/roles/shift");
  await call(bos, "PUT", "/roles/shift", { ...role.body.role, description: "Theirs" }, role.etag);
  await page.getByText(/^Bo saved this role at \d\d:\d\d\. Your changes are kept here\.$/).waitFor();
  await page.getByRole("button", { name: "Review" }).first().click();
  const dialog = page.getByRole("dialog", { name: /^Bo saved this role at \d\d:\d\d$/ });
  await dialog.waitFor();
  assert.deepEqual(await axe(page), []);
  await dialog.getByRole("button", { name: "Use what was saved" }).click();
  await bos.context().close();
});

test("where nothing was typed yet, what somebody else saves is simply shown", async () => {
  const { path, form } = await CASES[0].open();
  await edit(path, ({ group }) => ({ name: "Dawn shift", description: group.description }));
  await eventually("theirs", async () => (await form.getByLabel("Name").inputValue()) === "Dawn shift");
  assert.equal(await conflict(form).count(), 0);
});

test("a role that was just taken from somebody is given back by the toast", async () => {
  const role = (await app.get("/roles")).items.find(({ role }) => !role.base && !role.superuser && role.kind !== "built_in").role;
  await call(page, "POST", "/assignments", { principal: { user }, role: role.id, scope: "/" }).catch(() => undefined);
  const holds = async () => (await app.get(`/assignments?user=${user}&role=${role.id}`)).items.some((it) => it.assignment.source === "direct");
  assert.equal(await holds(), true);
  await app.go(`/users/${user}`);
  await page.getByRole("button", { name: `Remove ${role.name}` }).click();
  const ask = page.getByRole("alertdialog", { name: new RegExp(`^Remove ${role.name} from `) });
  await ask.getByText(/loses|Nothing changes for anybody/).waitFor();
  assert.equal(await holds(), true, "nothing is taken before it is confirmed");
  await ask.getByRole("button", { name: "Remove role" }).click();
  await app.toast(`${role.name} is no longer assigned`);
  assert.equal(await holds(), false);
  await page.getByRole("button", { name: "Undo", exact: true }).click();
  await app.toast(/^Undid change/);
  assert.equal(await holds(), true);
  await page.getByRole("button", { name: `Remove ${role.name}` }).waitFor();
});

test("an undo that is refused says why, and leads to its change", async () => {
  const role = (await app.get("/roles")).items.find(({ role }) => !role.base && !role.superuser).role;
  await app.go(`/users/${user}`);
  await page.getByRole("button", { name: "Assign role" }).first().click();
  const dialog = page.getByRole("dialog", { name: /^Assign a role to / });
  await dialog.getByRole("combobox", { name: "Role" }).fill(role.name);
  await dialog.getByRole("option", { name: role.name }).first().click();
  await dialog.getByRole("button", { name: "Assign role" }).click();
  const undo = page.getByRole("button", { name: "Undo", exact: true });
  await undo.waitFor();
  const { at, writes } = (await app.get("/audit?limit=1")).items[0];
  await call(page, "DELETE", `/assignments/${writes[0].id}`, undefined, (await call(page, "GET", `/assignments/${writes[0].id}`)).etag);
  await undo.click();
  const { first_name, last_name } = (await app.get(`/users/${user}`)).user;
  await app.toast(`Assignment ${role.name} of ${first_name} ${last_name} was changed since`);
  assert.equal(await undo.count(), 0, "what was refused is not offered again");
  await page.locator(".toast").getByRole("link", { name: "Show change" }).click();
  await page.waitForURL(`**/audit/${at.revision}`);
});

test("the changes of a package are reviewed by their reach before they are saved, and what went wrong is said beside them", async () => {
  await app.go("/packages/gold");
  const box = page.getByRole("checkbox").first();
  await box.check();
  await page.getByRole("button", { name: "Review" }).click();
  const dialog = page.getByRole("dialog", { name: "Review changes" });
  await dialog.getByText("added").waitFor();
  await page.route("**/packages/gold", (route) => (route.request().method() === "PUT" ? route.abort() : route.continue()));
  await dialog.getByRole("button", { name: "Save" }).click();
  const bar = page.getByRole("region", { name: "Unsaved changes" });
  await bar.getByRole("alert").getByText(/./).first().waitFor();
  assert.equal(await box.isChecked(), true);
  await page.unroute("**/packages/gold");
  await bar.getByRole("button", { name: "Save" }).click();
  await app.toast(/^Saved\./);
  assert.equal((await app.get("/packages/gold")).package.roles.length, 1);
});

test("what somebody does to themselves is said before they do it", async () => {
  const own = (await app.get("/session")).user;
  await app.go(`/users/${own}`);
  await page.getByRole("button", { name: /^Remove Owner|^Remove Superuser|^Remove .*dmin/ }).first().click();
  const ask = page.getByRole("alertdialog");
  await ask.getByText("This is you.").waitFor();
  await ask.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: /^More actions for / }).click();
  await page.getByRole("menuitem", { name: "Disable" }).click();
  await page.getByRole("alertdialog", { name: /^Disable / }).getByText("This is you.").waitFor();
  await page.keyboard.press("Escape");
});
