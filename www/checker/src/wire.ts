import { asError } from "./error.js";
import type { Revision, SnapshotKind, UiState } from "./types.js";

/** What the snapshot is of, and every permission by position: its id, and the number of its kind. */
export interface About {
  readonly snapshot: Of;
  readonly ids: readonly string[];
  readonly kind: readonly number[];
  readonly kinds: readonly Kind[];
}

/** What a permission's levels are called and do. */
export interface Kind {
  readonly can: number;
  readonly levels: readonly string[];
  readonly ui: readonly UiState[];
}

/** Of what a snapshot is. */
export interface Of {
  readonly kind: SnapshotKind;
  readonly tenant: string;
  readonly at: Revision;
}

/** The number of a table, and until when it is right; as long as the snapshot where that is not said. */
export interface Worked {
  readonly table: number;
  readonly until: number | null;
}

/** A pass that was opened. */
export interface Opened {
  readonly handle: number;
  readonly subject: string;
  readonly at: Revision;
  readonly expires: number;
}

/** What crosses to Rust: what JSON carries of it, which Rust reads as strictly as everything else. `null` says nothing. */
export function jsonOf(said: unknown): string {
  try {
    return JSON.stringify(said, (_, value) => {
      // A `Promise`, a `Map` and their like, of which JSON would say that they hold nothing.
      const what = value?.[Symbol.toStringTag];
      if (what) throw TypeError(`what is said is a ${what}`);
      return value ?? undefined;
    });
  } catch (thrown) {
    // A cycle, or what JSON has no word for.
    throw asError(thrown, "misuse");
  }
}

/** What is no text names nothing. */
export function textOf(said: unknown): string {
  return typeof said === "string" ? said : "";
}
