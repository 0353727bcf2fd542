// The app in parts: what the pages are made of is fetched when it is needed. In a real browser with the real server.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axe, begin, eventually } from "./rolewright.mjs";

const OTHERS = "**/part-others-*.wasm";

let app, page;

before(async () => {
  app = await begin("mailer", { email: "ada@example.com", password: "a long walk by the river" });
  page = app.page;
});

after(() => app?.stop());

/** The head of a page; that of the overview is the name of the tenant. */
const heading = (name) => page.getByRole("heading", { level: 1, name });

test("the first page is shown without what the others are made of", async () => {
  let asked = 0;
  await page.route(OTHERS, (route) => (asked++, route.abort()));
  await page.goto(`${app.server.url}/`);
  await heading("Mailer").waitFor();
  await eventually("the others are fetched meanwhile", async () => asked > 0);
  assert.equal(await heading("Mailer").isVisible(), true);
});

test("a page that cannot be fetched says so, and is tried again", async () => {
  await page.getByRole("link", { name: "Roles" }).first().click();
  const failed = page.getByRole("heading", { name: "This page could not be fetched" });
  await failed.waitFor();
  await page.getByRole("navigation", { name: "Breadcrumb" }).getByText("Roles", { exact: true }).waitFor();
  const [again, reload] = await Promise.all(["Try again", "Reload the app"].map((name) => page.getByRole("button", { name }).boundingBox()));
  assert.ok(again.x + again.width < reload.x, "the buttons stand apart");
  assert.deepEqual(await axe(page), []);
  await page.getByRole("button", { name: "Try again" }).click();
  await failed.waitFor();
  await page.unroute(OTHERS);
  await page.getByRole("button", { name: "Try again" }).click();
  await heading("Roles").waitFor();
});

test("once they are here, pages open without fetching more of the app", async () => {
  await page.goto(`${app.server.url}/`);
  const fetched = page.waitForEvent("requestfinished", (request) => request.url().includes("/part-others-"));
  await heading("Mailer").waitFor();
  await fetched;
  const more = [];
  page.on("request", (request) => request.url().includes("/part-") && more.push(request.url()));
  for (const name of ["Users", "Roles", "Audit log"]) {
    await page.getByRole("link", { name, exact: true }).first().click();
    await heading(name).waitFor();
  }
  assert.deepEqual(more, []);
});
