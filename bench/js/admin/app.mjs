// The real server and a browser with a processor four times slower, as a page is measured in it.
import { cp, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { call, setUp, startBrowser, startServer } from "../../../tests/e2e/rolewright.mjs";

/** How many times slower than this machine's the browser's processor is. */
const THROTTLE = 4;
const ADA = { email: "ada@example.com", password: "a long walk by the river" };
const SCREEN = { viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" };

/**
 * A server on a template's policy, or on a copy of a data directory, with a browser in which its first superuser has signed in.
 * `open` opens a page, slow from its first byte on, in a profile that has cached nothing but the session.
 */
export async function begin({ template = "mailer", demo = false, people, policy } = {}) {
  const data = people && (await copyOf(people));
  const args = data ? [] : ["--template", template, ...(demo ? ["--demo"] : [])];
  const [server, browser] = await Promise.all([startServer({ args, data }), startBrowser()]);
  const context = await browser.newContext(SCREEN);
  const page = await context.newPage();
  await setUp(page, server, ADA);
  const ask = async (method, path, body, etag) => (await call(page, method, path, body, etag)).body;
  if (policy) {
    const { body, etag } = await call(page, "GET", "/policy");
    policy(body.policy);
    await ask("PUT", "/policy", body.policy, etag);
  }
  const storageState = await context.storageState();
  return {
    url: server.url,
    get: (path) => ask("GET", path),
    open: (path, how) => opened(browser, server.url + path, { storageState, ...how }),
    /** As `open`, for somebody who has not signed in. */
    openOutside: (path, how) => opened(browser, server.url + path, how),
    async stop() {
      await browser.close();
      await server.stop();
    },
  };
}

/** `watch` runs in the page before its own scripts, `prepare` is given the page before it goes anywhere. */
async function opened(browser, address, { storageState, watch = () => {}, prepare = () => {} } = {}) {
  const context = await browser.newContext({ ...SCREEN, storageState });
  const page = await context.newPage();
  await page.addInitScript(watch);
  prepare(page);
  const devtools = await context.newCDPSession(page);
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: THROTTLE });
  await page.goto(address);
  return { page, close: () => context.close() };
}

/** What is measured is written to, so it is a copy. */
async function copyOf(folder) {
  const copy = await mkdtemp(join(tmpdir(), "rolewright-bench-"));
  await cp(folder, copy, { recursive: true });
  return copy;
}

/** Resolves when a page has painted what it has to paint, and has had nothing to do for a moment. */
export function rest(page, moment = 100) {
  return page.evaluate(
    (moment) => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve, moment)))),
    moment,
  );
}
