/**
 * What is allowed, close together: a row of bits for each table that Rust worked out, and for each user who asks at `/` where
 * that of theirs begins. All are right until the first of them may be another: then who asks is asked about anew.
 */
export class Allowed {
  /** The row that allows nothing. */
  static readonly NOTHING = 0;

  #words = 0;
  #bits = new Uint32Array();
  /** By the user's id. */
  readonly #rows = new Map<string, number>();
  #until = Infinity;

  /** Where a user's row begins, as long as {@link Allowed.expireBy} was told the time; `undefined` where that is not known. */
  rowOf(user: string): number | undefined {
    return this.#rows.get(user);
  }

  /** Whether a row allows it. */
  inRow(row: number, position: number): boolean {
    const word = this.#bits[row + (position >>> 5)] as number;
    return ((word >>> (position & 31)) & 1) === 1;
  }

  /** Where the row of table `number` begins. */
  row(number: number): number {
    return (number + 1) * this.#words;
  }

  /** Forgets everything, and what a row is. */
  clear(permissions: number): void {
    this.#words = (permissions + 31) >>> 5;
    this.#bits = new Uint32Array(64 * this.#words);
    this.expire();
  }

  /** Forgets which tables users hold where one of them may be another by now. */
  expireBy(now: number): void {
    if (!(now < this.#until)) this.expire();
  }

  /** Forgets which tables users hold. */
  expire(): void {
    this.#rows.clear();
    this.#until = Infinity;
  }

  /** Says what table `number` allows: levels that reach what `can` asks for. */
  learn(number: number, table: Uint8Array, can: Uint8Array): void {
    const row = this.row(number);
    if (row + this.#words > this.#bits.length) {
      const grown = new Uint32Array(2 * (row + this.#words));
      grown.set(this.#bits);
      this.#bits = grown;
    }
    for (let position = 0; position < table.length; position++) {
      if ((table[position] as number) < (can[position] as number)) continue;
      const word = row + (position >>> 5);
      this.#bits[word] = (this.#bits[word] as number) | (1 << (position & 31));
    }
  }

  /** Says which row is that of a user, and until when. */
  hold(user: string, row: number, until: number): void {
    this.#rows.set(user, row);
    this.#until = Math.min(this.#until, until);
  }
}
