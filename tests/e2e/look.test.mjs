// How the app looks on a device: its theme, its contrast and how close its rows stand, in a real browser with the real server.

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { axe, begin, eventually } from "./rolewright.mjs";

const ADA = { email: "ada@example.com", password: "a long walk by the river" };

let app, page;

before(async () => {
  app = await begin("mailer", ADA);
  page = app.page;
});

after(() => app?.stop());

afterEach(async () => {
  await page.emulateMedia({ contrast: "no-preference", forcedColors: "none", colorScheme: "light" });
  await page.evaluate(() => ["theme", "contrast", "density"].forEach((look) => localStorage.removeItem(`rolewright.${look}`)));
});

async function choose(look, word) {
  await page.getByRole("button", { name: /^Account of/ }).click();
  await page.getByRole("radiogroup", { name: look }).getByRole("radio", { name: word }).check();
  await page.keyboard.press("Escape");
}

/** How much lighter one colour of the page is than another: WCAG's ratio, of what is really painted. */
const contrast = (selector) =>
  page.locator(selector).first().evaluate((element) => {
    const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    const light = (colour) => {
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((it) => it / 255).map((it) => (it <= 0.04045 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const [one, other] = [getComputedStyle(element).color, getComputedStyle(document.documentElement).backgroundColor].map(light);
    return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
  });

const FAINT = ".page-head__text";

for (const theme of ["light", "dark"]) {
  test(`high contrast is what the system asks for, or what was chosen, and stays so, ${theme}`, async () => {
    await page.emulateMedia({ colorScheme: theme });
    await app.go("/users");
    await page.locator(FAINT).waitFor();
    const usual = await contrast(FAINT);
    assert.ok(usual >= 4.5 && usual < 12, `${usual}`);
    await page.emulateMedia({ colorScheme: theme, contrast: "more" });
    assert.ok((await contrast(FAINT)) > 12, `${await contrast(FAINT)}`);
    // What was chosen comes before what the system asks for.
    await choose("Contrast", "Standard");
    await eventually("as usual", async () => (await contrast(FAINT)) === usual);
    await page.emulateMedia({ colorScheme: theme, contrast: "no-preference" });
    await choose("Contrast", "High");
    await eventually("more", async () => (await contrast(FAINT)) > 12);
    await page.reload();
    await page.locator(FAINT).waitFor();
    assert.ok((await contrast(FAINT)) > 12);
    assert.deepEqual(await axe(page), []);
  });
}

test("rows stand closer where that was chosen, from the first paint on, and by the search too", async () => {
  const row = async () => Math.round((await page.locator("tbody tr").nth(5).boundingBox()).height);
  await app.go("/groups");
  await page.locator("tbody a").first().waitFor();
  const roomy = await row();
  assert.ok(roomy >= 40, `${roomy}`);
  await choose("Rows", "Compact");
  await eventually("closer", async () => (await row()) < roomy);
  assert.ok((await row()) <= 34, `${await row()}`);
  await page.reload();
  await page.locator("tbody a").first().waitFor();
  assert.ok((await row()) <= 34, `${await row()}`);
  assert.deepEqual(await axe(page), []);
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Search or ask" }).fill("rows roomy");
  await page.getByRole("option", { name: /Rows: Roomy/ }).first().waitFor();
  await page.keyboard.press("Enter");
  await eventually("as it was", async () => (await row()) === roomy);
});

test("where the system paints with its own colours everything that is on is still told apart", async () => {
  await page.emulateMedia({ forcedColors: "active" });
  await app.go("/users");
  const radio = page.getByRole("radiogroup", { name: "Status" }).locator("input:checked + .segmented__words");
  await radio.waitFor();
  assert.notEqual(await radio.evaluate((it) => getComputedStyle(it).outlineStyle), "none");
  const badge = page.locator(".badge").first();
  assert.equal(await badge.evaluate((it) => getComputedStyle(it).borderTopStyle), "solid");
  const style = (element, name) => element.evaluate((it, name) => getComputedStyle(it)[name], name);
  assert.notEqual(await style(page.getByLabel("Show entries"), "appearance"), "none", "a list to choose from is seen as one");
  const [off, on] = [page.getByRole("button", { name: "Previous" }), page.getByRole("button", { name: "Next", exact: true })];
  assert.notEqual(await style(off, "color"), await style(on, "color"), "what does nothing now looks so");
  assert.notEqual(await style(page.getByRole("button", { name: "Invite user" }), "backgroundColor"), await style(on, "backgroundColor"));
  assert.notEqual(await style(page.locator(".sync__dot"), "backgroundColor"), await style(page.locator(".top-bar"), "backgroundColor"));
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Search or ask" }).fill("rows roomy");
  const active = page.locator('.listbox__option[aria-selected="true"]');
  await active.waitFor();
  assert.notEqual(await style(active, "outlineStyle"), "none", "the option that Enter takes");
  await app.go("/roles/new");
  await page.getByLabel("Name", { exact: true }).fill("Reader");
  const bar = page.getByRole("region", { name: "Unsaved changes" });
  await bar.waitFor();
  assert.equal(await style(bar, "borderTopStyle"), "solid");
  await bar.getByRole("button", { name: "Discard" }).click();
});
