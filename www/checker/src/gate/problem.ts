import type { Reason } from "../types.js";

/** What is not held, as a refused person is told it. */
export interface Missing {
  /** The permission's id. */
  readonly permission: string;
  /** Where it is needed; not said where that is the whole tenant. */
  readonly resource?: string;
  /** The level, where it is not the scale's `can` level. */
  readonly level?: string;
}

/** Why a request is refused, as RFC 9457 says it. */
export interface Problem {
  /** `urn:rolewright:problem:` and a code. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** With 403: the permission that is missing; with an operation, the first one of its first alternative. */
  readonly permission?: string;
  readonly resource?: string;
  readonly level?: string;
  /** With 403 of an operation: its id. */
  readonly operation?: string;
  /** With 403 of an operation: what is missing of each alternative, of which one suffices. */
  readonly missing?: readonly (readonly Missing[])[];
  /** With 403: why it is refused, for programs. */
  readonly reason?: Reason;
  /** With 403: whom to ask for access. */
  readonly contact?: string;
  /** With 503: since when the state is stale. */
  readonly since?: string;
}

/** A refused request's answer. */
export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Problem;
}

/** What a problem says beside type, title, status and detail. */
type More = Omit<Problem, "type" | "title" | "status" | "detail">;

/** A refusal, which nobody may keep. */
export function refusal(
  status: number,
  code: string,
  title: string,
  detail: string,
  more: More = {},
  headers: Readonly<Record<string, string>> = {},
): Refusal {
  return {
    status,
    headers: { "content-type": "application/problem+json", "cache-control": "no-store", ...headers },
    body: { type: `urn:rolewright:problem:${code}`, title, status, detail, ...more },
  };
}

/** What is missing, in words: `reports.run` on `servers/prod`. */
export function told({ permission, resource, level }: Missing): string {
  return `\`${permission}\`${level === undefined ? "" : ` at \`${level}\``}${resource === undefined ? "" : ` on \`${resource}\``}`;
}
