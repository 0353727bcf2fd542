// The access review, in a real browser with the real server: who holds what since when, kept and revoked by the keyboard.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { axe, begin, call, eventually } from "./rolewright.mjs";

const ADA = { email: "ada@example.com", password: "a long walk by the river" };

let app, page, said, go, get, toast;

before(async () => {
  app = await begin("mailer", ADA);
  ({ page, said, go, get, toast } = app);
});

after(() => app?.stop());

const rows = () => page.locator("tr[data-id]");
const bar = () => page.getByRole("region", { name: "Decisions" });
/** The page for a role that is held so often at least, and whose holders can lose it, with nothing decided. */
async function reviewed(least) {
  const roles = (await get("/roles")).items.filter(({ role }) => !role.base && !role.superuser);
  for (const { role } of roles) {
    if ((await get(`/assignments?role=${role.id}&limit=1`)).total < least) continue;
    await go(`/review?role=${role.id}`);
    await rows().nth(least - 1).waitFor();
    const over = bar().getByRole("button", { name: "Start over" });
    if (await over.count()) await over.click();
    await bar().waitFor({ state: "detached" });
    return role.id;
  }
  assert.fail(`no role is held ${least} times`);
}
const pressed = (verb) => page.locator(`button[aria-pressed=true]`).filter({ hasText: verb }).count();

test("S4-42: who holds what says since when, given by whom and why, and when they last signed in", async () => {
  const { items } = await get("/users?status=active&limit=5");
  const role = (await get("/roles")).items.find((it) => !it.role.base && !it.role.superuser).role;
  const body = { principal: { user: items[0].id }, role: role.id, scope: "/" };
  await call(page, "POST", "/assignments?reason=stands%20in%20for%20Bo", body).catch(() => undefined);
  await go("/");
  await page.getByRole("navigation", { name: "Sections" }).getByRole("link", { name: "Access review" }).click();
  await page.waitForURL(/\/review$/);
  await rows().first().waitFor();
  await go("/review?sort=-since");
  await rows().first().waitFor();
  const text = await rows().first().innerText();
  for (const part of [role.name, "ada@example.com", "stands in for Bo", `${new Date().getFullYear()}`]) {
    assert.match(text, new RegExp(part.replaceAll(".", "\\.")));
  }
  for (const key of ["K", "R", "U"]) await page.getByRole("main").locator("kbd", { hasText: key }).waitFor();
});

test("it is narrowed down to a role, to what is privileged, and to who was not seen for 90 days", async () => {
  await go("/review");
  await rows().first().waitFor();
  const total = (await get("/assignments?limit=1")).total;
  const count = async () => Number((await page.locator(".filters__count").innerText()).replace(/\D/g, ""));
  await eventually("all", async () => (await count()) === total);
  await page.getByLabel("Privileged only").check();
  await page.waitForURL(/privileged=1/);
  const privileged = (await get("/assignments?privileged=true&limit=1")).total;
  assert.ok(privileged > 0 && privileged < total);
  await eventually("those that are privileged", async () => (await count()) === privileged);
  assert.equal(await page.locator("tr[data-id]", { hasText: /Privileged|Everything/ }).count(), await rows().count());
  await page.getByLabel("Privileged only").uncheck();
  await page.getByLabel("Not seen for 90 days").check();
  await page.waitForURL(/away=1/);
  // Nobody was added as long ago as that.
  await page.getByText("Nothing fits").waitFor();
  await page.getByRole("button", { name: "Clear search and filters" }).click();
  const role = (await rows().first().locator("td").nth(1).locator("a").getAttribute("href")).split("/").at(-1);
  await page.getByLabel("Role", { exact: true }).selectOption(role);
  await page.waitForURL(new RegExp(`role=${role}`));
  await eventually("one role", async () => (await count()) === (await get(`/assignments?role=${role}&limit=1`)).total);
});

