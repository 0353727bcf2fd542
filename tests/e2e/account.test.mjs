// One's own account, with a real browser and real codes: name, password, second factor and sessions; and a second factor
// that is asked of people who have none.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { axe, call, eventually, setUp, startBrowser, startServer, watch } from "./rolewright.mjs";

const ADA = { email: "ada@example.com", password: "a long walk by the river" };
const BEN = { email: "ben@example.com", password: "seven green umbrellas" };
const NEW = "eight yellow raincoats";

let server, browser;

before(async () => {
  server = await startServer();
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** What an authenticator shows that keeps this key (RFC 6238), `steps` of 30 seconds from now. */
function codeOf(key, steps = 0) {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...key.replaceAll(" ", "")].map((letter) => letters.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const bytes = bits.match(/.{8}/g).map((byte) => parseInt(byte, 2));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const hash = createHmac("sha1", Buffer.from(bytes)).update(step).digest();
  const code = (hash.readUInt32BE(hash[19] & 15) & 0x7fffffff) % 1_000_000;
  return String(code).padStart(6, "0");
}

/** A new page of a browser of its own, with what it said that it should not have. */
async function visitor(options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  return { context, page, said: watch(page) };
}

async function signIn(page, { email, password }, path = "/sign-in") {
  await page.goto(`${server.url}${path}`);
  await page.getByLabel("Email").fill(email);
  await page.getByRole("textbox", { name: /^Password/ }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Whether axe finds nothing in both themes, and nothing is wider than the narrowest window. */
async function isFine(page) {
  assert.deepEqual(await axe(page), []);
  const before = page.viewportSize();
  await page.setViewportSize({ width: 320, height: 720 });
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320);
  await page.setViewportSize(before);
}

const part = (page, name) => page.getByRole("region", { name });
const keyOf = (page) => page.locator(".account__key").innerText();
const codes = (page) => page.locator(".recovery__codes code").allInnerTexts();
const typed = (page, name) => page.getByRole("textbox", { name });

test("one changes one's name and password, and ends other sessions", async () => {
  const { page, said } = await visitor();
  await setUp(page, server, ADA);
  await page.getByRole("button", { name: `Account of ${ADA.email}` }).click();
  await page.getByRole("link", { name: "Your account" }).click();
  await page.getByRole("heading", { level: 1, name: "Your account" }).waitFor();
  assert.equal(new URL(page.url()).pathname, "/account");
  await page.getByText("This one").waitFor();
  await isFine(page);

  await page.getByLabel("First name").fill("Ada");
  await page.getByLabel("Last name").fill("Lovelace");
  await page.getByRole("button", { name: "Save name" }).click();
  await page.getByRole("button", { name: "Account of Ada Lovelace" }).waitFor();

  // Two more sessions: one is ended by itself, the other by the new password.
  const [one, two] = [await visitor(), await visitor()];
  for (const { page } of [one, two]) {
    await signIn(page, ADA);
    await page.getByRole("button", { name: /^Account of/ }).waitFor();
  }
  await page.reload();
  await page.getByText("This one").waitFor();
  const sessions = part(page, "Sessions");
  assert.equal(await sessions.getByRole("button", { name: /^End the session/ }).count(), 2);
  const proved = async (button) => {
    await sessions.getByRole("textbox", { name: "Your password" }).fill(ADA.password);
    await sessions.getByRole("button", { name: button }).click();
  };
  await sessions.getByRole("button", { name: /^End the session/ }).first().click();
  await sessions.getByRole("button", { name: "Cancel" }).click();
  assert.equal(await sessions.getByRole("button", { name: /^End the session/ }).count(), 2);
  await sessions.getByRole("button", { name: /^End the session/ }).first().click();
  await sessions.getByText("is signed out.").waitFor();
  await isFine(page);
  await proved("End session");
  await eventually("one session is gone", async () => (await sessions.getByRole("button", { name: /^End the session/ }).count()) === 1);
  await sessions.getByRole("button", { name: "End all others" }).click();
  await proved("End all others");
  await eventually("all others are gone", async () => (await sessions.getByRole("button", { name: /^End/ }).count()) === 0);
  assert.ok(await sessions.getByText("This one").isVisible());
  await one.page.reload();
  await one.page.getByRole("heading", { name: "Sign in" }).waitFor();

  // What a password must be is said before it is typed.
  const password = part(page, "Password");
  await password.getByText("12 characters at least").waitFor();
  await typed(password, "Current password").fill(ADA.password);
  await typed(password, "New password").fill("short");
  await password.getByRole("button", { name: "Change password" }).click();
  await password.getByText("this one has 5").waitFor();
  await typed(password, "New password").fill("ada lovelace is me");
  await password.getByRole("button", { name: "Change password" }).click();
  await password.getByText(/your name/).last().waitFor();
  await typed(password, "New password").fill(NEW);
  await password.getByRole("button", { name: "Change password" }).click();
  await page.getByText("Your password is changed").waitFor();
  assert.equal(await typed(password, "New password").inputValue(), "");
  ADA.password = NEW;
  await page.reload();
  await page.getByText("This one").waitFor();
  assert.deepEqual(said().filter((line) => !line.includes("422")), [], "no errors in the console");
});

test("a second factor is set up by the keyboard alone, renewed, replaced and turned off", async () => {
  const { context, page, said } = await visitor({ acceptDownloads: true });
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: server.url });
  await signIn(page, ADA, "/account");
  const factor = part(page, "Second factor");
  await factor.getByText("It is off.").waitFor();

  const isFocused = (locator) => locator.evaluate((node) => node === document.activeElement);
  const tabTo = async (locator) => {
    for (let n = 0; n < 60; n += 1) {
      if (await isFocused(locator)) return;
      await page.keyboard.press("Tab");
    }
    assert.fail("the keyboard does not come there");
  };
  await tabTo(factor.getByRole("button", { name: "Set up" }));
  await page.keyboard.press("Enter");
  await eventually("the password has the focus", () => isFocused(typed(factor, "Your password")));
  await isFine(page);
  await page.keyboard.type(ADA.password);
  await page.keyboard.press("Enter");
  const picture = factor.getByRole("img", { name: /QR code/ });
  await picture.waitFor();
  assert.ok(await picture.evaluate((image) => image.complete && image.naturalWidth > 0), "the picture is drawn");
  await isFine(page);
  const key = await keyOf(page);
  await tabTo(factor.getByRole("button", { name: "Copy key" }));
  await page.keyboard.press("Enter");
  await factor.getByRole("button", { name: "Copied" }).waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), key.replaceAll(" ", ""));
  await tabTo(typed(factor, "Code"));
  await page.keyboard.type("000000");
  await page.keyboard.press("Enter");
  await factor.locator(".field__error").waitFor();
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.type(codeOf(key));
  await page.keyboard.press("Enter");
  await factor.getByText("I have saved them").waitFor();
  const first = await codes(page);
  assert.equal(first.length, 10);
  await isFine(page);

  // They are not left before they are saved, in a file too.
  const done = factor.getByRole("button", { name: "Done" });
  await tabTo(done);
  await page.keyboard.press("Enter");
  assert.ok(await done.isVisible());
  const download = page.waitForEvent("download");
  await factor.getByRole("button", { name: "Download" }).click();
  const file = await readFile(await (await download).path(), "utf8");
  assert.ok(first.every((code) => file.includes(code)) && file.includes(ADA.email), file);
  await tabTo(factor.getByRole("checkbox", { name: "I have saved them" }));
  await page.keyboard.press("Space");
  await tabTo(done);
  await page.keyboard.press("Enter");
  await factor.getByText("It is on.").waitFor();
  await eventually("the focus goes on there", () => isFocused(factor.getByRole("button", { name: "Replace authenticator" })));
  await isFine(page);

  // New recovery codes: those before are good no more.
  const prove = async (code, verb) => {
    await typed(factor, "Your password").fill(ADA.password);
    await typed(factor, "Code").fill(code);
    await factor.getByRole("button", { name: verb }).click();
  };
  const save = async () => {
    await factor.getByText("I have saved them").click();
    await factor.getByRole("button", { name: "Done" }).click();
    await factor.getByText("It is on.").waitFor();
  };
  await factor.getByRole("button", { name: "New recovery codes" }).click();
  await prove(first[0], "Make new codes");
  await factor.getByText("I have saved them").waitFor();
  const second = await codes(page);
  await save();
  await factor.getByRole("button", { name: "Replace authenticator" }).click();
  await prove(first[1], "Continue");
  await factor.getByRole("alert").waitFor();
  await prove(second[0], "Continue");
  const other = await keyOf(page);
  assert.notEqual(other, key);
  // A code of half a minute in which one was used counts no more, so it is the next one.
  await typed(factor, "Code").fill(codeOf(other, 1));
  await factor.getByRole("button", { name: "Replace authenticator" }).click();
  await factor.getByText("I have saved them").waitFor();
  const third = await codes(page);
  await save();

  // Signing in takes a code too.
  const elsewhere = await visitor();
  await signIn(elsewhere.page, ADA);
  await elsewhere.page.getByLabel("Code").fill(third[1]);
  await elsewhere.page.getByRole("button", { name: "Sign in" }).click();
  await elsewhere.page.getByRole("button", { name: /^Account of/ }).waitFor();

  await factor.getByRole("button", { name: "Turn off" }).click();
  await prove(third[0], "Turn off");
  await factor.getByText("It is off.").waitFor();
  assert.deepEqual(said().filter((line) => !/40[1-9]|410|422/.test(line)), [], "no errors in the console");
});

