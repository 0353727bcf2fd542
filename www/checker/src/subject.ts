import type { Answers } from "./answers.js";
import type { Revision } from "./types.js";

/**
 * The levels that a subject holds at one place, for as long as they stay so.
 *
 * @internal
 */
export interface Levels {
  /** One level for each permission, in the order of handles. */
  readonly table: Uint8Array;
  /** Where {@link Allowed} has them. */
  readonly row: number;
  /** The state it was worked out from. */
  readonly generation: number;
  /** The first moment at which it may be another. */
  readonly until: number;
}

/**
 * The places but `/` at which a subject holds something: there the levels may be others.
 *
 * @internal
 */
export interface Scopes {
  /** The state they were asked of. */
  readonly generation: number;
  /** How long their paths are, the longest first. */
  readonly lengths: readonly number[];
  /** The levels at each, once they were asked for. */
  readonly levels: Map<string, Levels | null>;
}

/**
 * What is known of a subject.
 *
 * @internal
 */
export interface SubjectRecord {
  /** Whose answers it asks; a subject of another checker is nobody. */
  readonly owner: Answers;
  /** The user's id. */
  readonly id: string;
  /** With a user of the snapshot: the session asked in. */
  readonly session: Revision | undefined;
  /** With a pass: the JSON of its verified payload, to open it again after its handle was given away. */
  readonly claims: string | undefined;
  /** With a pass: the id of the key that signed it. */
  readonly kid: string | undefined;
  /** When the pass ends. */
  readonly expires: number;
  /** The handle on the Rust side, while one is open. */
  handle: number | undefined;
  /** The levels at `/`. */
  root: Levels | undefined;
  /** The other places at which the subject holds something. */
  scopes: Scopes | undefined;
}

/**
 * What is known of `subject`, or `undefined` where it is not one of ours.
 *
 * @internal
 */
export let recordOf: (subject: unknown) => SubjectRecord | undefined;

/**
 * Someone who asks: what `open`, `subject` and `self` answer. Opaque, and of use only with the checker that made it.
 */
export class Subject {
  readonly #record: SubjectRecord;

  /** @internal Minified, it would be called something else. */
  static readonly name = "Subject";

  static {
    recordOf = (subject) => (#record in Object(subject) ? (subject as Subject).#record : undefined);
  }

  /** @internal */
  constructor(record: SubjectRecord) {
    this.#record = record;
  }

  /** The user's id. */
  get id(): string {
    return this.#record.id;
  }

  /** When the pass ends, in milliseconds since 1970; `Infinity` where the subject is not of a pass. */
  get expires(): number {
    return this.#record.expires;
  }
}
