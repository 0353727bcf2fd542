// Two tenants of one server in one browser: each has its own address, links, session and pages.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { command, eventually, startBrowser, startServer, setUp, watch } from "./rolewright.mjs";

const ADA = { email: "ada@example.com", password: "a long walk by the river" };
const BEA = { email: "bea@example.com", password: "three old wooden boats" };
const BEN = { email: "ben@example.com", password: "seven green umbrellas" };

let server, browser;

before(async () => {
  server = await startServer();
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

const path = (page) => new URL(page.url()).pathname;
const person = (page, { email }) => page.getByRole("button", { name: `Account of ${email}` });

/** Keeps what a browser sends: the addresses of its requests with their heads. */
function listen(context) {
  const sent = [];
  context.on("request", (request) => sent.push({ url: request.url(), headers: request.headers() }));
  return sent;
}

test("a second tenant is set up by its link, and everything of it keeps to its address", async () => {
  const made = await command("tenant", "create", "acme", "--template", "email-marketing", "--data", server.data, "--public-url", server.url);
  const link = /https?:\/\/\S+#token=\S+/.exec(made)?.[0];
  assert.ok(link?.startsWith(`${server.url}/tenants/acme/setup#token=`), made);

  const context = await browser.newContext();
  const sent = listen(context);
  const home = await context.newPage();
  const page = await context.newPage();
  const said = [watch(home), watch(page)];

  // At the default tenant's address it is good for nothing.
  await page.goto(link.replace("/tenants/acme", ""));
  await page.getByRole("heading", { name: "This link is closed" }).waitFor();
  await page.goto("about:blank");
  assert.equal(said[1]().filter((line) => !line.includes("410")).length, 0);
  said[1] = watch(page);

  await setUp(home, server, ADA);
  await setUp(page, { setupLink: link }, BEA);
  assert.equal(path(page), "/tenants/acme/");
  await person(page, BEA).waitFor();

  // Pages, and links that are opened in another tab.
  for (const name of ["Users", "Roles", "Packages", "Audit log"]) {
    const to = page.getByRole("navigation").getByRole("link", { name, exact: true });
    assert.match(await to.getAttribute("href"), /^\/tenants\/acme\//);
    await to.click();
    await page.getByRole("heading", { level: 1, name }).waitFor();
    assert.match(path(page), /^\/tenants\/acme\/./);
  }
  assert.match(await page.getByRole("link", { name: /Export/ }).getAttribute("href"), /^\/api\/v1\/tenants\/acme\/audit\/export/);

  // An invitation leads to the tenant's own page, and who accepts it is in that tenant.
  await page.getByRole("navigation").getByRole("link", { name: "Users", exact: true }).click();
  await page.getByRole("button", { name: "Invite user" }).click();
  await page.getByRole("dialog").getByLabel("Email").fill(BEN.email);
  await page.getByRole("dialog").getByRole("button", { name: "Invite user" }).click();
  const invitation = await page.getByRole("dialog").getByLabel("Invitation link").inputValue();
  assert.ok(invitation.startsWith(`${server.url}/tenants/acme/invitation#token=`), invitation);
  await page.getByRole("dialog").getByRole("button", { name: "I have copied it" }).click();
  const guests = await browser.newContext();
  const sentByBen = listen(guests);
  const ben = await guests.newPage();
  await ben.goto(invitation);
  await ben.getByRole("textbox", { name: /^Password/ }).fill(BEN.password);
  await ben.getByRole("button", { name: "Set password" }).click();
  await person(ben, BEN).waitFor();
  assert.equal(path(ben), "/tenants/acme/");

  // A page deep below is itself again when it is loaded anew, and Back stays in the tenant.
  await page.getByRole("link", { name: BEN.email }).first().click();
  await page.getByRole("heading", { level: 1, name: BEN.email }).waitFor();
  await eventually("Ben is active", () => page.getByText("Active").first().isVisible());
  await page.reload();
  await page.getByRole("heading", { level: 1, name: BEN.email }).waitFor();
  assert.match(path(page), /^\/tenants\/acme\/users\/u_/);
  await page.goBack();
  assert.equal(path(page), "/tenants/acme/users");
  await page.getByRole("link", { name: BEN.email }).first().waitFor();

  // Both are signed in, each sees their own people, and signing out of one leaves the other in.
  await home.reload();
  await person(home, ADA).waitFor();
  await home.getByRole("navigation").getByRole("link", { name: "Users", exact: true }).click();
  await home.getByRole("link", { name: ADA.email }).first().waitFor();
  assert.equal(await home.getByText(BEN.email).count(), 0);
  await person(page, BEA).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  assert.equal(path(page), "/tenants/acme/sign-in");
  await home.reload();
  await person(home, ADA).waitFor();
  await page.getByLabel("Email").fill(BEA.email);
  await page.getByRole("textbox", { name: /^Password/ }).fill(BEA.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await person(page, BEA).waitFor();
  assert.equal(path(page), "/tenants/acme/");

  for (const token of [link, invitation].map((link) => link.split("#token=")[1])) {
    for (const { url, headers } of [...sent, ...sentByBen]) {
      assert.ok(!url.split("#")[0].includes(token) && !JSON.stringify(headers).includes(token), url);
    }
  }
  assert.deepEqual(said.flatMap((of) => of()), [], "no errors in the console");
});

test("a tenant that is not there looks like one that is", async () => {
  const page = await (await browser.newContext()).newPage();
  const seen = [];
  for (const tenant of ["acme", "nowhere"]) {
    await page.goto(`${server.url}/tenants/${tenant}/users`);
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await page.getByLabel("Email").fill("eve@example.com");
    await page.getByRole("textbox", { name: /^Password/ }).fill("not the password");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").waitFor();
    seen.push(await page.getByRole("main").innerText());
  }
  assert.equal(seen[0], seen[1]);
});
