import type { Reason } from "../types.js";
import type { Wrong } from "./json.js";

/** What is answered to one evaluation, as the server answers it. */
export type Decision =
  | { readonly decision: true }
  | { readonly decision: false; readonly context: Refused | { readonly error: { readonly status: number; readonly message: string } } };

interface Refused {
  readonly id: Reason;
  readonly reason_admin: { readonly en: string };
  readonly reason_user: { readonly en: string };
}

const YOURS = "You may not do this. Ask an administrator.";
/** The server's words: a test holds them side by side. */
const WORDS: Readonly<Record<Reason, string>> = {
  unknown_subject: "there is no such user: a subject has type `user`, and an id or an email",
  inactive_subject: "the user is invited or disabled",
  unknown_permission: "the action is neither a permission nor an operation of the catalogue",
  unknown_level: "the permission's scale has no such level above nothing",
  unknown_operation: "there is no such operation in the catalogue",
  not_a_place: "the resource is not a place of this catalogue, or none for this operation",
  product_absent: "the tenant lacks the product that the permission's module needs",
  not_granted: "nothing that the user holds here gives it",
  level_too_low: "what the user holds here gives it at a lower level",
  condition_false: "what the user holds here gives it on a condition that is false now",
  stale: "the state is stale",
  pass_expired: "the user's pass has expired",
};

/** The answer where a reason speaks against it, or none. */
export function decisionOf(reason: Reason | undefined): Decision {
  if (reason === undefined) return { decision: true };
  return { decision: false, context: { id: reason, reason_admin: { en: WORDS[reason] }, reason_user: { en: YOURS } } };
}

/** The answer to what was not asked as it must be, in a batch. */
export function failed({ status, message }: Wrong): Decision {
  return { decision: false, context: { error: { status, message } } };
}
