// The layout shift of every page: what moves that nobody has just touched.
import { figure } from "../measure.mjs";
import { begin, rest } from "./app.mjs";

function watchShift() {
  globalThis.benchShift = { sum: 0, what: [] };
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput, sources } of list.getEntries()) {
      if (hadRecentInput) continue;
      benchShift.sum += value;
      benchShift.what.push(...sources.map(({ node }) => `${node?.nodeName}.${node?.className ?? node?.parentElement?.className}`));
    }
  }).observe({ type: "layout-shift", buffered: true });
}

/** Every page that there is, with its tabs. */
async function paths(get) {
  const [users, roles, groups, packages, log] = await Promise.all(
    ["/users?status=active&limit=6", "/roles", "/groups", "/packages", "/audit?limit=1"].map(get),
  );
  const { policy } = await get("/policy");
  const [one, two] = users.items.map(({ id }) => id);
  const [permission] = policy.catalogue.modules.flatMap((it) => it.permissions ?? []).map(({ id }) => id);
  const ids = roles.items.map(({ role }) => role.id);
  const custom = roles.items.find(({ role }) => !role.superuser && !role.base)?.role.id;
  const inTabs = (path, name, tabs) => tabs.map((tab) => `${path}?${name}=${tab}`);
  return [
    "/", "/users", "/users?search=a", "/users?limit=200", "/import", "/review", "/permissions",
    ...inTabs(`/permissions/${custom}`, "of", ["users", "groups", "everyone"]),
    ...inTabs(`/users/${one}`, "tab", ["roles", "permissions", "history"]),
    "/roles", "/roles?view=table", "/roles/new", ...ids.slice(0, 4).map((id) => `/roles/${id}`),
    `/roles/${custom}/versions`, `/roles/compare?roles=${ids.slice(0, 3)}`,
    "/matrix", "/matrix?rows=permissions",
    "/groups", ...groups.items.slice(0, 1).flatMap(({ group }) => inTabs(`/groups/${group.id}`, "tab", ["members", "roles", "history"])),
    "/packages", ...packages.items.slice(0, 1).map((it) => `/packages/${it.package.id}`),
    "/resources", "/resources?tab=operations",
    "/access", `/access?subject=${one}&permission=${permission}`, `/access?tab=who&permission=${permission}`, `/access?tab=what&subject=${one}`,
    `/access?tab=compare&subject=${one}&with=${two}`,
    "/audit", ...log.items.map(({ at }) => `/audit/${at.revision}`),
    ...inTabs("/settings", "tab", ["general", "entitlements", "keys", "policy"]),
    "/account", "/nowhere",
  ];
}

/** The worst page of an app: each is opened by its address, then again from the page before it, as links do. */
async function worst(app) {
  const found = [];
  const told = (path, { sum, what }) => {
    found.push(sum);
    if (sum > 0.001) console.error(`${path}: ${sum.toFixed(4)} ${[...new Set(what)].join(", ")}`);
  };
  for (const path of await paths(app.get)) {
    const { page, close } = await app.open(path, { watch: watchShift });
    await page.waitForLoadState("networkidle");
    await page.getByRole("heading", { level: 1 }).first().waitFor();
    await rest(page, 700);
    told(path, await page.evaluate(() => benchShift));
    await close();
  }
  const { page } = await app.open("/", { watch: watchShift });
  await page.getByRole("link", { name: "Users" }).first().waitFor();
  const links = page.locator("nav a[href^='/']");
  for (let n = 0; n < (await links.count()); n += 1) {
    await rest(page, 1_000);
    await page.evaluate(() => Object.assign(benchShift, { sum: 0, what: [] }));
    const to = await links.nth(n).getAttribute("href");
    // By script: what a click itself moves does not count, what comes after the answer does.
    await links.nth(n).evaluate((link) => link.click());
    await page.waitForLoadState("networkidle");
    await rest(page, 1_000);
    told(`to ${to}`, await page.evaluate(() => benchShift));
  }
  return Math.max(...found);
}

const [, , people] = process.argv;
for (const [name, how] of [
  ["shift", { template: "mailer", demo: true }],
  ["shift at 100,000 people", { people }],
]) {
  const app = await begin(how);
  try {
    figure(`admin/${name}`, await worst(app), "");
  } finally {
    await app.stop();
  }
}
