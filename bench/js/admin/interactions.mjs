// Interactions as the web vitals count them: from the event to the next paint, by the browser's own event timing.
import { setTimeout as sleep } from "node:timers/promises";
import { figure, median } from "../measure.mjs";
import { rest } from "./app.mjs";

/** What is shorter than this the browser does not tell. */
const LEAST = 16;
/** With so many, all but the worst count: the worst of fifty is left out, as "interaction to next paint" is defined. */
export const TIMES = 60;
const FIFTY = 50;
/** How many milliseconds are between two acts: of a hand that clicks quickly, and of one that types quickly. */
export const CLICKING = 300;
export const TYPING = 120;

/** Runs in the page, before its own scripts. */
export function watchEvents() {
  globalThis.benchEvents = new Map();
  const take = (list) => {
    for (const { interactionId, duration } of list.getEntries()) {
      if (interactionId) benchEvents.set(interactionId, Math.max(duration, benchEvents.get(interactionId) ?? 0));
    }
  };
  new PerformanceObserver(take).observe({ type: "event", durationThreshold: 16 });
}

/**
 * Acts so many times and prints how long each took to the next paint. It waits for the clock and never for the page: what the page
 * puts off until after its paint holds up the next act, as it would a person's.
 */
export async function interactions(page, name, act, { times = TIMES, pace = CLICKING } = {}) {
  await act(-1);
  await rest(page, 1_000);
  await page.evaluate(() => benchEvents.clear());
  for (let n = 0; n < times; n += 1) {
    const next = sleep(pace);
    await act(n);
    await next;
  }
  await rest(page, 1_000);
  const told = await page.evaluate(() => [...benchEvents.values()]);
  if (told.length > 2 * times) throw new Error(`${name}: ${told.length} interactions, of ${times}`);
  tell(name, [...told, ...Array(Math.max(0, times - told.length)).fill(LEAST)]);
}

/** Where the middle of what a locator finds is: to click by, for asking the page each time would wait for it. */
export async function spot(locator) {
  const { x, y, width, height } = await locator.boundingBox();
  return [x + width / 2, y + height / 2];
}

/** Prints the three figures of one kind of interaction. */
export function tell(name, durations) {
  const sorted = durations.toSorted((a, b) => b - a);
  figure(`admin/${name}`, sorted[Math.floor(sorted.length / FIFTY)], "ms");
  figure(`admin/${name}, median`, median(durations), "ms");
  figure(`admin/${name}, worst`, sorted[0], "ms");
}

/** The key of each keystroke by which words are typed one after the other, each taken back before the next. */
export function keys(...words) {
  const typed = words.flatMap((word) => [...[...word].map((key) => (key === " " ? "Space" : key)), ...[...word].map(() => "Backspace")]);
  return (n) => (n < 0 ? "Backspace" : typed[n % typed.length]);
}
