// The matrix of roles by operations and permissions: every cell of Enterprise Manager's three tables, in a real browser.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { axe, call, eventually, setUp, startBrowser, startServer, watch } from "./rolewright.mjs";

const ADA = { email: "ada@example.com", password: "a long walk by the river" };
const ROLES = ["Admin", "Designer", "Operator", "Viewer"];

/** Group by group, row by row, as the document has them. A star is "Yes, and see below", a hash "Yes, with a note". */
const TABLES = {
  "Server operations": [
    ["S3-11", /^Servers view/, "Yes", "Read-Only", "Read-Only", "Read-Only"],
    ["S3-12", /^Add and delete server/, "Yes", "No", "No", "No"],
    ["S3-13", /^View server connection properties/, "Yes", "Yes", "Yes", "No"],
    ["S3-14", /^Edit server connection properties/, "Yes", "Read-Only", "Read-Only", "No"],
    ["S3-15", /^Test server connection/, "Yes", "Yes", "Yes", "No"],
    ["S3-16", /^Edit column settings in the server list, search/, "Yes", "Yes", "Yes", "Yes"],
  ],
  "Task operations": [
    ["S3-17", /^Access Design view/, "Yes", "Yes", "No", "No"],
    ["S3-18", /^Access Monitor view/, "Yes", "Yes", "Yes", "Yes"],
    ["S3-19", /^Add and design tasks/, "Yes", "Yes", "No", "No"],
    ["S3-20", /^Add and design endpoints/, "Yes", "Yes", "No", "No"],
    ["S3-21", /^Import task, when a task with the same name already exists/, "Yes", "Yes*", "No", "No"],
    ["S3-22", /^Import task, when a task with the same name does not exist/, "Yes", "Yes*", "No", "No"],
    ["S3-23", /^Export task without endpoints/, "Yes", "Yes", "Yes", "No"],
    ["S3-24", /^Export task with endpoints/, "Yes", "Yes", "Yes*", "No"],
  ],
  "Other operations": [
    ["S3-27", /^Set logging levels/, "Yes", "Yes", "Read-Only", "No"],
    ["S3-28", /^Edit user permissions/, "Yes", "Read-Only", "Read-Only", "No"],
    ["S3-29", /^View logs/, "Yes", "Yes", "Yes", "No"],
    ["S3-30", /^Perform runtime operations/, "Yes", "Yes", "Yes", "No"],
    ["S3-31", /^Delete tasks/, "Yes", "Yes", "No", "No"],
    ["S3-32", /^Search for and assign tags/, "Yes", "Yes", "Yes", "No"],
    ["S3-33", /^Add and delete tags/, "Yes", "Yes", "No", "No"],
    ["S3-34", /^Perform Tools menu actions/, "Yes", "Yes", "Yes#", "No"],
    ["S3-35", /^Access Message Center/, "Yes", "Yes", "Yes", "Yes"],
    ["S3-36", /^Register license/, "Yes", "No", "No", "No"],
    ["S3-37", /^View licenses/, "Yes", "Yes", "Yes", "No"],
    ["S3-38", /^View the machine name in the Licenses tab/, "Yes", "Yes", "Yes", "No"],
    ["S3-39", /^Hide the main Analytics tab/, "Yes", "Yes", "No", "No"],
    ["S3-40", /^View license alerts/, "Yes", "Yes", "Yes", "Yes"],
  ],
};

let server, browser, page, said, shown;

