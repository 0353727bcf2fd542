// The matrix of 50 roles by 500 permissions: opened, scrolled, a cell opened and ticked, the keyboard, and its search.
import { figure, median } from "../measure.mjs";
import { begin, rest } from "./app.mjs";
import { TYPING, interactions, keys, spot, watchEvents } from "./interactions.mjs";
import { wide } from "./policies.mjs";
import { scrolling } from "./scrolling.mjs";

const OPENED = 5;
const WALK = ["ArrowDown", "ArrowRight", "PageDown", "End", "Control+End", "ArrowUp", "PageUp", "Home", "Control+Home"];

/** Runs in the page: from the click on the link to the frame in which cells are there. */
function watchOpening() {
  const link = document.querySelector("nav a[href='/matrix']");
  link.addEventListener("click", ({ timeStamp }) => {
    const look = () => {
      if (!document.querySelector(".matrix__cell")) requestAnimationFrame(look);
      else requestAnimationFrame(() => setTimeout(() => (globalThis.benchOpened = performance.now() - timeStamp)));
    };
    look();
  });
}

const app = await begin({ policy: wide({ permissions: 500, roles: 49 }) });
try {
  const opened = [];
  for (let n = 0; n < OPENED; n += 1) {
    const { page, close } = await app.open("/packages");
    const link = page.locator("nav a[href='/matrix']");
    await link.waitFor();
    await rest(page, 1_000);
    await page.evaluate(watchOpening);
    await link.click();
    await page.waitForFunction(() => globalThis.benchOpened !== undefined);
    opened.push(await page.evaluate(() => benchOpened));
    await close();
  }
  figure("admin/matrix, open", median(opened), "ms");
  figure("admin/matrix, open, worst", Math.max(...opened), "ms");

  const { page } = await app.open("/matrix", { watch: watchEvents });
  await page.locator(".matrix__cell").first().waitFor({ timeout: 120_000 });
  await rest(page, 1_000);
  await scrolling(page, "matrix, scroll", page.locator(".matrix__area"), ".matrix__area");

  const cell = await spot(page.locator("[data-at='3-4']"));
  await interactions(page, "matrix, open a cell", (n) => (n % 2 === 0 ? page.mouse.click(...cell) : page.keyboard.press("Escape")));
  await page.mouse.click(...cell);
  const choices = page.locator(".matrix__panel label");
  await choices.first().waitFor();
  const [one, other] = [await spot(choices.first()), await spot(choices.last())];
  await interactions(page, "matrix, tick", (n) => page.mouse.click(...(n % 2 === 0 ? one : other)));
  await page.keyboard.press("Escape");

  await page.locator("[data-at='2-1']").focus();
  await interactions(page, "matrix, keyboard", (n) => page.keyboard.press(WALK[(n + WALK.length) % WALK.length]), { pace: TYPING });
  const typed = keys("item_17", "area_2", "nothing");
  await page.getByRole("searchbox", { name: "Search rows" }).focus();
  await interactions(page, "matrix, search", (n) => page.keyboard.press(typed(n)), { pace: TYPING });
} finally {
  await app.stop();
}