test("where a second factor is asked of a person who has none, it is set up before anything else", async () => {
  const ada = await visitor();
  await signIn(ada.page, ADA);
  await ada.page.getByRole("button", { name: /^Account of/ }).waitFor();
  const { link } = (await call(ada.page, "POST", "/users", { email: BEN.email, roles: ["admin"] })).body;
  const ben = await visitor();
  await ben.page.goto(link);
  await typed(ben.page, /^Password/).fill(BEN.password);
  await ben.page.getByRole("button", { name: "Set password" }).click();
  await ben.page.getByRole("button", { name: `Account of ${BEN.email}` }).waitFor();

  // Ben is asked as soon as the setting says so, wherever he is.
  const settings = await call(ada.page, "GET", "/settings");
  await call(ada.page, "PUT", "/settings", { ...settings.body.settings, second_factor: "everyone" }, settings.etag);
  const heading = { level: 1, name: "Set up your second factor" };
  await ben.page.getByRole("heading", heading).waitFor();
  await ben.page.getByRole("button", { name: "Sign out" }).click();
  await ben.page.getByRole("heading", { name: "Sign in" }).waitFor();

  // And when he signs in, in place of where he wanted to go; he comes there afterwards.
  await signIn(ben.page, BEN, "/users?search=ada");
  await ben.page.getByRole("heading", heading).waitFor();
  await ben.page.getByText("Until it is on, nothing else is open to you").waitFor();
  await isFine(ben.page);
  await typed(ben.page, "Your password").fill(BEN.password);
  await ben.page.keyboard.press("Enter");
  const key = await keyOf(ben.page);
  await isFine(ben.page);
  await typed(ben.page, "Code").fill(codeOf(key));
  await ben.page.keyboard.press("Enter");
  await ben.page.getByText("I have saved them").click();
  await isFine(ben.page);
  await ben.page.getByRole("button", { name: "Done" }).click();
  await ben.page.getByRole("heading", { level: 1, name: "Users" }).waitFor();
  assert.equal(ben.page.url(), `${server.url}/users?search=ada`);

  // It is not turned off where it is asked for; the page says why.
  await ben.page.goto(`${server.url}/account`);
  const factor = part(ben.page, "Second factor");
  await factor.getByText("It is on.").waitFor();
  const off = factor.getByRole("button", { name: "Turn off" });
  assert.equal(await off.getAttribute("aria-disabled"), "true");
  await off.focus();
  await factor.getByText("asks for a second factor of you").waitFor();
});
