// Takes a picture of every page, in both themes and at three widths: `node tests/e2e/screenshots.mjs [FOLDER]`.
// Those of the README are the 1440 px ones in docs/screenshots.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { call, setUp, startBrowser, startServer } from "./rolewright.mjs";

const folder = process.argv[2] ?? "target/screenshots";
const widths = (process.env.WIDTHS ?? "1440,768,320").split(",").map(Number);
const template = process.env.TEMPLATE ?? "mailer";
const ADA = { email: "ada@example.com", password: "a long walk by the river" };

await mkdir(folder, { recursive: true });
const server = await startServer({ args: ["--template", template, "--demo"] });
const browser = await startBrowser();
try {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  await page.goto(server.setupLink);
  await page.getByLabel("Email").waitFor();
  await shoot(page, "setup", server.setupLink);
  await setUp(page, server, ADA);
  await shoot(page, "overview", `${server.url}/`);
  await shoot(page, "search", `${server.url}/`, async () => {
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Search or ask" }).fill("can hana run reports");
    await page.getByRole("option", { name: /Reports: Run/ }).first().waitFor();
  });
  await shoot(page, "shortcuts", `${server.url}/`, async () => {
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
  });
  await shoot(page, "users", `${server.url}/users`);
  await shoot(page, "users-search", `${server.url}/users?search=an`);
  await shoot(page, "users-chosen", `${server.url}/users?limit=25`, () => page.getByRole("checkbox", { name: "Choose all on this page" }).check());
  await shoot(page, "users-edit-roles", `${server.url}/users?limit=25`, async () => {
    await page.getByRole("checkbox", { name: "Choose all on this page" }).check();
    await page.getByRole("button", { name: "Edit roles" }).click();
    await page.getByText(/assigned/).first().waitFor();
  });
  const table = "email,first_name,status,package\nbo@example.com,Bo,,\ncy@example.com,Cy,active,\nnobody,N,,\ndi@example.com,Di,asleep,\n";
  await shoot(page, "import", `${server.url}/import`);
  await shoot(page, "import-tried", `${server.url}/import`, async () => {
    await page.getByLabel("Table of people").setInputFiles({ name: "people.csv", mimeType: "text/csv", buffer: Buffer.from(table) });
    await page.getByText("Nothing is written yet", { exact: false }).waitFor();
  });
  await shoot(page, "review", `${server.url}/review`);
  const given = await page.evaluate(async () => (await fetch("/api/v1/tenants/default/roles")).json());
  const most = given.items.filter(({ role }) => !role.base && !role.superuser).reduce((one, other) => (other.assigned.users > one.assigned.users ? other : one)).role;
  await shoot(page, "review-decided", `${server.url}/review?role=${most.id}`, async () => {
    // The tab keeps what was decided for the picture before.
    const over = page.getByRole("button", { name: "Start over" });
    if (await over.count()) await over.click();
    await page.locator("tr[data-id] button").first().focus();
    for (const key of ["k", "r", "k"]) await page.keyboard.press(key);
    await page.getByText(/lose|Nothing changes for/).first().waitFor();
  });
  await shoot(page, "permissions", `${server.url}/permissions`);
  for (const of of ["users", "groups", "everyone"]) {
    await shoot(page, `permissions-${of}`, `${server.url}/permissions/${most.id}?of=${of}`);
  }
  await shoot(page, "permissions-assign", `${server.url}/permissions/${most.id}`, async () => {
    await page.getByRole("button", { name: "Assign", exact: true }).first().click();
    for (let n = 0; n < 3; n += 1) {
      await page.getByRole("combobox", { name: "Users" }).click();
      await page.getByRole("option").nth(n).click();
    }
    await page.getByText(/gain|Nothing changes/).first().waitFor();
  });
  await shoot(page, "permissions-unassign", `${server.url}/permissions/${most.id}`, async () => {
    await page.getByRole("checkbox", { name: "Choose all on this page" }).check();
    await page.getByRole("button", { name: "Unassign" }).click();
    await page.getByText(/lose|loses|Nothing changes/).first().waitFor();
  });
  await page.goto(`${server.url}/users`);
  await page.locator("tbody a").nth(3).click();
  await page.getByRole("tab").first().waitFor();
  await shoot(page, "user", page.url());
  await page.getByRole("tab", { name: /Permissions/ }).click();
  await shoot(page, "user-permissions", page.url());
  await shoot(page, "roles", `${server.url}/roles`);
  await shoot(page, "roles-table", `${server.url}/roles?view=table`);
  const { items } = await page.evaluate(async () => (await fetch("/api/v1/tenants/default/roles")).json());
  const builtIn = items.find(({ role }) => role.kind === "built_in" && Object.keys(role.grants).length > 5);
  const custom = items.find(({ role }) => role.kind !== "built_in" && !role.base && Object.keys(role.grants).length > 1);
  if (builtIn) await shoot(page, "role-built-in", `${server.url}/roles/${builtIn.role.id}`);
  if (custom) await shoot(page, "role", `${server.url}/roles/${custom.role.id}`);
  if (custom) {
    const { role: { id }, revision } = custom;
    const { body, etag } = await call(page, "GET", `/roles/${id}`);
    const grants = Object.fromEntries(Object.entries(body.role.grants).slice(1));
    await call(page, "PUT", `/roles/${id}?reason=Ticket+4711`, { ...body.role, grants }, etag);
    await shoot(page, "role-versions", `${server.url}/roles/${id}/versions`);
    await shoot(page, "role-version", `${server.url}/roles/${id}/versions/${revision}`);
    await shoot(page, "role-restore", `${server.url}/roles/${id}/versions/${revision}`, async () => {
      await page.getByRole("button", { name: "Restore this version" }).click();
      await page.getByText("By permission").waitFor();
    });
  }
  const some = items.filter(({ role }) => Object.keys(role.grants).length > 1).slice(0, 4);
  await shoot(page, "roles-compare", `${server.url}/roles/compare?roles=${some.map(({ role }) => role.id)}`);
  await shoot(page, "role-new", `${server.url}/roles/new`, async () => {
    await page.getByLabel("Name").first().fill("Report builder");
    for (const box of await page.getByRole("checkbox").all().then((all) => all.slice(2, 5))) await box.check().catch(() => {});
  });
  await shoot(page, "invite", `${server.url}/users`, async () => {
    await page.getByRole("button", { name: "Invite user" }).click();
    await page.getByRole("dialog").waitFor();
  });
  await shoot(page, "matrix", `${server.url}/matrix`);
  await shoot(page, "matrix-cell", `${server.url}/matrix?rows=permissions`, () => page.locator("[data-at='2-1']").click());
  await shoot(page, "groups", `${server.url}/groups`);
  const groups = await page.evaluate(async () => (await fetch("/api/v1/tenants/default/groups")).json());
  for (const tab of ["members", "roles", "history"]) {
    await shoot(page, `group-${tab}`, `${server.url}/groups/${groups.items[0].group.id}?tab=${tab}`);
  }
  await shoot(page, "packages", `${server.url}/packages`);
  const packages = await page.evaluate(async () => (await fetch("/api/v1/tenants/default/packages")).json());
  if (packages.items[0]) await shoot(page, "package", `${server.url}/packages/${packages.items[0].package.id}`);
  await shoot(page, "resources", `${server.url}/resources`);
  await shoot(page, "resources-operations", `${server.url}/resources?tab=operations`);
  await shoot(page, "settings", `${server.url}/settings`);
  await page.evaluate(async () => {
    const permissions = ["passes.issue", "snapshot.full", "snapshot.policy"];
    const body = JSON.stringify({ name: "Edge checker", permissions });
    await fetch("/api/v1/tenants/default/keys", { method: "POST", headers: { "content-type": "application/json" }, body });
  });
  for (const tab of ["entitlements", "keys", "policy"]) await shoot(page, `settings-${tab}`, `${server.url}/settings?tab=${tab}`);
  await shoot(page, "audit", `${server.url}/audit`);
  const log = await page.evaluate(async () => (await fetch("/api/v1/tenants/default/audit?kind=role&limit=1")).json());
  if (log.items[0]) await shoot(page, "audit-entry", `${server.url}/audit/${log.items[0].at.revision}`);
  const people = await page.evaluate(async () => (await fetch("/api/v1/tenants/default/users?status=active&limit=6")).json());
  const policy = await page.evaluate(async () => (await fetch("/api/v1/tenants/default/policy")).json());
  const permission = policy.policy.catalogue.modules.flatMap((it) => it.permissions ?? [])[3].id;
  const [one, two] = people.items.filter(({ email }) => email !== ADA.email).slice(-2).map((it) => it.id);
  await shoot(page, "access", `${server.url}/access`);
  await shoot(page, "access-why", `${server.url}/access?subject=${one}&permission=${permission}`);
  await shoot(page, "access-who", `${server.url}/access?tab=who&permission=${permission}`);
  await shoot(page, "access-what", `${server.url}/access?tab=what&subject=${one}`);
  await shoot(page, "access-compare", `${server.url}/access?tab=compare&subject=${one}&with=${two}`);
  await shoot(page, "account", `${server.url}/account`);
  await shoot(page, "account-second-factor", `${server.url}/account`, async () => {
    await page.getByRole("button", { name: "Set up" }).click();
    const factor = page.getByRole("region", { name: "Second factor" });
    await factor.getByRole("textbox", { name: "Your password" }).fill(ADA.password);
    await factor.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("img", { name: /QR code/ }).waitFor();
  });
  await shoot(page, "view-as", `${server.url}/users/${one}`, async () => {
    await page.getByRole("button", { name: /^More actions for / }).click();
    await page.getByRole("menuitem", { name: /^View as/ }).click();
    await page.getByRole("dialog").waitFor();
  });
  await call(page, "PUT", "/session/view?reason=they+see+no+reports", { user: one });
  await shoot(page, "viewing", `${server.url}/`);
  await shoot(page, "viewing-account", `${server.url}/account`);
  await call(page, "DELETE", "/session/view");
  const outside = await (await browser.newContext()).newPage();
  await shoot(outside, "sign-in", `${server.url}/sign-in`);
} finally {
  await browser.close();
  await server.stop();
}

/** One page in both themes at each width. */
async function shoot(page, name, url, prepare = async () => {}) {
  for (const theme of ["light", "dark"]) {
    for (const width of widths) {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
      await page.setViewportSize({ width, height: width < 500 ? 720 : 900 });
      if (page.url() !== url) await page.goto(url);
      else await page.reload();
      await page.waitForLoadState("networkidle").catch(() => {});
      await page.waitForTimeout(400);
      await prepare().catch((error) => console.error(name, width, String(error).split("\n")[0]));
      await page.waitForTimeout(100);
      await page.screenshot({ path: join(folder, `${name}-${theme}-${width}.png`) });
    }
  }
}
