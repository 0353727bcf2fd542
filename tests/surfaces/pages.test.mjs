// What a person sees of a page in Chromium: elements and React, from the first paint on and while a server's edits come in.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createElement as h } from "react";
import { renderToString } from "react-dom/server";
import { build } from "esbuild";
import { load } from "rolewright";
import { Can, RolewrightProvider } from "rolewright/react";
import { Signer, snapshot } from "../../www/checker/test/fixtures.mjs";
import { launch } from "./chromium.mjs";
import { buildFolder, root } from "./places.mjs";
import { Upstream } from "./upstream.mjs";

/** Nothing inline, neither script nor style. */
const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";

/** What ana holds at a revision, as a browser may see it: `tasks.design` is disabled below its `can` level. */
function held(revision, grants) {
  const document = snapshot("full", { at: { epoch: 1, revision }, kind: "subject" });
  const [reports, tasks] = document.catalogue.modules;
  tasks.permissions[1] = { ...tasks.permissions[1], levels: { none: { ui: "disabled" } } };
  const roles = document.roles.map((role) => (role.id === "runner" ? { ...role, grants } : role));
  return { ...document, catalogue: { ...document.catalogue, modules: [reports, tasks] }, roles, users: document.users.slice(0, 1), assignments: document.assignments.slice(0, 1) };
}

const RUNNER = { "reports.run": "allowed", "reports.edit": "read_only" };
const ELEMENTS = `<!doctype html><title>Elements</title><script type="module" src="/watch.js"></script>
<rw-can permission="reports.run" hidden><button id="run">Run</button></rw-can>
<rw-can permission="reports.edit" hidden>
  <input id="name" value="weekly"><select id="kind"><option>a</option></select><input type="checkbox" id="tick">
  <button id="save">Save</button><a id="link" href="#link">Read</a>
</rw-can>
<rw-can permission="tasks.design" hidden>
  <button id="design">Design</button><button id="off" disabled>Off</button><a id="go" href="#gone">Go</a>
  <div id="custom" role="button" tabindex="0">Custom</div>
  <rw-can permission="reports.run" hidden><button id="nested">Nested</button></rw-can>
</rw-can>
<rw-can permission="tasks.run" resource="servers/prod/tasks/t1" hidden><b id="there">There</b></rw-can>
<rw-can permission="no.such" hidden><b id="unknown">Unknown</b></rw-can>
<rw-can hidden><b id="nothing">Nothing</b></rw-can>`;
const PART = `<!doctype html><title>Controls</title><script type="module" src="/watch.js"></script>
<rw-can id="part" permission="p" hidden>
  <button id="button">Button</button><input id="input" value="a"><a id="go" href="#gone">Go</a>
  <div id="plain">Plain</div><div id="role" role="button" tabindex="0">Role</div><own-button id="own"></own-button>
</rw-can><div id="out"></div>`;
const FORBIDDEN = ["there", "unknown", "nothing"];

const signer = await Signer.create();
const upstream = new Upstream(signer, held(5, RUNNER));
let browser;
let url;
let serverRendered;

before(async () => {
  const folder = buildFolder("pages");
  await build({
    entryPoints: ["controls-page.mjs", "elements-page.mjs", "react-page.mjs", "watch.mjs"].map((name) => join(root, "tests/surfaces/pages", name)),
    outdir: folder,
    bundle: true,
    format: "esm",
    conditions: ["browser"],
    define: { "process.env.NODE_ENV": '"production"' },
    logLevel: "warning",
  });
  const script = (name) => ["text/javascript", () => readFileSync(join(folder, name))];
  const wasm = createRequire(import.meta.url).resolve("rolewright/rolewright_bg.wasm");
  const react = () => `<!doctype html><title>React</title><script type="module" src="/watch.js"></script><div id="root">${serverRendered}</div>`;
  const headers = { "content-security-policy": POLICY };
  url = await upstream.listen(
    {
      "/elements": ["text/html", () => ELEMENTS],
      "/react": ["text/html", react],
      "/controls": ["text/html", () => PART],
      "/controls-page.js": script("controls-page.js"),
      "/elements-page.js": script("elements-page.js"),
      "/react-page.js": script("react-page.js"),
      "/watch.js": script("watch.js"),
      "/axe.js": ["text/javascript", () => readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"))],
      "/rolewright_bg.wasm": ["application/wasm", () => readFileSync(wasm)],
    },
    headers,
  );
  browser = await launch();
});
after(async () => {
  await browser?.close();
  upstream.close();
});

/** A page at a path, with what it said that it should not have. */
async function open(path) {
  const page = await browser.newPage();
  const said = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && !/favicon|404/.test(message.text()) && said.push(message.text()));
  page.on("pageerror", (error) => said.push(String(error)));
  await page.goto(url + path);
  return { page, said };
}

