// What the editor of a role says while it is edited, in a real browser with the real server.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axe, begin, call, eventually } from "./rolewright.mjs";

const ADA = { email: "ada@example.com", password: "a long walk by the river" };

let app, page;

before(async () => {
  app = await begin("mailer", ADA);
  page = app.page;
  page.setDefaultTimeout(10_000);
  await call(page, "POST", "/roles", { id: "runner", name: "Runner", grants: {} });
});

after(() => app?.stop());

const bar = () => page.getByRole("region", { name: "Unsaved changes" });
const name = () => page.getByLabel("Name", { exact: true });
const discard = () => bar().getByRole("button", { name: "Discard" }).click();

async function open() {
  await app.go("/roles/runner");
  await page.getByRole("heading", { name: "Runner", level: 1 }).waitFor();
}

test("a role whose name is being written anew is called as it was", async () => {
  await open();
  await name().fill("");
  await bar().waitFor();
  assert.equal(await page.getByRole("heading", { level: 1 }).innerText(), "Runner");
  await discard();
});

test("after a search a parent's checkbox says that it stands for what is shown", async () => {
  await open();
  const box = page.getByRole("checkbox", { name: /^All of / }).first();
  const module = (await box.getAttribute("aria-label")).replace("All of ", "");
  const first = await page.locator(".permission input[type=checkbox]").first().getAttribute("aria-label");
  await page.getByRole("searchbox").fill(first.split(": ").at(-1));
  await page.getByRole("checkbox", { name: `All that is shown of ${module}`, exact: true }).waitFor();
  assert.equal(await page.getByRole("checkbox", { name: `All of ${module}`, exact: true }).count(), 0);
});

test("what was said of changes on top of somebody else's goes once they are saved", async () => {
  await open();
  await name().fill("Runner of things");
  await bar().waitFor();
  const { body, etag } = await call(page, "GET", "/roles/runner");
  await call(page, "PUT", "/roles/runner", { ...body.role, description: "Theirs" }, etag);
  await page.locator(".banner").filter({ hasText: "Somebody changed this role" }).getByRole("button", { name: "Review" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Put mine on top" }).click();
  await app.toast(/on top of theirs/);
  await eventually("the focus stays", () => page.evaluate(() => document.activeElement !== document.body));
  await bar().getByRole("button", { name: "Save" }).click();
  await app.toast(/^Saved/);
  assert.equal(await page.getByText(/on top of theirs/).count(), 0);
  await name().fill("Runner");
  await bar().getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { name: "Runner", level: 1, exact: true }).waitFor();
});

test("that the session had ended is said no longer once it goes on", async () => {
  await open();
  await page.getByLabel("Description").fill("Runs things");
  await bar().getByText("Nothing changes for anybody.").waitFor();
  await page.context().clearCookies();
  await bar().getByRole("button", { name: "Save" }).click();
  const dialog = page.getByRole("dialog", { name: "Sign in again" });
  await dialog.getByLabel("Password", { exact: true }).fill(ADA.password);
  await dialog.getByRole("button", { name: "Sign in" }).click();
  await dialog.waitFor({ state: "detached" });
  await eventually("it is taken back", async () => (await page.getByText("Your session had ended").count()) === 0);
  await bar().getByRole("button", { name: "Save" }).click();
  await app.toast(/^Saved/);
});

test("whoever assigns a superuser role to everybody is told that everybody may then do everything", async () => {
  await app.go("/permissions/superuser?of=everyone");
  const select = page.getByRole("combobox", { name: /^Auto assign of / });
  await select.selectOption("anyone");
  const ask = page.getByRole("alertdialog");
  await ask.getByText("Everybody may then do everything").waitFor();
  assert.match(await ask.getByRole("button", { name: "Assign to everyone" }).getAttribute("class"), /button--danger/);
  assert.deepEqual(await axe(page), []);
  await ask.getByRole("button", { name: "Cancel" }).click();
});
