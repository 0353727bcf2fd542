// Accounts by mail, with the real server, a real mail server and a real browser: an invitation and a forgotten password.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startMailbox } from "./mailbox.mjs";
import { axe, eventually, setUp, startBrowser, startServer, watch } from "./rolewright.mjs";

const ADA = { email: "ada@example.com", password: "a long walk by the river" };
const BEN = { email: "ben@example.com", password: "seven green umbrellas" };
const NEW = "eight yellow raincoats";

let mailbox, server, browser;

before(async () => {
  mailbox = await startMailbox();
  const mail = ["--smtp-url", mailbox.url, "--mail-from", "Rolewright <access@example.com>"];
  server = await startServer({ args: ["--template", "mailer", ...mail] });
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await server?.stop();
  await mailbox?.stop();
});

/** What the server answers to a POST from nowhere. */
async function post(path, body) {
  const response = await fetch(`${server.url}/api/v1/tenants/default${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.text() };
}

const tokenOf = (link) => link.split("#token=")[1];

test("S0-14: an invitation arrives by mail and is good once; a forgotten password is set by a mail, once", async () => {
  const ada = await (await browser.newContext()).newPage();
  const said = watch(ada);
  await setUp(ada, server, ADA);

  // The page says where the invitation went, and shows no link.
  await ada.getByRole("link", { name: "Users" }).first().click();
  await ada.getByRole("button", { name: "Invite user" }).click();
  await ada.getByRole("dialog").getByLabel("Email").fill(BEN.email);
  await ada.getByRole("dialog").getByRole("button", { name: "Invite user" }).click();
  await ada.getByRole("dialog").getByText(`The invitation was sent to ${BEN.email}.`).waitFor();
  assert.equal(await ada.getByRole("dialog").getByLabel("Invitation link").count(), 0);
  await ada.getByRole("dialog").getByRole("button", { name: "Done" }).click();

  const invitation = await mailbox.next();
  assert.deepEqual([invitation.to, invitation.from], [BEN.email, "Rolewright <access@example.com>"]);
  assert.match(invitation.subject, /^You are invited to /);
  assert.ok(invitation.link.startsWith(`${server.url}/invitation#token=`), invitation.text);

  // Ben sets a password with it. What looks at links in mails uses nothing up.
  assert.equal((await fetch(invitation.link)).status, 200);
  const context = await browser.newContext();
  const ben = await context.newPage();
  const benSaid = watch(ben);
  await ben.goto(invitation.link);
  const password = ben.getByRole("textbox", { name: /^Password/ });
  await password.waitFor();
  assert.deepEqual(
    [await password.getAttribute("type"), await password.getAttribute("autocomplete")],
    ["password", "new-password"],
  );
  await password.focus();
  await paste(ben, BEN.password);
  await ben.getByRole("button", { name: "Show password" }).click();
  assert.deepEqual([await password.getAttribute("type"), await password.inputValue()], ["text", BEN.password]);
  await ben.getByRole("button", { name: "Set password" }).click();
  const person = ben.getByRole("button", { name: new RegExp(BEN.email) }).first();
  await person.waitFor();
  const again = await post("/invitations/accept", { token: tokenOf(invitation.link), password: NEW });
  assert.equal(again.status, 410, again.body);

  // Signed out by the menu at the top, Ben has forgotten the password.
  await person.click();
  await ben.getByRole("button", { name: "Sign out" }).click();
  // What is missing or wrong is said beside the field, which gets the focus.
  await ben.getByRole("button", { name: "Sign in", exact: true }).click();
  await ben.getByText("Write your password.").waitFor();
  await eventually("the focus", () => ben.evaluate(() => document.activeElement.type === "email"));
  await ben.getByRole("link", { name: "Forgot your password?" }).click();
  await ben.getByLabel("Email").fill("nobody");
  await ben.getByRole("button", { name: "Send link" }).click();
  await ben.getByText("is not an email address: there is no @ in it.").waitFor();
  await ben.getByLabel("Email").fill(BEN.email);
  await ben.getByRole("button", { name: "Send link" }).click();
  await ben.getByRole("heading", { name: "Look into your mailbox" }).waitFor();
  const reset = await mailbox.next();
  assert.equal(reset.to, BEN.email);
  assert.match(reset.subject, /^Set a new password for /);
  assert.ok(reset.link.startsWith(`${server.url}/password-reset#token=`), reset.text);

  await ben.goto("about:blank");
  await ben.goto(reset.link);
  await ben.getByRole("textbox", { name: /^Password/ }).fill(NEW);
  await ben.getByRole("button", { name: "Set password" }).click();
  await ben.getByRole("heading", { name: "Your password is set" }).waitFor();
  const notice = await mailbox.next();
  assert.equal(notice.to, BEN.email);
  assert.match(notice.subject, /^Your password was changed/);
  const replay = await post("/password-resets/accept", { token: tokenOf(reset.link), password: BEN.password });
  assert.equal(replay.status, 410, replay.body);

  // The page says that the link was used, and the new password signs in where the old one does not.
  assert.deepEqual(benSaid(), [], "no errors in the console so far");
  await ben.reload();
  await ben.getByRole("heading", { name: "This link is no longer good" }).waitFor();
  assert.equal((await post("/session", BEN)).status, 401);
  await ben.goto(`${server.url}/sign-in`);
  await ben.getByLabel("Email").fill(BEN.email);
  await ben.getByRole("textbox", { name: /^Password/ }).fill(NEW);
  await ben.getByRole("button", { name: "Sign in" }).click();
  await ben.getByRole("button", { name: new RegExp(BEN.email) }).first().waitFor();

  const printed = server.output();
  for (const link of [invitation.link, reset.link]) assert.ok(!printed.includes(tokenOf(link)), "no log has a link");
  assert.deepEqual(said(), [], "no errors in the administrator's console");
});

test("whoever is asked to sign in again may ask for a new password in a tab of its own, or leave", async () => {
  const page = await (await browser.newContext()).newPage();
  await page.goto(`${server.url}/sign-in`);
  await page.getByLabel("Email").fill(ADA.email);
  await page.getByRole("textbox", { name: /^Password/ }).fill(ADA.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("link", { name: "Users" }).first().click();
  await page.getByRole("button", { name: "Invite user" }).waitFor();
  await page.context().clearCookies();
  await page.getByRole("searchbox", { name: "Search users" }).fill("ada");
  const again = page.getByRole("dialog", { name: "Sign in again" });
  const [tab] = await Promise.all([page.context().waitForEvent("page"), again.getByRole("link", { name: "Forgot your password?" }).click()]);
  await tab.getByRole("heading", { name: "Forgot your password?" }).waitFor();
  await tab.close();
  assert.deepEqual(await axe(page), []);
  await again.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in", exact: true }).waitFor();
  assert.equal(new URL(page.url()).pathname, "/sign-in");
});

/** Pastes from the clipboard of that page's context, as a person does. */
async function paste(page, text) {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"], { origin: server.url });
  await page.evaluate((text) => navigator.clipboard.writeText(text), text);
  await page.keyboard.press("ControlOrMeta+V");
}
