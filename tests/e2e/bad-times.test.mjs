// What is typed survives a lost connection, a slow server, a session that ended and a restart of the server, and is said to; whatever the
// dialog. In a real browser with the real server.

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { begin, call, eventually, startServer } from "./rolewright.mjs";

const ADA = { email: "ada@example.com", password: "a long walk by the river" };

let app, page, server, user;

before(async () => {
  app = await begin("mailer", ADA);
  ({ page, server } = app);
  page.setDefaultTimeout(10_000);
  user = (await app.get("/users?status=active&limit=1&sort=-name")).items[0].id;
  await call(page, "POST", "/packages", { id: "gold", name: "Gold", roles: [] });
});

after(async () => {
  await app?.browser.close();
  await server?.stop();
});

afterEach(() => call(page, "DELETE", "/session/view").catch(() => undefined));

// The one that asks to sign in again stands behind it in the document.
const dialog = () => page.locator("dialog[open]").first();
const button = (name) => () => dialog().getByRole("button", { name, exact: true });
const bar = () => page.getByRole("region", { name: "Unsaved changes" }).getByRole("button", { name: "Save" });

/** Opens what a button of a page opens. */
const opens = (path, name) => async () => {
  await app.go(path);
  await page.getByRole("button", { name }).first().click();
};

/** Opens what a person's menu has. */
const menu = (name) => async () => {
  await opens(`/users/${user}`, /^More actions for/)();
  await page.getByRole("menuitem", { name }).click();
};

/** What is typed into, how it is come to, and what sends it. */
const FORMS = [
  ["an invitation", opens("/users", "Invite user"), () => dialog().getByLabel("Email"), button("Invite user"), (n) => `new${n}@example.com`],
  ["a new group", opens("/groups", "Create group"), () => dialog().getByLabel("Name"), button("Create group")],
  ["a new package", opens("/packages", "Create package"), () => dialog().getByLabel("Name"), button("Create package")],
  ["a person's name", menu("Edit name and email"), () => dialog().getByLabel("First name"), button("Save")],
  ["a view as somebody", menu(/^View as/), () => dialog().getByLabel("Reason"), button("View")],
  ["the settings", () => app.go("/settings"), () => page.getByLabel("Tenant name"), bar],
  ["a package", () => app.go("/packages/gold"), () => page.getByLabel("Description"), bar],
  ["a role", () => app.go("/roles/report_author"), () => page.getByLabel("Description"), bar],
  ["one's own name", () => app.go("/account"), () => page.getByLabel("First name"), () => page.getByRole("button", { name: "Save name" })],
];

const TIMES = {
  "a lost connection": {
    begins: () => page.context().setOffline(true),
    told: () => page.getByText("The server cannot be reached. What you typed is kept").first().waitFor(),
    ends: () => page.context().setOffline(false),
  },
  "a restart of the server": {
    begins: () => server.stop({ keep: true }),
    told: () => page.getByText("The server cannot be reached. What you typed is kept").first().waitFor(),
    ends: async () => (server = await startServer({ args: [], data: server.data, port: server.port })),
  },
  "a session that ended": {
    begins: () => page.context().clearCookies(),
    told: () => page.getByRole("dialog", { name: "Sign in again" }).waitFor(),
    ends: async () => {
      const asked = page.getByRole("dialog", { name: "Sign in again" });
      await asked.getByRole("textbox", { name: /^Password/ }).fill(ADA.password);
      await asked.getByRole("button", { name: "Sign in" }).click();
      await asked.waitFor({ state: "detached" });
    },
  },
};

let n = 0;
for (const [what, open, field, send, value = (n) => `Word ${n}`] of FORMS) {
  for (const [time, { begins, told, ends }] of Object.entries(TIMES)) {
    test(`${what} outlives ${time}`, async () => {
      const typed = value((n += 1));
      await open();
      await field().fill(typed);
      await eventually("it can be sent", async () => (await send().getAttribute("aria-disabled")) === null);
      await begins();
      // Where the server was asked before it is sent, the dialog that asks to sign in is there already.
      await send().click({ timeout: 2_000 }).catch(() => undefined);
      await told();
      assert.equal(await field().inputValue(), typed);
      await ends();
      assert.equal(await field().inputValue(), typed);
      await eventually("it is sent", async () => {
        if (!(await send().count())) return true;
        await send().click({ timeout: 1_000 });
        await page.waitForTimeout(500);
        return !(await send().count()) || (await page.getByText(/^Saved/).count()) > 0;
      });
    });
  }
}

