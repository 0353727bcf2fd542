// Scrolling: no interaction as the browser counts them, so the longest time between two frames after each turn of the wheel counts.
import { rest } from "./app.mjs";
import { TIMES, tell } from "./interactions.mjs";

/**
 * Turns the wheel over the middle of `area`, to the end and back; `row` is what must be in sight afterwards, for a frame in time
 * that shows nothing is none.
 */
export async function scrolling(page, name, area, row, { by = 600, times = TIMES } = {}) {
  const box = await area.boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + Math.min(box.height, 800 - box.y) / 2];
  await page.mouse.move(x, y);
  await rest(page, 500);
  const durations = [];
  for (let n = 0; n < times; n += 1) {
    await page.evaluate(() => {
      globalThis.benchFrames = { last: undefined, longest: 0, on: true };
      const frame = (now) => {
        const { last, longest, on } = benchFrames;
        if (last !== undefined) benchFrames.longest = Math.max(longest, now - last);
        benchFrames.last = now;
        if (on) requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
    });
    await page.mouse.wheel(0, n < times / 2 ? by : -by);
    await rest(page, 200);
    const { longest, seen } = await page.evaluate(
      ([x, y, row]) => {
        benchFrames.on = false;
        return { longest: benchFrames.longest, seen: document.elementFromPoint(x, y)?.closest(row) !== null };
      },
      [x, y, row],
    );
    if (!seen) throw new Error(`${name}: nothing is in sight after ${n + 1} turns of the wheel`);
    durations.push(longest);
  }
  tell(name, durations);
}
