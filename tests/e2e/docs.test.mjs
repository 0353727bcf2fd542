// The page that shows the description of the API, under the server's own content security policy.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startBrowser, startServer } from "./rolewright.mjs";

test("the page of the API shows every operation and runs nothing from elsewhere", async () => {
  const server = await startServer({ args: [] });
  const browser = await startBrowser();
  try {
    const page = await (await browser.newContext()).newPage();
    const wrong = [];
    page.on("console", (message) => {
      // Fonts and the icon are the admin app's, which may not be built.
      if (message.type() === "error" && !message.text().includes("404")) wrong.push(message.text());
    });
    page.on("pageerror", (error) => wrong.push(error.message));
    page.on("request", (request) => {
      if (!request.url().startsWith(server.url)) wrong.push(request.url());
    });
    await page.goto(`${server.url}/api/docs#post-api-v1-tenants-tenant-check`);
    await page.getByRole("heading", { level: 1 }).waitFor();
    const api = await (await fetch(`${server.url}/api/v1/openapi.json`)).json();
    const methods = ["get", "post", "put", "patch", "delete"];
    const operations = Object.values(api.paths).flatMap((item) => methods.filter((method) => item[method]));
    assert.equal(await page.locator("details.operation").count(), operations.length);
    assert.equal(await page.locator("details.schema").count(), Object.keys(api.components.schemas).length);

    // What the address names is open, and leads on to its schemas.
    const check = page.locator("#post-api-v1-tenants-tenant-check");
    assert.ok(await check.evaluate((details) => details.open));
    await check.getByRole("link", { name: "Check", exact: true }).click();
    assert.ok(await page.locator("#schema-check").evaluate((details) => details.open));

    // Every link within the page leads somewhere.
    const dangling = await page.evaluate(() =>
      [...document.querySelectorAll('a[href^="#"]')].map((link) => link.getAttribute("href").slice(1)).filter((id) => !document.getElementById(id)));
    assert.deepEqual(dangling, []);

    await page.getByLabel("Filter operations").fill("post rotate");
    assert.equal(await page.locator("details.operation:visible").count(), 1);
    assert.deepEqual(wrong, []);
  } finally {
    await browser.close();
    await server.stop();
  }
});
