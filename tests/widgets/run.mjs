// Runs a wasm file of tests in Chromium: what cargo calls in the place of a program that it has built for wasm32.
// wasm-bindgen's own runner makes the page and serves it; here it is opened, and its words are handed on.

import { spawn } from "node:child_process";
import { startBrowser } from "../e2e/rolewright.mjs";

/** No test takes a minute. */
const PATIENCE = 240_000;

const variables = { NO_HEADLESS: "1", WASM_BINDGEN_TEST_ADDRESS: "127.0.0.1:0" };
const runner = spawn(process.env.WASM_BINDGEN_TEST_RUNNER, process.argv.slice(2), {
  env: { ...process.env, ...variables },
  stdio: ["ignore", "pipe", "inherit"],
});
const address = await new Promise((resolve, reject) => {
  let said = "";
  runner.stdout.on("data", (bytes) => {
    said += bytes;
    const [found] = /http:\/\/\S+/.exec(said) ?? [];
    if (found) resolve(found);
  });
  runner.on("exit", () => reject(new Error(said || "the runner said nothing")));
});
const browser = await startBrowser();
try {
  const page = await browser.newPage();
  page.on("pageerror", (error) => console.error(String(error)));
  await page.goto(address);
  const output = page.locator("#output");
  await output.getByText(/test result: /).waitFor({ timeout: PATIENCE }).catch(() => undefined);
  const words = await output.innerText();
  console.log(words);
  process.exitCode = /test result: ok\./.test(words) ? 0 : 1;
} finally {
  await browser.close();
  runner.removeAllListeners("exit");
  runner.kill();
}