test("what takes long says that it is under way, and is sent once", async () => {
  let sent = 0;
  await page.route("**/groups", async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    sent += 1;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await route.continue();
  });
  await opens("/groups", "Create group")();
  await dialog().getByLabel("Name").fill("Slow shift");
  const create = dialog().getByRole("button", { name: "Create group" });
  await create.click();
  assert.equal(await create.getAttribute("aria-busy"), "true");
  await create.click({ force: true });
  await dialog().getByLabel("Name").press("Enter");
  await app.toast("Created Slow shift");
  assert.equal(sent, 1);
  await page.unroute("**/groups");
});

test("what failed while the connection was lost is asked for again once it is back, and what was said of it is taken back", async () => {
  await app.go("/roles/report_author");
  const box = page.getByLabel("Description");
  await box.fill("Before it was lost");
  await eventually("it can be sent", async () => (await bar().getAttribute("aria-disabled")) === null);
  await page.context().setOffline(true);
  await box.fill("While it was lost");
  const alert = page.getByRole("region", { name: "Unsaved changes" }).getByRole("alert");
  await alert.getByText("The server cannot be reached. What you typed is kept").waitFor();
  await page.locator(".sync").getByText("offline, trying again").waitFor();
  await page.context().setOffline(false);
  await eventually("it is said no longer", async () => (await alert.filter({ hasText: /./ }).count()) === 0);
  await page.locator(".sync").getByText("live").waitFor();
  assert.equal(await box.inputValue(), "While it was lost");
  await page.getByRole("button", { name: "Discard" }).click();

  await page.context().setOffline(true);
  await page.getByRole("link", { name: "Groups", exact: true }).first().click();
  const failed = page.getByText("The server cannot be reached: try again in a moment.");
  await failed.first().waitFor();
  assert.equal(await page.getByText("What you typed is kept").count(), 0, "nothing was typed");
  await page.context().setOffline(false);
  await page.locator("tbody a").first().waitFor();
  await eventually("it is said no longer", async () => (await failed.count()) === 0);
});

test("while a slow server answers, the page has its shape, and is never blank", async () => {
  await page.route("**/api/v1/**", async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 400));
    await route.continue().catch(() => undefined);
  });
  await page.goto(`${app.server.url}/users`, { waitUntil: "commit" });
  const shapes = new Set();
  await eventually("the page", async () => {
    const shape = await page.evaluate(() => {
      const main = [...document.querySelectorAll(".opening, .page-head")].find((it) => it.checkVisibility() && it.getBoundingClientRect().height > 0);
      return document.body?.childElementCount ? (main?.className ?? "blank") : "no document yet";
    });
    shapes.add(shape);
    return (await page.locator("tbody a").count()) > 0;
  });
  await page.unroute("**/api/v1/**");
  shapes.delete("no document yet");
  assert.deepEqual([...shapes].sort(), ["opening", "page-head"]);
});

test("what was made although its answer was lost is not made again, nor told to be taken", async () => {
  await opens("/groups", "Create group")();
  await dialog().getByLabel("Name").fill("Lost answer");
  let lost = 0;
  await page.route("**/groups", async (route) => {
    if (route.request().method() !== "POST" || lost) return route.continue();
    lost += 1;
    await route.fetch();
    return route.abort();
  });
  await dialog().getByRole("button", { name: "Create group" }).click();
  await dialog().getByText(/The server cannot be reached/).first().waitFor();
  assert.equal((await app.get("/groups?search=Lost")).total, 1, "it was made");
  await dialog().getByRole("button", { name: "Create group" }).click();
  await page.getByRole("heading", { level: 1, name: "Lost answer" }).waitFor();
  assert.equal((await app.get("/groups?search=Lost")).total, 1);
  await page.unroute("**/groups");
});
