// The worked scenario of the users-and-roles document (S0-30), in a real browser, with the real server, and with the
// example worker in the real Workers runtime.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { root } from "../surfaces/places.mjs";
import { serve as startWorker } from "../surfaces/workerd.mjs";
import { command, setUp, startBrowser, startServer, watch } from "./rolewright.mjs";

const ADA = { email: "ada@example.com", password: "a long walk by the river" };
const BEN = { email: "ben@example.com", password: "seven green umbrellas" };
/** How long an edge may go on after an edit, in milliseconds. */
const PROPAGATION = 1000;

let server, browser, worker;

before(async () => {
  const example = join(root, "www/examples/worker");
  execFileSync(process.execPath, [join(example, "build.mjs")], { stdio: "inherit" });
  server = await startServer({ args: ["--template", "mailer"] });
  const { key } = JSON.parse(
    await command("key", "create", "--name", "edge", "--permission", "snapshot.policy", "--data", server.data, "--json"),
  );
  worker = await startWorker(join(example, "dist/config.capnp"), {
    ROLEWRIGHT_URL: server.url,
    ROLEWRIGHT_TENANT: "default",
    ROLEWRIGHT_KEY: key,
    CONTACT: ADA.email,
  });
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await worker?.stop();
  await server?.stop();
});

test("S0-30 a report builder may do the job and nothing else, and loses a permission within a second", async () => {
  const ada = await (await browser.newContext()).newPage();
  const adaSaid = watch(ada);
  await setUp(ada, server, ADA);

  // A role with reports (view, manage, run) and templates (view, manage), and nothing else.
  await ada.getByRole("link", { name: "Roles" }).first().click();
  await ada.getByRole("link", { name: "Create role" }).or(ada.getByRole("button", { name: "Create role" })).first().click();
  await ada.getByLabel("Name", { exact: false }).first().fill("Report builder");
  for (const permission of ["Reports: View", "Reports: Manage", "Reports: Run", "Templates: View", "Templates: Manage"]) {
    await ada.getByRole("checkbox", { name: permission, exact: true }).check();
  }
  await save(ada);

  // Invite a person; they set their own password with the link.
  await ada.getByRole("link", { name: "Users" }).first().click();
  await ada.getByRole("button", { name: "Invite user" }).click();
  const invite = ada.getByRole("dialog");
  await invite.getByLabel("Email").fill(BEN.email);
  await invite.getByRole("button", { name: "Invite user" }).click();
  const link = await ada.getByRole("dialog").getByLabel("Invitation link").inputValue();
  await ada.getByRole("dialog").getByRole("button", { name: "I have copied it" }).click();

  const ben = await (await browser.newContext()).newPage();
  const benSaid = watch(ben);
  await ben.goto(link);
  await ben.getByRole("textbox", { name: /^Password/ }).fill(BEN.password);
  await ben.getByRole("button", { name: "Set password" }).click();
  await ben.getByRole("button", { name: new RegExp(BEN.email) }).first().waitFor();

  // Assign the role from the person's page.
  await ada.getByRole("link", { name: BEN.email }).first().click();
  await ada.getByRole("button", { name: "Assign role" }).first().click();
  const assign = ada.getByRole("dialog");
  await assign.getByRole("combobox", { name: "Role" }).fill("Report b");
  await assign.getByRole("option", { name: /Report builder/ }).click();
  await assign.getByRole("button", { name: "Assign role" }).click();
  await ada.getByRole("status").getByText(/now holds Report builder/).first().waitFor();

  // With that person's pass the worker lets the work through, and nothing wider.
  const pass = await ben.evaluate(async () => {
    const response = await fetch("/api/v1/tenants/default/passes", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    });
    return (await response.json()).pass;
  });
  const ask = async (method, path) => {
    const response = await fetch(worker.url + path, { method, headers: { authorization: `Bearer ${pass}` } });
    await response.arrayBuffer();
    return response.status;
  };
  assert.equal(await ask("POST", "/reports/weekly/run"), 200);
  assert.equal(await ask("PUT", "/reports/weekly"), 200);
  assert.equal(await ask("PUT", "/templates/plain"), 200);
  assert.equal(await ask("PUT", "/settings/mail"), 403, "mail settings");
  assert.equal(await ask("PUT", "/users/ada"), 403, "other people's accounts");
  assert.equal(await ask("GET", "/users"), 403, "other people's accounts");
  assert.equal(await ask("POST", "/qlik/connections"), 403, "Qlik connections");

  // Untick one permission in the browser: the worker refuses within a second, without a restart.
  await ada.getByRole("link", { name: "Roles" }).first().click();
  await ada.getByRole("link", { name: "Report builder" }).first().click();
  await ada.getByRole("checkbox", { name: "Reports: Run", exact: true }).uncheck();
  await save(ada);
  await pause(PROPAGATION);
  assert.equal(await ask("POST", "/reports/weekly/run"), 403, "running is taken away");
  assert.equal(await ask("PUT", "/reports/weekly"), 200, "the rest stays");

  // The browser of the person shows what is left: nothing of the console.
  await ben.reload();
  await ben.getByRole("button", { name: new RegExp(BEN.email) }).first().waitFor();
  assert.equal(await ben.getByRole("link", { name: "Users" }).count(), 0, "what may not be seen is absent");

  assert.deepEqual(adaSaid(), [], "no errors in the administrator's console");
  assert.deepEqual(benSaid(), [], "no errors in the person's console");
});

/** Saves the role that is open, and waits until the server has it. */
async function save(page) {
  const saved = page.waitForResponse(
    (response) => /\/roles(\/|$)/.test(new URL(response.url()).pathname) && response.request().method() !== "GET",
  );
  await page.getByRole("button", { name: "Save" }).click();
  const response = await saved;
  // The page moves on after a save, and what was answered is then no longer to be read: only where it is needed.
  if (!response.ok()) assert.fail(`${response.status()} ${await response.text()}`);
  await page.getByRole("status").getByText(/Saved/).first().waitFor();
}
