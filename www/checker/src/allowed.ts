/** The row that allows nothing. */
export const NOTHING = 0;

/**
 * What is allowed, close together: a row of bits for each table that Rust worked out, and for each user who asks at `/` where
 * that of theirs begins. All are right until the first of them may be another: then who asks is asked about anew.
 */
export class Allowed {
  #words = 0;
  #bits = new Uint32Array();
  /** By the user's number, without a gap. */
  readonly #rows: number[] = [NOTHING];
  #until = Infinity;

  /** Where a user's row begins, as long as {@link Allowed.expireBy} was told the time; that of nothing where it is not known. */
  rowOf(user: number): number {
    return this.#rows[user] as number;
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

  /** Forgets every table, and what a row is; which of them users hold is to {@link Allowed.expire} too. */
  clear(permissions: number): void {
    this.#words = (permissions + 31) >>> 5;
    this.#bits = new Uint32Array(this.#words);
  }

  /** Forgets which tables users hold where one of them may be another by now. */
  expireBy(now: number): void {
    if (!(now < this.#until)) this.expire();
  }

  /** Forgets which tables users hold. */
  expire(): void {
    this.#rows.fill(NOTHING);
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
      (this.#bits[word] as number) |= 1 << (position & 31);
    }
  }

  /** Says which row is that of a user, and until when. */
  hold(user: number, row: number, until: number): void {
    this.#rows[user] = row;
    this.#until = Math.min(this.#until, until);
  }
}
