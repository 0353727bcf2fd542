/** How many characters at a name's end may tell it apart, as four bits count. Shorter names a `Map` reads soon enough. */
const REACH = 16;
/** In how many names they are looked for, and how many choices of them are tried. */
const SAMPLE = 256;
const STEPS = 64;
/** The golden ratio, in 32 bits: what is multiplied by it spreads over the upper ones. */
const GOLDEN = 0x9e3779b1;

/**
 * Numbers names, of which none is empty, in the order in which they come, and finds the number of each again.
 *
 * A `Map` knows them all, but reads a text that it has not met from end to end. So it is asked last: four characters lead to
 * a name, which is compared in whole. Which characters, is chosen from the names themselves, once they were asked for so often
 * that it pays; where most are alike in them, or short, none are. So whoever chooses names can make a look-up one comparison
 * slower than the `Map`'s, and no more.
 */
export class Names {
  /** By number, from 1. */
  readonly #names = [""];
  readonly #numbers = new Map<string, number>();
  /** By slot the number of a name that leads there; 0 where there is none. */
  #slots = new Int32Array();
  #shift = 0;
  /** What is shorter leads nowhere. */
  #shortest = Infinity;
  /** How far the four characters are from the last of a name: four bits each. */
  #at = 0;
  /** How often the `Map` finds a name before the slots are made anew. */
  #left = 10_000;

  /** Takes in a name that is not known. */
  add(name: string): void {
    this.#numbers.set(name, this.#names.push(name) - 1);
  }

  /** The number of a name; 0 where it is not known. */
  numberOf(name: string): number {
    const slot = this.#slotOf(name);
    if (slot > 0) {
      const number = this.#slots[slot] as number;
      if (this.#names[number] === name) return number;
    }
    const number = this.#numbers.get(name) ?? 0;
    if (number > 0 && --this.#left < 0) this.#arrange();
    return number;
  }

  #slotOf(name: string): number {
    if (typeof name !== "string" || name.length < this.#shortest) return 0;
    const at = this.#at;
    const end = name.length - 1;
    const mixed =
      (name.charCodeAt(end - (at >> 12)) << 21) ^
      (name.charCodeAt(end - ((at >> 8) & 15)) << 14) ^
      (name.charCodeAt(end - ((at >> 4) & 15)) << 7) ^
      name.charCodeAt(end - (at & 15));
    return Math.imul(mixed, GOLDEN) >>> this.#shift;
  }

  /** Chooses the characters one by one, each that which, beside the others, tells most names apart. */
  #arrange(): void {
    const sample = this.#names.slice(0, SAMPLE);
    this.#shift = 0;
    this.#shortest = REACH;
    let at = 0;
    let most = 0;
    for (let step = 0; step < STEPS; step++) {
      this.#at = at ^ ((step & 15) << ((step >> 2) & 12));
      const { size } = new Set(sample.map((name) => this.#slotOf(name)));
      if (size > most) {
        most = size;
        at = this.#at;
      }
    }
    this.#at = at;
    // Where they are alike in these, the `Map` is asked at once.
    if (most * 2 < sample.length) this.#shortest = Infinity;
    this.#shift = Math.clz32(this.#names.length) - 2;
    this.#slots = new Int32Array(2 ** (32 - this.#shift));
    this.#names.forEach((name, number) => (this.#slots[this.#slotOf(name)] = number));
    this.#left = this.#slots.length << 6;
  }
}
