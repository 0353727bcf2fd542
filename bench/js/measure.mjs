// How things are measured: warmed up, in rounds taken in turn, by the median; every answer is counted.

import { spawn } from "node:child_process";
import { availableParallelism, constants, setPriority } from "node:os";

/** Prints one figure as a line of JSON; `cargo xtask bench` sets it beside its bar. */
export function figure(name, value, unit) {
  console.log(JSON.stringify({ name, value, unit }));
}

export function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

/** The same text as a string of its own: as one that came with a request, not as one that the engine has met. */
export function own(text) {
  return Buffer.from(text, "latin1").toString("latin1");
}

/**
 * Nanoseconds a question, for each candidate `{ ask(a, b, c), questions: [[a, b, c, right]], each, rounds }`. All must be right
 * about every question. They take turns in rounds of `each` questions, short enough that the machine seldom does something
 * else meanwhile; after all questions come the first ones again.
 */
export function nanoseconds(candidates) {
  const loops = Object.entries(candidates).map(([name, { ask, questions, each = 10_000, rounds = 400 }]) => {
    for (const [a, b, c, right] of questions) {
      if (ask(a, b, c) !== right) throw new Error(`${name} answers ${a}, ${b}, ${c} otherwise than ${right}`);
    }
    // A loop of its own for each, so that the engine can make the best of every one.
    const loop = new Function(
      "ask", "as", "bs", "cs", "from", "to",
      "let n = 0; for (let i = from; i < to; i++) if (ask(as[i], bs[i], cs[i])) n++; return n;",
    );
    const [as, bs, cs] = [0, 1, 2].map((column) => questions.map((question) => question[column]));
    const round = (number) => {
      const from = (number * each) % questions.length;
      const to = Math.min(from + each, questions.length);
      const start = process.hrtime.bigint();
      const allowed = loop(ask, as, bs, cs, from, to);
      const time = Number(process.hrtime.bigint() - start);
      if (allowed !== questions.slice(from, to).filter((question) => question[3]).length) throw new Error(`${name} wavers`);
      return time / (to - from);
    };
    return { name, rounds, round, times: [] };
  });
  const most = Math.max(...loops.map(({ rounds }) => rounds));
  for (let number = 0; number < most; number++) {
    for (const { rounds, round, times } of loops) if (number < rounds) times.push(round(number));
  }
  // The first rounds are warm-up.
  return Object.fromEntries(loops.map(({ name, rounds, times }) => [name, median(times.slice(Math.floor(rounds / 4)))]));
}

/**
 * Keeps every core awake, at the lowest priority, until the answer is called: one that dozes off between two requests takes
 * longer to wake than what is measured.
 */
export function keepAwake() {
  // Two minutes at most, whatever becomes of who measures.
  const spin = "for (const end = Date.now() + 120_000; Date.now() < end; );";
  const spinning = Array.from({ length: availableParallelism() }, () => {
    const child = spawn(process.execPath, ["-e", spin], { stdio: "ignore" });
    setPriority(child.pid, constants.priority.PRIORITY_LOW);
    return child;
  });
  return () => spinning.forEach((child) => child.kill());
}
