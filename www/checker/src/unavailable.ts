import type { ErrorCode, RolewrightError } from "./error.js";

/** What is wrong with the state, not with who asks or what they send. */
const OURS: ReadonlySet<ErrorCode> = new Set(["stale", "unreachable", "unauthorized", "timeout", "disposed", "internal"]);

/** Whether an error says that the state cannot be asked. */
export function isUnavailable({ code }: RolewrightError): boolean {
  return OURS.has(code);
}

/** Why the state cannot be asked, as a stranger may be told it. */
export interface Unavailable {
  readonly code: string;
  readonly detail: string;
  /** Since when the state is stale. */
  readonly since?: string;
}

/** An error of the checker's, by its name: it may be of another of the package's entries. Others are thrown on. */
export function ours(thrown: unknown): RolewrightError {
  if ((thrown as Partial<Error> | undefined)?.name === "RolewrightError") return thrown as RolewrightError;
  throw thrown;
}

export function unavailable({ code, message, since }: Pick<RolewrightError, "code" | "message" | "since">): Unavailable {
  const when = since === undefined ? {} : { since: new Date(since).toISOString() };
  // Other messages name what is behind the gate.
  return { code, detail: code === "stale" ? message : "who may do what cannot be asked at the moment", ...when };
}
