/**
 * What is allowed, close together: a row of bits for each table that Rust worked out, and for each user the number of the
 * table at `/` and until when it is right. A look-up touches two small arrays and one word, however many users there are.
 */
export class Allowed {
  /** The row that allows nothing. */
  static readonly NOTHING = 0;

  #words = 0;
  #bits = new Uint32Array();
  /** By the user's place. */
  #rows = new Int32Array(64);
  #untils = new Float64Array(64).fill(-Infinity);

  /** Whether a user may, by place and position; `undefined` where that is not known, or no longer. */
  at(place: number, position: number, now: number): boolean | undefined {
    return now < (this.#untils[place] as number) ? this.inRow(this.#rows[place] as number, position) : undefined;
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

  /** Forgets which tables users hold. */
  expire(): void {
    this.#untils.fill(-Infinity);
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

  /** Says which row is that of the user at a place, and until when. */
  hold(place: number, row: number, until: number): void {
    if (place >= this.#rows.length) {
      const rows = new Int32Array(2 * place);
      const untils = new Float64Array(2 * place).fill(-Infinity);
      rows.set(this.#rows);
      untils.set(this.#untils);
      [this.#rows, this.#untils] = [rows, untils];
    }
    this.#rows[place] = row;
    this.#untils[place] = until;
  }
}
