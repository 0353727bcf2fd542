// The users at 100,000: typing in the search, scrolling a page of 200, turning pages, choosing somebody.
import { begin, rest } from "./app.mjs";
import { TYPING, interactions, keys, spot, watchEvents } from "./interactions.mjs";
import { scrolling } from "./scrolling.mjs";

const [, , people] = process.argv;
const app = await begin({ people });
try {
  const { page } = await app.open("/users?limit=200", { watch: watchEvents });
  const rows = page.locator("tbody .table__first");
  const settled = async () => {
    await rows.nth(20).waitFor({ timeout: 120_000 });
    await rest(page, 1_000);
  };
  await settled();
  const search = page.getByRole("searchbox", { name: "Search users" });
  const typed = keys("bauer 1", "ada", "nobody");
  await search.focus();
  await interactions(page, "users, search", (n) => page.keyboard.press(typed(n)), { pace: TYPING });
  await search.fill("");
  await settled();
  await scrolling(page, "users, scroll", page.locator(".table-box"), ".table-box, .pager");
  const next = page.getByRole("button", { name: "Next" });
  await next.focus();
  await interactions(page, "users, next page", () => page.keyboard.press("Enter"), { pace: 500 });
  await page.evaluate(() => scrollTo(0, 0));
  await settled();
  const box = await spot(page.locator("tbody .check").nth(1));
  await interactions(page, "users, choose", () => page.mouse.click(...box));
} finally {
  await app.stop();
}
