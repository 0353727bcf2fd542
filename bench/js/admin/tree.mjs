// The role editor at 2,000 permissions: a tick, all of them, and a keystroke in the search.
import { begin, rest } from "./app.mjs";
import { TYPING, interactions, keys, spot, watchEvents } from "./interactions.mjs";
import { wide } from "./policies.mjs";
import { scrolling } from "./scrolling.mjs";

const app = await begin({ policy: wide({ permissions: 2_000, roles: 5 }) });
try {
  const { page } = await app.open("/roles/role_1", { watch: watchEvents });
  const search = page.getByRole("searchbox", { name: "Search permissions" });
  await search.waitFor({ timeout: 120_000 });
  await rest(page, 2_000);

  const boxes = page.locator(".permission .check");
  await boxes.nth(12).scrollIntoViewIfNeeded();
  const [tick, other] = [await spot(boxes.nth(10)), await spot(boxes.nth(11))];
  await interactions(page, "tree, tick", (n) => page.mouse.click(...(n % 3 === 0 ? tick : other)));
  await interactions(page, "tree, tick by key", () => page.keyboard.press("Space"));
  const [all, none] = await Promise.all(["Check all", "Check none"].map((name) => spot(page.getByRole("button", { name, exact: true }))));
  await interactions(page, "tree, check all", (n) => page.mouse.click(...(n % 2 === 0 ? all : none)));

  // Words that fit few, many and none, each taken back.
  const typed = keys("item 17", "area_42", "nothing");
  await search.focus();
  await interactions(page, "tree, search", (n) => page.keyboard.press(typed(n)), { pace: TYPING });
  await search.fill("");
  await rest(page, 2_000);
  await scrolling(page, "tree, scroll", page.locator(".permissions__tree"), ".permissions__tree");
} finally {
  await app.stop();
}
