import type { RolewrightError } from "./error.js";

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