const seen = (page) => page.evaluate(() => [...document.querySelectorAll("[id]")].filter((it) => it.id !== "root" && it.checkVisibility()).map((it) => it.id));
const attribute = (page, id, name) => page.locator(`#${id}`).getAttribute(name);

test("elements are hidden until it is known, and then as the level says", async () => {
  upstream.document = held(5, RUNNER);
  const { page, said } = await open("/elements");
  assert.deepEqual(await seen(page), [], "nothing is shown before anything is known");
  await page.evaluate(() => import("/elements-page.js").then(({ start }) => start()));
  assert.deepEqual(await seen(page), ["run", "name", "kind", "tick", "save", "link", "design", "off", "go", "custom", "nested"]);

  // Read-only: what is typed into may be read and copied, the rest is disabled, a link leads on.
  assert.deepEqual([await attribute(page, "name", "readonly"), await attribute(page, "name", "aria-readonly")], ["", "true"]);
  for (const id of ["kind", "tick", "save"]) assert.equal(await page.locator(`#${id}`).isDisabled(), true, id);
  await page.locator("#link").click();
  assert.match(page.url(), /#link$/);
  // Disabled: nothing can be used, all of it can be seen, and the page's own stays the page's.
  for (const id of ["design", "off", "nested"]) assert.equal(await page.locator(`#${id}`).isDisabled(), true, id);
  for (const id of ["design", "go", "custom"]) assert.equal(await attribute(page, id, "aria-disabled"), "true", id);
  await page.evaluate(() => {
    globalThis.used = 0;
    document.querySelector("#custom").addEventListener("click", () => globalThis.used++);
    document.querySelector("#custom").addEventListener("keydown", () => globalThis.used++);
  });
  await page.locator("#go").click({ force: true });
  await page.locator("#custom").click({ force: true });
  await page.locator("#custom").press("Enter");
  await page.locator("#go").press("Enter");
  assert.match(page.url(), /#link$/);
  assert.equal(await page.evaluate(() => globalThis.used), 0);
  // Assistive technology is told the same, in words that it knows.
  const { violations } = await page.evaluate(async () => {
    await import("/axe.js");
    // What the test's page does not label is not what is tested.
    return globalThis.axe.run("rw-can", { rules: { label: { enabled: false }, "select-name": { enabled: false } } });
  });
  assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]), []);
  // What is hidden cannot be reached either, and says so.
  assert.equal(await page.evaluate(() => document.querySelector("#there").parentElement.inert), true);
  // What comes in later is held, what leaves is free.
  await page.evaluate(() => {
    const part = document.querySelector("#design").parentElement;
    part.append(Object.assign(document.createElement("button"), { id: "late" }));
    document.body.append(document.querySelector("#go"));
  });
  assert.equal(await page.locator("#late").isDisabled(), true);
  assert.equal(await attribute(page, "go", "aria-disabled"), null);
  await page.evaluate(() => document.querySelector("#custom").after(document.querySelector("#go")));

  // An administrator's edit comes in by itself.
  upstream.document = held(6, { "reports.edit": "yes", "tasks.design": "allowed", "tasks.run": "allowed" });
  await page.locator("#there").waitFor();
  assert.deepEqual(await seen(page), ["name", "kind", "tick", "save", "link", "design", "off", "custom", "go", "late", "there"]);
  for (const id of ["kind", "tick", "save", "design", "late"]) assert.equal(await page.locator(`#${id}`).isDisabled(), false, id);
  for (const id of ["name", "design", "go", "custom"]) {
    for (const name of ["readonly", "aria-readonly", "aria-disabled", "disabled"]) assert.equal(await attribute(page, id, name), null, `${id} ${name}`);
  }
  assert.equal(await page.locator("#off").isDisabled(), true, "what the page disables stays so");
  assert.equal(await page.locator("rw-can").first().getAttribute("ui"), "hidden");
  await page.locator("#go").click();
  assert.match(page.url(), /#gone$/);

  // Attributes may change, and without a checker nothing is shown.
  await page.evaluate(() => document.querySelector("#there").parentElement.setAttribute("resource", "servers"));
  assert.equal(await page.locator("#there").isVisible(), true);
  await page.evaluate(() => document.querySelector("#there").parentElement.setAttribute("permission", "reports.run"));
  assert.equal(await page.locator("#there").isVisible(), false);
  await page.evaluate(() => globalThis.stop());
  assert.deepEqual((await seen(page)).filter((id) => id !== "late"), []);
  assert.deepEqual((await page.evaluate(() => globalThis.everSeen)).filter((id) => FORBIDDEN.slice(1).includes(id)), [], "no flash");
  assert.deepEqual(said, []);
  await page.close();
});

