import { AHEAD } from "./signed.js";

/** How many answers may share one reading. */
const SHARED = 64;

/**
 * The time, read seldom: asking the host costs more than an answer does.
 *
 * Without a clock of the caller's, answers share a reading: at most 64 of them, and only within one synchronous turn, for the
 * reading is forgotten in a microtask. So time stands still while such a run of answers is given, as it does in an edge
 * worker anyway. A clock of the caller's is asked each time.
 *
 * Where the host's clock is set back, this one goes on by what has passed since it was last found right: nothing is good for
 * longer by it. Where only the clock itself tells what has passed, as in an edge worker, or it is the caller's, one that is set
 * back by more than clocks may differ is none: it is later than everything, until the clock is found right again.
 */
export class Clock {
  readonly #read: () => number;
  readonly #shared: number;
  /** The host's clock ahead of what counts what has passed, when it was last found right. */
  #ahead = -Infinity;
  /** The newest time that was read since; no number while the clock was not found right. */
  #newest = NaN;
  #time = -Infinity;
  #left = 0;
  /** Until the reading is forgotten. */
  #forgetting: Promise<void> | undefined;
  /** Called with each reading and the one before it, so that what is right until some time need not be asked with each answer. */
  onRead: (time: number, before: number) => void = () => undefined;

  constructor(now: (() => number) | undefined) {
    this.#read = now ?? (() => Math.max(Date.now(), this.#ahead + performance.now()));
    this.#shared = now === undefined ? SHARED : 1;
  }

  /** The host's clock is right: something that was signed a moment ago agrees with it. */
  set(): void {
    this.#ahead = Date.now() - performance.now();
    this.#newest = this.#read();
  }

  /** The time, now. */
  now(): number {
    const time = this.#read();
    if (time > this.#newest) this.#newest = time;
    return time < this.#newest - AHEAD ? Infinity : time;
  }

  /** The time for one more answer. */
  forAnswer(): number {
    return --this.#left > 0 ? this.#time : this.#look();
  }

  #look(): number {
    const time = this.now();
    this.onRead(time, this.#time);
    this.#time = time;
    this.#left = this.#shared;
    if (this.#shared > 1) this.#forgetting ??= this.#forget();
    return this.#time;
  }

  /** In a microtask; not by `queueMicrotask`, which is the host's, and takes an edge worker longer than all else here. */
  async #forget(): Promise<void> {
    await null;
    this.#left = 0;
    this.#forgetting = undefined;
  }
}
