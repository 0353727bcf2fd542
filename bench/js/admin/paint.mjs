// The largest paint of a cold visit: nothing in the cache, the processor slow from the first byte on.
import { figure, median } from "../measure.mjs";
import { begin, rest } from "./app.mjs";

const ROUNDS = 7;

function watchPaint() {
  new PerformanceObserver((list) => {
    for (const { startTime, element, size } of list.getEntries()) {
      globalThis.benchPaint = { time: startTime, what: `${element?.tagName} ${element?.className} ${size}` };
    }
  }).observe({ type: "largest-contentful-paint", buffered: true });
}

const [, , people] = process.argv;
const app = await begin({ people });
try {
  const pages = [
    ["sign-in", (path) => app.openOutside(path, { watch: watchPaint }), "/sign-in"],
    ["overview", (path) => app.open(path, { watch: watchPaint }), "/"],
    ["users", (path) => app.open(path, { watch: watchPaint }), "/users"],
  ];
  for (const [name, open, path] of pages) {
    const times = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const { page, close } = await open(path);
      await page.waitForLoadState("networkidle");
      await page.getByRole("heading", { level: 1 }).first().waitFor();
      await rest(page, 1_500);
      const { time, what } = await page.evaluate(() => benchPaint);
      console.error(`${name}: ${Math.round(time)} ms, ${what}`);
      times.push(time);
      await close();
    }
    figure(`admin/paint, ${name}`, median(times), "ms");
    figure(`admin/paint, ${name}, worst`, Math.max(...times), "ms");
  }
} finally {
  await app.stop();
}