test("React renders nothing forbidden on a server, in the browser's first paint, or later, and follows", async () => {
  upstream.document = held(7, RUNNER);
  serverRendered = await renderedWithout();
  assert.equal(serverRendered, "<p id=\"ask\">Ask for access</p>");
  const { page, said } = await open("/react");
  await page.evaluate(() => import("/react-page.js").then(({ start }) => start()));
  await page.locator("#run").waitFor();
  assert.deepEqual(await seen(page), ["run", "edit"]);
  assert.equal(await page.locator("#edit").textContent(), "read_only read_only");
  upstream.document = held(8, { "reports.edit": "yes" });
  await page.locator("#ask").waitFor();
  assert.deepEqual(await seen(page), ["ask", "edit"]);
  assert.equal(await page.locator("#edit").textContent(), "enabled yes");
  const renders = await page.evaluate(() => globalThis.renders);
  await page.waitForTimeout(400);
  assert.equal(await page.evaluate(() => globalThis.renders), renders, "what does not change is not rendered again");
  assert.deepEqual((await page.evaluate(() => globalThis.everSeen)).filter((id) => FORBIDDEN.includes(id)), [], "no flash");
  await page.evaluate(() => globalThis.stop());
  await page.locator("#edit").waitFor({ state: "detached" });
  assert.deepEqual(said, [], "hydrating finds what the server rendered");
  await page.close();
});

test("React renders the answers on a server that is asked to", async () => {
  const rw = await load(await signer.snapshot(held(9, RUNNER)), { keys: signer.keys });
  const tree = (props) => h(RolewrightProvider, { rw, ...props }, h(Can, { permission: "reports.run", fallback: "no" }, "yes"));
  assert.equal(renderToString(tree({ server: true })), "yes");
  assert.equal(renderToString(tree({})), "no");
  assert.equal(renderToString(tree({ server: true, subject: "ben" })), "no");
  assert.equal(renderToString(h(Can, { permission: "reports.run", fallback: "no" }, "yes")), "no", "without a provider");
  assert.equal(renderToString(h(RolewrightProvider, { rw: null, subject: null, server: true }, h(Can, { permission: "reports.run", fallback: "no" }, "yes"))), "no", "before there is a checker");
  rw.dispose();
  assert.equal(renderToString(tree({ server: true })), "no");
});

/** What the server renders of the page below, without a checker. */
async function renderedWithout() {
  const { App } = await import("./pages/react-app.mjs");
  return renderToString(h(RolewrightProvider, { rw: undefined }, h(App)));
}

/** The page of one part, and how it is told what the part is for. */
async function part() {
  const { page, said } = await open("/controls");
  await page.evaluate(() => import("/controls-page.js").then(({ start }) => start()));
  const say = (ui) => page.evaluate((ui) => import("/controls-page.js").then(({ say }) => say(ui)), ui);
  /** What a script of the page does, and what is so in the next moment. */
  const after = (script) => page.evaluate(async (script) => (await new Function(script)(), new Promise((resume) => setTimeout(resume, 0))), script);
  return { page, said, say, after };
}

test("what a page does with a control while it is held changes nothing, and is had when it is let go", async () => {
  const { page, say, after } = await part();
  await say("disabled");
  await after("button.disabled = false; input.disabled = false; button.removeAttribute('aria-disabled')");
  for (const id of ["button", "input"]) assert.equal(await page.locator(`#${id}`).isDisabled(), true, id);
  await say("read_only");
  await after("input.readOnly = false; role.setAttribute('aria-disabled', 'false')");
  assert.deepEqual([await attribute(page, "input", "readonly"), await attribute(page, "role", "aria-disabled")], ["", "true"]);
  // Its own it has again.
  await say("disabled");
  await after("button.disabled = true; role.setAttribute('aria-disabled', 'mixed')");
  await say("enabled");
  assert.deepEqual([await page.locator("#button").isDisabled(), await page.locator("#input").isDisabled()], [true, false]);
  assert.deepEqual([await attribute(page, "input", "readonly"), await attribute(page, "role", "aria-disabled"), await attribute(page, "role", "rw-held")], [null, "mixed", null]);
  await page.close();
});

test("what a page has the part itself be stays so, and no part shows what it must not", async () => {
  const { page, say, after } = await part();
  await say("enabled");
  await after("part.hidden = true; part.inert = true; part.style.display = 'flex'");
  await page.waitForTimeout(1_200);
  const own = () => page.evaluate(() => [part.hidden, part.inert, part.style.display]);
  assert.deepEqual(await own(), [true, true, "flex"], "a tick later, too");
  await after("part.hidden = false; part.inert = false");
  await say("hidden");
  await after("part.hidden = false; part.inert = false; part.style.display = 'grid'");
  assert.deepEqual([await page.locator("#part").isVisible(), await page.evaluate(() => part.inert)], [false, true]);
  await say("enabled");
  assert.deepEqual(await own(), [false, false, "grid"]);
  await page.close();
});

