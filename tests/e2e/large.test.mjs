// The role editor with 2,000 permissions: only those in sight are in the page, and nobody who searches, scrolls or tabs can tell.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axe, call, eventually, setUp, startBrowser, startServer, watch } from "./rolewright.mjs";

const ADA = { email: "ada@example.com", password: "a long walk by the river" };
const AREAS = 90;
const ITEMS = 20;
/** In one module that is longer than the window. */
const LONG = 200;

let server, browser, page, said, own;

before(async () => {
  server = await startServer();
  browser = await startBrowser();
  page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  said = watch(page);
  await setUp(page, server, ADA);
  const { body, etag } = await call(page, "GET", "/policy");
  const { policy } = body;
  const module = (at, items) => ({
    id: `area_${at}`,
    label: `Area ${at}`,
    permissions: Array.from({ length: items }, (_, n) => ({ id: `area_${at}.item_${n}`, label: `Item ${n}` })),
  });
  policy.catalogue.modules = [...Array.from({ length: AREAS }, (_, at) => module(at, ITEMS)), module(AREAS, LONG)];
  policy.tests = [];
  policy.packages = [];
  policy.roles = [
    ...policy.roles.filter((role) => role.superuser).map((role) => ({ ...role, inherits: [] })),
    { id: "runner", name: "Runner", grants: {} },
  ];
  policy.auto_assign = [];
  await call(page, "PUT", "/policy", policy, etag);
  own = AREAS * ITEMS + LONG;
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

const rows = () => page.locator(".permission").count();
const box = (area, item) => page.getByRole("checkbox", { name: `Area ${area}: Item ${item}`, exact: true });
const search = () => page.getByRole("searchbox", { name: "Search permissions" });

async function open() {
  await page.goto(`${server.url}/roles/runner`);
  await box(0, 0).waitFor();
}

test("2,000 permissions: the rows in sight are in the page, and those that are scrolled to", async () => {
  await open();
  assert.ok((await rows()) < 150, `${await rows()} rows`);
  await page.getByText(/permissions$/).first().waitFor();
  for (const area of [45, AREAS, 3]) {
    await page.locator(`#module-area_${area} .module__head`).scrollIntoViewIfNeeded();
    await box(area, 0).waitFor();
    assert.ok((await rows()) < 250, `${await rows()} rows at area ${area}`);
  }
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  assert.ok(height > own * 30, "what is not in the page keeps its height");
});

test("2,000 permissions: from the last row of one module, the keyboard goes on to the next, however far", async () => {
  await open();
  await box(0, 0).focus();
  const at = () => page.evaluate(() => document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent);
  for (let n = 0; n < 4 * (ITEMS + 1); n += 1) await page.keyboard.press("ArrowDown");
  assert.match(await at(), /^Area 4: Item 0$/);
  for (let n = 0; n < 3 * (ITEMS + 2); n += 1) await page.keyboard.press("Tab");
  assert.match(await at(), /^Area 7: /);
  for (let n = 0; n < 7 * (ITEMS + 2); n += 1) await page.keyboard.press("Shift+Tab");
  assert.match(await at(), /^(All of )?Area 0|^Check none$/);
});

test("2,000 permissions: End and Home go to the last and the first permission, and left to the head of the module", async () => {
  await open();
  await box(0, 0).focus();
  const at = () => page.evaluate(() => document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent);
  for (const [key, reached] of [
    ["End", /^Settings: Manage$/],
    ["ArrowLeft", /^Settings/],
    ["Home", /^Area 0: Item 0$/],
    ["ArrowLeft", /^Area 0/],
  ]) {
    await page.keyboard.press(key);
    await eventually(`${key} reaches ${reached}`, async () => reached.test(await at()));
  }
  assert.ok((await rows()) < 250, `${await rows()} rows`);
});

test("2,000 permissions: what has the focus stays in the page when it is scrolled away", async () => {
  await open();
  await box(1, 5).focus();
  await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
  await page.getByRole("checkbox", { name: "Settings: Manage", exact: true }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-label")), "Area 1: Item 5");
  await page.keyboard.press("Space");
  await page.getByRole("region", { name: "Unsaved changes" }).getByText("1 change").waitFor();
});

test("2,000 permissions: a search finds the last of all, and the parent counts what is not in the page", async () => {
  await open();
  await search().fill(`Area ${AREAS}: Item ${LONG - 1}`);
  await page.getByRole("status").getByText("1 permission found").waitFor();
  await box(AREAS, LONG - 1).check();
  await search().fill("");
  await eventually("rows are back", async () => (await rows()) > 20);
  await page.locator(`#module-area_${AREAS}`).scrollIntoViewIfNeeded();
  const all = page.getByRole("checkbox", { name: `All of Area ${AREAS}` });
  assert.equal(await all.evaluate((it) => it.indeterminate), true);
  await all.click();
  await page.getByText(`${LONG} of ${LONG}`).first().waitFor();
  await page.getByText(`${LONG} changes`).waitFor();
});

test("2,000 permissions: check all is all of them, in the page or not, and is saved so", async () => {
  await open();
  await page.getByRole("button", { name: "Check all", exact: true }).click();
  const bar = page.getByRole("region", { name: "Unsaved changes" });
  await bar.getByRole("button", { name: "Save" }).click();
  await page.getByRole("status").getByText(/^Saved/).first().waitFor();
  const { grants } = (await call(page, "GET", "/roles/runner")).body.role;
  assert.equal(Object.keys(grants).filter((id) => id.startsWith("area_")).length, own);
});

test("2,000 permissions: printed is all of it", async () => {
  await open();
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  await eventually("every row is in the page", async () => (await rows()) >= own);
  await page.evaluate(() => dispatchEvent(new Event("afterprint")));
  await eventually("and leaves it", async () => (await rows()) < 250);
});

test("2,000 permissions: a window that becomes narrow has nothing beyond its edge", async () => {
  await open();
  const { width, height } = page.viewportSize();
  await page.setViewportSize({ width: 320, height: 700 });
  await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight / 2));
  await eventually("it is as wide as the window", () => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  await page.setViewportSize({ width, height });
});

test("2,000 permissions: axe finds nothing wrong, in both themes", async () => {
  await open();
  assert.deepEqual(await axe(page), []);
  assert.deepEqual(said(), []);
});

test("200 people on a page: the rows in sight are in the page, each says where it stands, and all are chosen at once", async () => {
  const invite = (n) => call(page, "POST", "/users", { email: `p${String(n).padStart(3, "0")}@example.com`, first_name: "Person", last_name: String(n).padStart(3, "0") });
  for (let n = 0; n < 120; n += 1) await invite(n);
  await page.goto(`${server.url}/users?limit=200&sort=email`);
  const shown = page.locator("tbody .table__first");
  await shown.first().waitFor();
  const table = page.getByRole("table", { name: "Users" });
  assert.equal(await table.getAttribute("aria-rowcount"), "122");
  assert.ok((await shown.count()) < 90, `${await shown.count()} rows`);
  await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
  const last = page.getByRole("row", { name: /p119@example\.com/ });
  await last.waitFor();
  assert.equal(await last.getAttribute("aria-rowindex"), "122");
  await page.evaluate(() => scrollTo(0, 0));
  await page.getByRole("checkbox", { name: "Choose all on this page" }).check();
  await page.getByText("121", { exact: false }).first().waitFor();
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  await eventually("every row is printed", async () => (await shown.count()) === 121);
  await page.evaluate(() => dispatchEvent(new Event("afterprint")));
  assert.deepEqual(await axe(page), []);
});