test("rows are kept, revoked and undone by the keyboard alone, and nothing is lost by a reload", async () => {
  await go("/review");
  await rows().first().waitFor();
  const total = (await get("/assignments?limit=1")).total;
  await rows().nth(0).getByRole("button").first().focus();
  await page.keyboard.press("k");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("k");
  await bar().getByText("0 to revoke, 2 kept.").waitFor();
  await page.keyboard.press("u");
  await bar().getByText("0 to revoke, 1 kept.").waitFor();
  const focused = await page.evaluate(() => document.activeElement.closest("tr").dataset.id);
  assert.equal(focused, await rows().nth(1).getAttribute("data-id"));
  await page.reload();
  await bar().getByText("0 to revoke, 1 kept.").waitFor();
  await rows().first().waitFor();
  assert.equal(await pressed("Keep"), 1);
  assert.equal((await get("/assignments?limit=1")).total, total);
});

test("printed, each row says what was decided of it", async () => {
  await go("/review");
  await rows().first().waitFor();
  const decided = rows().nth(0);
  if ((await pressed("Keep")) === 0) await decided.getByRole("button", { name: /^Keep/ }).click();
  await page.emulateMedia({ media: "print" });
  const shown = page.locator(".decide__choice:visible");
  await eventually("what was decided alone", async () => (await shown.count()) === 1);
  assert.equal((await shown.innerText()).trim(), "Keep");
  await page.getByRole("columnheader", { name: "Decision" }).waitFor();
  await page.emulateMedia({ media: "screen" });
});

test("what cannot be revoked says why, and is left out", async () => {
  await go("/review?privileged=1&search=ada@");
  await page.getByRole("button", { name: /^Revoke .* of ada@example.com$/ }).first().click();
  await bar().getByText("1 to revoke, 1 kept.").waitFor();
  const own = rows().first();
  await own.locator(".review__refused").waitFor();
  assert.match(await own.innerText(), /superuser/);
  assert.equal(await bar().getByRole("button", { name: "Apply" }).getAttribute("aria-disabled"), "true");
  await bar().getByRole("button", { name: "Leave it out" }).click();
  await bar().getByText("0 to revoke, 1 kept.").waitFor();
});

test("among several that are revoked the last superuser's own role is named and left out, and the rest can be applied", async () => {
  const role = await reviewed(2);
  await go("/review?privileged=1&search=ada@");
  await page.getByRole("button", { name: /^Revoke .* of ada@example.com$/ }).first().click();
  await bar().getByText(/^1 to revoke/).waitFor();
  await go(`/review?role=${role}`);
  await rows().nth(1).waitFor();
  for (const row of [0, 1]) await rows().nth(row).getByRole("button", { name: /^Revoke/ }).click();
  await bar().getByText(/^3 to revoke/).waitFor();
  await bar().getByText(/ada@example\.com: .*would leave nobody/).first().waitFor();
  await bar().getByRole("button", { name: "Leave it out" }).click();
  await bar().getByText(/^2 to revoke/).waitFor();
  await bar().getByText(/lose|Nothing changes for/).waitFor();
  await bar().getByRole("button", { name: "Start over" }).click();
  await bar().waitFor({ state: "detached" });
});