test("what a page takes away because it does not know it, or puts back each time, is held and let go all the same", async () => {
  const { page, say, after } = await part();
  await say("disabled");
  // As a library does that makes elements like others.
  await after("input.removeAttribute('rw-held')");
  assert.equal(await page.locator("#input").isDisabled(), true);
  await say("enabled");
  assert.deepEqual([await page.locator("#input").isDisabled(), await attribute(page, "input", "rw-held")], [false, null]);
  // A page that never gives in is held up no more than it holds itself up.
  await after("window.theirs = new MutationObserver(() => (button.disabled = false)); theirs.observe(button, { attributes: true })");
  await say("disabled");
  await page.waitForTimeout(100);
  await after("theirs.disconnect()");
  await page.waitForTimeout(100);
  assert.equal(await page.locator("#button").isDisabled(), true);
  // Whatever the page hides itself stays hidden.
  await after("part.style.setProperty('display', 'none', 'important')");
  for (const ui of ["enabled", "hidden", "disabled"]) {
    await say(ui);
    assert.equal(await page.locator("#part").isVisible(), false, ui);
  }
  await page.close();
});

test("nothing in a disabled part can be used, of whatever it is made", async () => {
  const { page, say, after } = await part();
  await say("enabled");
  await after("part.append(Object.assign(document.createElement('iframe'), { id: 'frame', srcdoc: '<button>Framed</button>' }))");
  await page.frameLocator("#frame").locator("button").waitFor();
  await after("frame.contentDocument.querySelector('button').addEventListener('click', () => used.push('frame'))");
  const use = async () => {
    for (const id of ["plain", "role", "own"]) await page.locator(`#${id}`).click({ force: true });
    await page.locator("#frame").click({ force: true, position: { x: 30, y: 20 } });
    await page.locator("#plain").click({ force: true, button: "middle" });
    await page.locator("#go").click({ force: true, button: "middle" });
    for (const key of ["Enter", "Space", "ArrowDown", "PageUp", "Home", "F2"]) await page.locator("#role").press(key);
    return page.evaluate(() => globalThis.used.splice(0));
  };
  await say("disabled");
  const pages = page.context().pages().length;
  assert.deepEqual(await use(), []);
  assert.equal(page.context().pages().length, pages, "nor does a link open by the middle button");
  await say("read_only");
  assert.ok(!(await use()).includes("role"), "what has a role that does something is a control");
  await say("enabled");
  assert.deepEqual([...new Set(await use())].sort(), ["frame", "own", "plain", "role"]);
  await page.close();
});

test("a frame in a disabled part takes no keys, whether it has the focus then or takes it later", async () => {
  const { page, say, after } = await part();
  const typed = () => page.evaluate(() => [...document.querySelectorAll("iframe")].map((frame) => frame.contentDocument.querySelector("input").value));
  const add = (id) => after(`part.append(Object.assign(document.createElement("iframe"), { id: "${id}", srcdoc: "<input>" })); return new Promise((resume) => (${id}.onload = resume))`);
  await say("enabled");
  await add("first");
  await after("first.contentDocument.querySelector('input').focus()");
  await page.keyboard.press("a");
  assert.deepEqual(await typed(), ["a"]);
  for (const ui of ["disabled", "hidden"]) {
    await say("enabled");
    await after("first.contentDocument.querySelector('input').focus()");
    await say(ui);
    await page.keyboard.press("b");
    assert.deepEqual(await typed(), ["a"], ui);
  }
  await say("disabled");
  await add("second");
  for (const focus of ["second.contentDocument.querySelector('input').focus()", "second.contentWindow.focus()", "second.focus()"]) {
    await after(focus);
    await page.keyboard.press("c");
    assert.deepEqual([await typed(), await page.evaluate(() => document.activeElement.tagName)], [["a", ""], "BODY"], focus);
  }
  // What is held otherwise may have the focus: who comes by the keyboard hears that it is disabled.
  await after("role.focus()");
  assert.equal(await page.evaluate(() => document.activeElement.id), "role");
  await page.close();
});

test("what leaves a part is free, and a clone is as its own part says", async () => {
  const { page, say, after } = await part();
  await say("disabled");
  await after("window.kept = part; out.append(button); part.remove()");
  assert.deepEqual([await page.locator("#button").isDisabled(), await attribute(page, "button", "rw-held")], [false, null]);
  await after("document.body.append(kept); part.append(button)");
  assert.equal(await page.locator("#button").isDisabled(), true);
  await after("window.clone = part.cloneNode(true); part.remove(); document.body.append(clone)");
  await say("enabled");
  for (const id of ["button", "input"]) assert.equal(await page.locator(`#${id}`).isDisabled(), false, id);
  await page.close();
});