before(async () => {
  server = await startServer({ args: ["--template", "enterprise-manager", "--demo"] });
  browser = await startBrowser();
  page = await (await browser.newContext({ viewport: { width: 1440, height: 900 }, acceptDownloads: true })).newPage();
  said = watch(page);
  await setUp(page, server, ADA);
  await open("");
  shown = await read();
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

async function open(query) {
  await page.goto(`${server.url}/matrix${query}`);
  await page.getByRole("grid").waitFor();
}

/** The table as it stands in the page: its header, and its rows under their groups. */
function read() {
  return page.evaluate(() => {
    const own = (cell) => [...cell.childNodes].filter((it) => it.nodeName !== "SUP").map((it) => it.textContent).join("");
    const groups = [];
    for (const row of document.querySelectorAll(".matrix tbody tr")) {
      const fold = row.querySelector(".matrix__fold");
      if (fold) {
        groups.push({ name: fold.querySelector("span").textContent, rows: [] });
        continue;
      }
      const cells = [...row.querySelectorAll("td")].map((cell) => ({
        word: cell.querySelector(".matrix__word").textContent,
        mark: cell.dataset.mark,
        noted: cell.querySelector("sup") !== null,
        glyph: cell.querySelector("use").getAttribute("href"),
      }));
      const name = row.querySelector("th");
      groups.at(-1).rows.push({ label: own(name.querySelector(".matrix__label")), cells, text: name.textContent, help: name.querySelector("a")?.href });
    }
    return { head: [...document.querySelectorAll(".matrix thead th")].map((cell) => cell.textContent), groups };
  });
}

/** A cell in the document's words. */
const written = ({ word, mark, noted }) => (mark === "conditional" ? `${word}*` : mark === "yes" && noted ? `${word}#` : word);

function row(pattern) {
  return shown.groups.flatMap((group) => group.rows).find((it) => pattern.test(it.label));
}

test("S3-1, S3-10: three tables stand under the header Permission/Operation, Admin, Designer, Operator, Viewer", () => {
  assert.deepEqual(shown.head, ["Permission/Operation", ...ROLES]);
  assert.deepEqual(shown.groups.map((group) => group.name), Object.keys(TABLES));
});

for (const [group, rows] of Object.entries(TABLES)) {
  for (const [number, label, ...cells] of rows) {
    test(`${number}: ${String(label).slice(2, -1)} is ${cells.join(", ")}`, () => {
      const found = row(label);
      assert.deepEqual(found?.cells.map(written), cells);
      assert.ok(shown.groups.find((it) => it.name === group).rows.includes(found));
    });
  }
}

test("S3-41: the 28 rows have 112 cells, 65 Yes, 35 No, 8 Read-Only, 3 on conditions and 1 with a note", () => {
  const cells = Object.values(TABLES).flat().flatMap(([, label]) => row(label).cells.map(written));
  const counted = {};
  for (const cell of cells) counted[cell] = (counted[cell] ?? 0) + 1;
  assert.deepEqual([cells.length, counted], [112, { Yes: 65, No: 35, "Read-Only": 8, "Yes*": 3, "Yes#": 1 }]);
});

test("S3-8, S3-42: rows say their group, to what they apply, their footnotes and their help", async () => {
  assert.match(row(/^Access Design view/).text, /Replicate only/);
  assert.match(row(/^Access Design view/).help, /help/);
  const notes = await page.locator(".matrix__notes li").allTextContents();
  assert.ok(notes.some((note) => /Designer on all endpoints of the target server/.test(note)), "S3-25");
  assert.ok(notes.some((note) => /on the task and on both of its endpoints/.test(note)), "S3-26");
  const glyphs = new Set(shown.groups.flatMap((group) => group.rows).flatMap((it) => it.cells.map((cell) => `${cell.mark} ${cell.glyph}`)));
  assert.equal(glyphs.size, 4, "each kind of cell has a glyph of its own");
});

test("S3-44: what is only said in prose has a row, marked so, and both statements on the dialog are shown", async () => {
  const monitor = row(/^Start and stop monitoring/);
  assert.deepEqual(monitor.cells.map(written), ["Yes", "Yes", "Yes", "No"]);
  assert.match(monitor.text, /described in words only/);
  const notes = await page.locator(".matrix__notes").textContent();
  assert.match(notes, /edit no field/);
  assert.match(notes, /not in its table of who may do what/);
});

test("S3-26, S3-34: a cell opens and says on what terms, and what the operation takes", async () => {
  await cell(/^Export task with endpoints/, "Operator").click();
  const panel = page.getByRole("dialog", { name: /Export task with endpoints, Operator/ });
  await panel.getByText(/on the source, with .* on the target/).waitFor();
  assert.match(await panel.textContent(), /An operation follows from permissions/);
  await page.keyboard.press("Escape");
  await panel.waitFor({ state: "hidden" });
  await cell(/^Perform Tools menu actions/, "Operator").click();
  await page.getByText("only where the role is held for one task").waitFor();
  await page.keyboard.press("Escape");
});

/** A cell by its row and its role. */
function cell(label, role) {
  const at = shown.head.indexOf(role);
  return page.locator(".matrix tbody tr", { has: page.locator("th", { hasText: label }) }).locator("td").nth(at - 1);
}

test("S3-10: the whole table is used from the keyboard, as a grid", async () => {
  await open("");
  const active = () => page.evaluate(() => document.activeElement.dataset.at);
  await page.locator("[data-at='1-0']").focus();
  assert.equal(await page.locator(".matrix [tabindex='0']").count(), 1, "one stop in the tab order");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowRight");
  assert.equal(await active(), "2-1");
  await page.keyboard.press("End");
  assert.equal(await active(), "2-4");
  await page.keyboard.press("Control+End");
  assert.equal(await active(), "32-4");
  await page.keyboard.press("Control+Home");
  assert.equal(await active(), "1-0");
  await page.keyboard.press("ArrowLeft");
  await eventually("the group folds", async () => (await page.locator(".matrix tbody tr").count()) === 25);
  assert.match(page.url(), /folded=/);
  await page.keyboard.press("ArrowRight");
  await eventually("the group unfolds", async () => (await page.locator(".matrix tbody tr").count()) === 32);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowRight");
  await eventually("the cell has the focus", async () => (await active()) === "2-1");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog", { name: "Servers view, Admin" }).waitFor();
  await page.keyboard.press("Escape");
  await eventually("the focus is back", async () => (await active()) === "2-1");
});

test("S3-10: from a group, whichever key is pressed, one stop stays in the order of Tab, and the column is kept for the rows after it", async () => {
  await open("");
  const stops = () => page.evaluate(() => [...document.querySelectorAll(".matrix [tabindex='0']")].map((it) => it.dataset.at));
  for (const [keys, stop] of [
    [["Control+Home"], "1-0"],
    [["Control+Home", "End"], "1-0"],
    [["Control+Home", "Home"], "1-0"],
    [["Control+Home", "PageUp"], "1-0"],
    [["Control+Home", "ArrowRight"], "1-0"],
    [["Control+Home", "PageDown"], "11-0"],
    [["Control+Home", "ArrowDown", "End", "ArrowUp"], "1-0"],
    [["Control+Home", "ArrowDown", "End", "ArrowUp", "ArrowDown"], "2-4"],
  ]) {
    await page.locator("[data-at='2-1']").focus();
    for (const key of keys) await page.keyboard.press(key);
    const active = () => page.evaluate(() => document.activeElement.dataset.at);
    await eventually(`${keys.join(", ")} leads to ${stop}`, async () => (await active()) === stop && (await stops()).join() === stop);
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Tab");
    assert.equal(await active(), stop, `${keys.join(", ")}: Tab comes back`);
  }
});

test("S3-10: the head of a column is no further stop, and leads to its role", async () => {
  await open("");
  await page.locator("[data-at='1-0']").focus();
  for (const key of ["ArrowUp", "End"]) await page.keyboard.press(key);
  await eventually("the last head has the focus", () => page.evaluate(() => document.activeElement.dataset.at === "0-4"));
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Viewer" }).waitFor();
});

test("S3-10: header and first column stay in sight", async () => {
  await page.setViewportSize({ width: 480, height: 600 });
  await open("");
  const stays = await page.evaluate(() => {
    const area = document.querySelector(".matrix__area");
    area.scrollTo(200, 400);
    const box = area.getBoundingClientRect();
    const head = document.querySelector(".matrix thead th:nth-child(2)").getBoundingClientRect();
    const name = [...document.querySelectorAll(".matrix__name")].at(-1).getBoundingClientRect();
    return { scrolled: area.scrollTop > 100 && area.scrollLeft > 100, top: Math.abs(head.top - box.top) < 3, left: Math.abs(name.left - box.left) < 3 };
  });
  assert.deepEqual(stays, { scrolled: true, top: true, left: true });
  const beyond = () => page.evaluate(() => ({ right: document.documentElement.scrollWidth - innerWidth, below: document.documentElement.scrollHeight - innerHeight }));
  assert.ok((await beyond()).right <= 0, "nothing in the table makes the page wider");
  await page.setViewportSize({ width: 1440, height: 900 });
  assert.ok((await beyond()).below <= 0, "the page itself does not scroll the head away");
  // Where the window is too short or too narrow for all of it, the page scrolls, and the head stays in sight still.
  for (const [width, height] of [[1440, 500], [375, 700]]) {
    await page.setViewportSize({ width, height });
    for (const rows of ["operations", "permissions"]) {
      await open(`?rows=${rows}`);
      const head = await page.evaluate(() => {
        scrollTo(0, document.documentElement.scrollHeight);
        const { top, bottom } = document.querySelector(".matrix__corner").getBoundingClientRect();
        return { top, bottom, bar: document.querySelector(".top-bar").getBoundingClientRect().bottom };
      });
      assert.ok(head.top >= head.bar - 1 && head.bottom <= height, `${width} x ${height}, ${rows}: ${JSON.stringify(head)}`);
    }
  }
  await page.setViewportSize({ width: 1440, height: 900 });
});

test("S3-10: differences only, a search and fewer roles stand in the address", async () => {
  await open("?differs=1");
  await page.getByRole("status").getByText("25 rows").waitFor();
  await page.getByRole("searchbox", { name: "Search rows" }).fill("import");
  await page.getByRole("status").getByText("2 rows").waitFor();
  assert.match(page.url(), /search=import.*differs=1|differs=1.*search=import/);
  await page.getByRole("searchbox", { name: "Search rows" }).fill("Other operations: Delete tasks");
  await page.getByRole("status").getByText("1 row").waitFor();
  await page.getByRole("searchbox", { name: "Search rows" }).fill("");
  await page.getByRole("button", { name: /choose roles/ }).click();
  const roles = page.getByRole("dialog", { name: /choose roles/ });
  await roles.getByRole("button", { name: "None", exact: true }).click();
  await page.getByText("No role is chosen").waitFor();
  await roles.getByRole("button", { name: "All", exact: true }).click();
  await roles.getByRole("searchbox", { name: "Search roles" }).fill("view");
  await eventually("one fits", async () => (await roles.getByRole("checkbox").count()) === 1);
  await roles.getByRole("checkbox", { name: "Viewer" }).uncheck();
  await eventually("three columns", async () => (await page.locator(".matrix thead th").count()) === 4);
  await page.reload();
  await page.getByRole("grid").waitFor();
  assert.deepEqual((await read()).head, ["Permission/Operation", "Admin", "Designer", "Operator"]);
});

test("S3-41: the download has every cell", async () => {
  await open("");
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download CSV" }).click()]);
  const lines = (await readFile(await download.path(), "utf8")).trim().split("\r\n");
  assert.equal(lines[0], "Group,Permission/Operation,Id,Admin,Designer,Operator,Viewer");
  assert.equal(lines.length, 30);
  assert.ok(lines.includes("Server operations,Servers view,servers.view,Yes,Read-Only,Read-Only,Read-Only"));
});

test("S3-10: printed is all of it and nothing else", async () => {
  await page.emulateMedia({ media: "print" });
  for (const it of [".sidebar", ".top-bar", ".skip"]) assert.equal(await page.locator(it).isVisible(), false, it);
  assert.equal(await page.locator(".matrix tbody tr").last().isVisible(), true);
  assert.equal(await page.evaluate(() => getComputedStyle(document.querySelector(".matrix__area")).overflow), "visible");
  await page.emulateMedia({ media: "screen" });
});

test("S3-42: a cell of a custom role is edited in place, with whom it reaches, and somebody else's save loses nothing", async () => {
  const role = { id: "", name: "Night watch", grants: { "tasks.run": "allowed" } };
  const { body } = await call(page, "POST", "/roles", role);
  const all = (await call(page, "GET", "/users?status=active&limit=200")).body.items;
  const users = all.filter(({ roles }) => roles.every((held) => held === "viewer"));
  await call(page, "POST", "/assignments", { principal: { user: users[0].id }, role: body.role.id, scope: "/" });
  await open("?rows=permissions&search=servers&roles=night_watch,viewer");
  shown = await read();
  await page.locator(`[data-at='2-${shown.head.indexOf("Viewer")}']`).click();
  await page.getByText(/is built in and cannot be edited/).waitFor();
  await page.keyboard.press("Escape");
  const target = cell(/^Edit (server )?connection/, "Night watch");
  await target.focus();
  await page.keyboard.press("Enter");
  const panel = page.getByRole("dialog", { name: /^.+: Edit (server )?connection.*, Night watch$/ });
  assert.match(await panel.locator(".matrix__panel-title").innerText(), /^.+: Edit (server )?connection/);
  await page.getByRole("radio", { name: "Read-Only" }).check({ force: true });
  await page.keyboard.press("Escape");
  const bar = page.getByRole("region", { name: "Unsaved changes" });
  await bar.getByText("1 change").waitFor();
  await bar.getByText(/ gains .+: .+\.$/).waitFor();
  assert.match(await target.textContent(), /Read-Only.*not saved yet/);
  // Somebody else renames the role meanwhile.
  const { body: now, etag } = await call(page, "GET", `/roles/${body.role.id}`);
  await call(page, "PUT", `/roles/${body.role.id}`, { ...now.role, name: "Night shift" }, etag);
  await bar.getByRole("button", { name: "Save" }).click();
  await bar.getByText(/You saved the role .* elsewhere at /).waitFor();
  await bar.getByRole("button", { name: "Review" }).click();
  const review = page.getByRole("dialog", { name: "Review changes" });
  await review.getByText(/ gains .+: .+\.$/).waitFor();
  await review.getByRole("button", { name: "Save" }).click();
  await page.getByRole("status").getByText(/Saved\. .+ gains .+: .+\./).first().waitFor();
  const saved = (await call(page, "GET", `/roles/${body.role.id}`)).body.role;
  assert.deepEqual([saved.name, saved.grants["servers.edit_connection"]], ["Night shift", "read_only"]);
});

test("S3-10: axe finds nothing wrong, in both themes", async () => {
  await open("");
  assert.deepEqual(await axe(page), []);
});

test("S3-10: 50 roles by 500 permissions have only the rows in sight in the page, and every cell is reached", async () => {
  const { body, etag } = await call(page, "GET", "/policy");
  const { policy } = body;
  const module = { id: "wide", label: "Wide", permissions: [] };
  for (let n = 0; n < 500; n++) module.permissions.push({ id: `wide.p${n}`, label: `Permission ${n}` });
  policy.catalogue.modules.push(module);
  for (let n = 0; n < 46; n++) {
    const grants = Object.fromEntries(module.permissions.filter((_, at) => (at * 7 + n) % 3 === 0).map(({ id }) => [id, "allowed"]));
    policy.roles.push({ id: `wide_${n}`, name: `Wide role ${n}`, grants });
  }
  await call(page, "PUT", "/policy", policy, etag);
  await open("?rows=permissions");
  const grid = page.getByRole("grid");
  await eventually("all are counted", async () => Number(await grid.getAttribute("aria-rowcount")) > 500);
  assert.equal(await grid.getAttribute("aria-colcount"), "52");
  assert.ok((await page.locator(".matrix tbody tr").count()) < 60);
  assert.ok((await page.locator(".matrix tbody td").count()) < 1500, "of the columns too");
  const names = await page.evaluate(() => {
    const cells = [...document.querySelectorAll(".matrix__cell")];
    return cells.map((cell) => [cell.ariaLabel, cell.dataset.mark, getComputedStyle(cell, "::before").content].join());
  });
  const word = /^(Yes(, note \d+)*,yes|No,no|Read-Only,read-only|Yes, conditional(, note \d+)*,conditional),""$/;
  assert.deepEqual(names.filter((it) => !word.test(it)), [], "each cell has its word and its glyph");
  assert.deepEqual(await axe(page), []);
  await page.locator("[data-at='1-0']").focus();
  await page.keyboard.press("Control+End");
  const last = await eventually("the last cell has the focus", () =>
    page.evaluate(() => document.activeElement.closest("tr")?.getAttribute("aria-rowindex")).then((at) => Number(at) > 500 && at),
  );
  assert.equal(last, await grid.getAttribute("aria-rowcount"));
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-colindex")), "52");
  assert.ok((await page.locator(".matrix tbody tr").count()) < 60);
  // Scrolled away by other means than the keyboard, the table is still come to by Tab.
  await page.evaluate(() => document.querySelector(".matrix__area").scrollTo(0, 0));
  await page.locator("[data-at='1-0']").waitFor();
  assert.equal(await page.locator(".matrix [tabindex='0']").count(), 1);
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  await page.emulateMedia({ media: "print" });
  const sheets = page.locator(".matrix__sheet");
  await eventually("a sheet for every few roles", async () => (await sheets.count()) === 5);
  const printed = await sheets.evaluateAll((all) =>
    all.map((it) => ({
      line: it.caption.textContent,
      rows: it.querySelectorAll("tbody .matrix__row").length,
      cells: it.querySelectorAll("tbody td").length,
      cut: [...it.querySelectorAll("th")].filter((head) => head.scrollWidth > head.clientWidth + 1).length,
      heads: [...it.querySelectorAll(".matrix__role")].map((head) => head.textContent),
    })),
  );
  assert.deepEqual([printed[0].line, printed.at(-1).line], ["Roles 1 to 11 of 51", "Roles 45 to 51 of 51"]);
  assert.equal(new Set(printed.flatMap(({ heads }) => heads)).size, 51);
  for (const { rows, cells, cut, heads } of printed) assert.deepEqual([rows > 500, cells, cut], [true, rows * heads.length, 0]);
  await page.evaluate(() => dispatchEvent(new Event("afterprint")));
  await page.emulateMedia({ media: "screen" });
  await eventually("the sheets are gone", async () => (await sheets.count()) === 0);
  await page.locator("[data-at='2-0']").focus();
  await page.pdf();
  assert.equal(await page.evaluate(() => document.activeElement.dataset.at), "2-0", "printing leaves the focus where it is");
  assert.deepEqual(said().filter((line) => !/412/.test(line)), [], "no errors in the console but of the save that clashed");
});