test("where the last of a later page is revoked the first page is shown, and not that nothing is assigned", async () => {
  const role = (await call(page, "POST", "/roles", { id: "", name: "Ferryman", grants: { "reports.view": "allowed" } })).body.role.id;
  const { items } = await get("/users?status=active&limit=3&sort=name");
  for (const { id: user } of items) await call(page, "POST", "/assignments", { principal: { user }, role, scope: "/" });
  await page.route(
    (url) => url.pathname.endsWith("/assignments") && url.searchParams.get("role") === role,
    (route) => route.continue({ url: `${route.request().url()}&limit=2` }),
  );
  await go(`/review?role=${role}`);
  await rows().nth(1).waitFor();
  await page.getByRole("button", { name: "Next" }).click();
  await eventually("the last page", async () => (await rows().count()) === 1);
  await page.getByRole("button", { name: /^Revoke / }).click();
  await bar().getByRole("button", { name: "Apply" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Revoke", exact: true }).click();
  await eventually("the first page", async () => (await rows().count()) === 2);
  assert.equal(await page.getByText("Nothing fits").count(), 0);
  assert.equal(new URL(page.url()).search, `?role=${role}`);
  await page.unrouteAll();
});

test("the decisions are applied as one change, with whom it reaches and a reason", async () => {
  await reviewed(3);
  const gone = [];
  const before = (await get("/audit?limit=1")).items[0].at.revision;
  await rows().nth(0).getByRole("button").first().focus();
  await page.keyboard.press("k");
  for (let n = 1; n < 3; n += 1) {
    gone.push(await rows().nth(n).getAttribute("data-id"));
    await page.keyboard.press("r");
  }
  await bar().getByText("2 to revoke, 1 kept.").waitFor();
  await bar().getByText(/lose|Nothing changes for/).waitFor();
  await bar().getByRole("button", { name: "Apply" }).click();
  const dialog = page.getByRole("dialog", { name: "Revoke 2 assignments?" });
  assert.equal(await dialog.locator(".review__goes li").count(), 2);
  await dialog.getByLabel("Reason").fill("quarterly review");
  await dialog.getByRole("button", { name: "Revoke", exact: true }).click();
  await page.getByText("2 assignments revoked.", { exact: false }).first().waitFor();
  const log = (await get("/audit?limit=1")).items[0];
  assert.deepEqual([log.at.revision, log.action, log.reason], [before + 1, "batch", "quarterly review (access review: 2 revoked, 1 kept)"]);
  for (const id of gone) {
    await assert.rejects(get(`/assignments/${encodeURIComponent(id)}`), /404/);
  }
  await bar().getByText("0 to revoke, 1 kept. 2 revoked.").waitFor();
  const [download] = await Promise.all([page.waitForEvent("download"), bar().getByRole("button", { name: "Download CSV" }).click()]);
  const lines = (await readFile(await download.path(), "utf8")).trim().split("\r\n");
  assert.equal(lines[0], "who,email,role,place,source,since,decision,reviewer,time");
  assert.deepEqual(lines.slice(1).map((line) => line.split(",").at(-3)), ["kept", "revoked", "revoked"]);
  assert.match(lines[1], /,ada@example\.com,\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  await bar().getByRole("button", { name: "Start over" }).click();
  await bar().waitFor({ state: "detached" });
  await page.locator(".toast", { hasText: "forgotten" }).getByRole("button", { name: "Undo" }).click();
  await bar().getByText("0 to revoke, 1 kept. 2 revoked.").waitFor();
});

test("a review that keeps everything stands in the log, once, with what it kept", async () => {
  const role = await reviewed(2);
  const { name } = (await get(`/roles/${role}`)).role;
  const before = (await get("/audit?limit=1")).items[0].at.revision;
  const kept = [];
  await rows().nth(0).getByRole("button").first().focus();
  for (let n = 0; n < 2; n += 1) {
    kept.push(await rows().nth(n).getAttribute("data-id"));
    await page.keyboard.press("k");
  }
  await bar().getByText("0 to revoke, 2 kept.").waitFor();
  await bar().getByRole("button", { name: "Apply" }).click();
  const dialog = page.getByRole("dialog", { name: "Keep 2 assignments?" });
  await dialog.getByLabel("Reason").fill("quarterly review");
  await dialog.getByRole("button", { name: "Keep", exact: true }).click();
  await page.getByText("2 assignments kept: the audit log says so.").first().waitFor();
  const log = (await get("/audit?limit=1")).items[0];
  assert.deepEqual([log.at.revision, log.reason], [before + 1, "quarterly review (access review: 0 revoked, 2 kept)"]);
  assert.deepEqual(log.change.changes, kept.map((id) => ({ change: "keep_assignment", id })));
  const apply = bar().getByRole("button", { name: "Apply" });
  await eventually("nothing is left to apply", async () => (await apply.getAttribute("aria-disabled")) === "true");
  assert.equal(await rows().nth(0).getByRole("button", { name: /^Keep/ }).getAttribute("aria-pressed"), "true");
  // What is decided next opens no dialog by itself.
  await rows().nth(0).getByRole("button", { name: /^Revoke/ }).click();
  await bar().getByText("1 to revoke, 1 kept.").waitFor();
  assert.equal(await page.getByRole("dialog").count(), 0);
  await go("/audit");
  await page.locator(".audit__what").filter({ hasText: `Reviewed access: kept ${name} for ` }).first().waitFor();
  await go(`/audit/${log.at.revision}`);
  const section = page.locator(".way").filter({ has: page.getByRole("heading", { name: "2 role assignments" }) });
  await section.getByText("kept", { exact: true }).waitFor();
  await eventually("each that was kept", async () => (await section.getByRole("listitem").filter({ hasText: name }).count()) === 2);
  assert.equal(await page.getByText("It wrote no document: it is about").count(), 0);
  // The history of somebody whose access was looked at says so too.
  const { user, group } = log.kept[0].principal;
  await go(`/${user ? "users" : "groups"}/${user ?? group}?tab=history`);
  await page.getByRole("listitem").filter({ hasText: `Reviewed access: kept ${name} for ` }).first().waitFor();
  await go(`/audit?about=${role}`);
  await page.locator(".audit__what").filter({ hasText: `Reviewed access: kept ${name} for ` }).first().waitFor();
  await go("/review");
  await bar().getByRole("button", { name: "Start over" }).click();
  await bar().waitFor({ state: "detached" });
});

test("what somebody else took away meanwhile is told, and left out by itself", async () => {
  await reviewed(2);
  const id = await rows().nth(0).getAttribute("data-id");
  await rows().nth(0).getByRole("button").first().focus();
  await page.keyboard.press("r");
  await page.keyboard.press("r");
  await bar().getByText(/^2 to revoke/).waitFor();
  const { etag } = await call(page, "GET", `/assignments/${encodeURIComponent(id)}`);
  await call(page, "DELETE", `/assignments/${encodeURIComponent(id)}`, undefined, etag);
  await toast(/Somebody has already taken it away: it is left out\./);
  await bar().getByText(/^1 to revoke/).waitFor();
  await bar().getByText(/lose|Nothing changes for/).waitFor();
});

test("what somebody else edited meanwhile is told, and decided anew", async () => {
  const role = await reviewed(1);
  const held = new Set((await get(`/assignments?role=${role}&limit=200`)).items.map(({ assignment }) => assignment.principal.user));
  const free = (await get("/users?status=active&limit=200")).items.find(({ id }) => !held.has(id));
  const of = { principal: { user: free.id }, scope: "/", until: Date.now() + 9e8 };
  const { body } = await call(page, "POST", "/assignments", { ...of, role });
  const row = page.locator(`tr[data-id="${body.id}"]`);
  await row.getByRole("button", { name: /^Revoke/ }).click();
  await bar().getByText(/^1 to revoke/).waitFor();
  const path = `/assignments/${encodeURIComponent(body.id)}`;
  await call(page, "PUT", path, { from: null, until: Date.now() + 8e8 }, (await call(page, "GET", path)).etag);
  await bar().getByText(/somebody changed this meanwhile/i).first().waitFor();
  await bar().getByRole("button", { name: "Leave it out" }).click();
  await bar().waitFor({ state: "detached" });
  await row.getByRole("button", { name: /^Revoke/ }).click();
  await bar().getByText(/lose|Nothing changes for/).waitFor();
});

test("R pressed again leaves a row revoked, also one that has ended, and the focus is on the next decision", async () => {
  const role = await reviewed(1);
  const held = new Set((await get(`/assignments?role=${role}&limit=200`)).items.map(({ assignment }) => assignment.principal.user));
  const free = (await get("/users?status=active&limit=200")).items.find(({ id }) => !held.has(id));
  const { body } = await call(page, "POST", "/assignments", { principal: { user: free.id }, role, scope: "/", from: Date.now() + 9e8 });
  const row = page.locator(`tr[data-id="${body.id}"]`);
  await row.getByRole("button", { name: /^Not yet/ }).waitFor();
  await row.locator(".decide__choice").first().focus();
  for (const key of ["r", "Home", "End"]) await page.keyboard.press(key);
  await eventually("the focus on a decision", () => page.evaluate(() => document.activeElement.className.includes("decide__choice")));
  await row.locator(".decide__choice").first().focus();
  await page.keyboard.press("r");
  await bar().getByText("1 to revoke, 0 kept.").waitFor();
  assert.equal(await row.getByRole("button", { name: /^Revoke/ }).getAttribute("aria-pressed"), "true");
  await bar().getByRole("button", { name: "Start over" }).click();
});

test("the page reads well to everybody, and on a narrow window", async () => {
  await go("/review");
  await rows().first().waitFor();
  assert.deepEqual(await axe(page), []);
  await page.setViewportSize({ width: 320, height: 720 });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(wide, 0);
  assert.deepEqual(said().filter((line) => !/40[349]|412|422/.test(line)), []);
});
