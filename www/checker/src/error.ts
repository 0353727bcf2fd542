import type { Problem } from "./types.js";

/**
 * What went wrong, for programs.
 *
 * - `malformed`: a snapshot, stamp, pass or key set is not what it should be; `problems` says where
 * - `bad_signature`, `unknown_key`: it was tampered with, truncated, or signed by another key
 * - `wrong_tenant`, `wrong_audience`, `wrong_kind`, `wrong_content`: it is signed, but for something else
 * - `older`: it would go back in (epoch, revision), or is no answer to what was asked now: a cache keeps it
 * - `rewound`: the server's history does not lead on from what is held; nothing of it is taken until it does, or a new epoch begins
 * - `expired`, `not_yet_valid`: a pass or a stamp outside its time
 * - `stale`: the server could not be reached for longer than the last stamp is good for
 * - `unreachable`: the server did not answer, or not with what it should
 * - `unauthorized`: the server does not let this key, session or pass read the snapshot
 * - `timeout`: the awaited revision did not come
 * - `misuse`: the call itself is wrong
 * - `disposed`: `dispose()` was called
 */
export type ErrorCode =
  | "malformed"
  | "bad_signature"
  | "unknown_key"
  | "wrong_tenant"
  | "wrong_audience"
  | "wrong_kind"
  | "wrong_content"
  | "older"
  | "rewound"
  | "expired"
  | "not_yet_valid"
  | "stale"
  | "unreachable"
  | "unauthorized"
  | "timeout"
  | "misuse"
  | "disposed"
  | "internal";

/** What {@link RolewrightError} carries beside code and message. */
export interface ErrorDetails {
  /** Everything that is wrong with a document. */
  problems?: readonly Problem[];
  /** With `stale`: since when, in milliseconds since 1970. */
  since?: number | undefined;
  /** With `unreachable` and `unauthorized`: the HTTP status that was answered. */
  status?: number | undefined;
  /** What caused it. */
  cause?: unknown;
}

/** What this package throws, unless what it is given is not even of the type: that is a `TypeError`. */
export class RolewrightError extends Error {
  /** What went wrong, for programs. */
  declare readonly code: ErrorCode;
  /** Everything that is wrong with a document; empty where it is not about one. */
  declare readonly problems: readonly Problem[];
  /** With `stale`: since when, in milliseconds since 1970. */
  declare readonly since: number | undefined;
  /** With `unreachable` and `unauthorized`: the HTTP status that was answered. */
  declare readonly status: number | undefined;

  /** @internal Minified, it would be called something else. */
  static override readonly name = "RolewrightError";

  /** Makes one. */
  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details);
    Object.assign(this, { name: "RolewrightError", code, problems: [] }, details);
  }
}

/** What the wasm side answers in the place of an answer. */
interface Fault {
  readonly code: ErrorCode;
  readonly message: string;
  readonly problems: readonly Problem[];
}

function isFault(what: unknown): what is Fault {
  return Array.isArray((what as Partial<Fault> | undefined)?.problems);
}

/** Whatever was thrown, as one of ours. */
export function asError(thrown: unknown, otherwise: ErrorCode): RolewrightError {
  if (thrown instanceof RolewrightError) return thrown;
  if (isFault(thrown)) return new RolewrightError(thrown.code, thrown.message, { problems: thrown.problems });
  const message = (thrown as Partial<Error> | undefined)?.message ?? thrown;
  return new RolewrightError(otherwise, String(message), { cause: thrown });
}

/** What is asked of a checker that is no more. */
export function disposed(): RolewrightError {
  return new RolewrightError("disposed", "this checker was disposed of");
}

/** Throws where a call says what there is not: misspelt, it would be passed over. */
export function noMore(said: object): void {
  for (const name of Object.keys(said)) throw new RolewrightError("misuse", `there is no \`${name}\``);
}

/** What Rust answers; a fault that it answers, and whatever it throws, is thrown as an error of ours. */
export function asking<T>(ask: () => T): T {
  try {
    const answer = ask();
    if (isFault(answer)) throw answer;
    return answer;
  } catch (thrown) {
    throw asError(thrown, "internal");
  }
}
