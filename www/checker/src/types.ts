/** What a user interface does with what a permission guards. */
export type UiState = "hidden" | "disabled" | "read_only" | "enabled";

/** A place in a tenant's history. A restore from backup begins a new epoch; order is (epoch, revision). */
export interface Revision {
  /** Counts restores from backup. */
  readonly epoch: number;
  /** Counts accepted changes. */
  readonly revision: number;
}

/** What a snapshot holds: everybody's ids and links, the policy alone, or what one person holds. */
export type SnapshotKind = "full" | "policy" | "subject";

/** A value of an attribute. Texts, numbers and booleans may also stand in a list. */
export type Value = string | number | boolean | readonly (string | number | boolean)[];

/** Attributes by name, without the root: `region`, `device.managed`. */
export type Attributes = Readonly<Record<string, Value>>;

/** What an enforcement point says of a request. What is not here is missing, and comparisons with it are false. */
export interface RequestAttributes {
  /** Of the resource that a question about a permission names. */
  readonly resource?: Attributes;
  /** Of an operation's resources, by their names in the operation. */
  readonly resources?: Readonly<Record<string, Attributes>>;
  /** Of what is being done. */
  readonly action?: Attributes;
  /** Of everything around: the network, the device, the hour. */
  readonly context?: Attributes;
}

/** Why something is refused. */
export type Reason =
  | "unknown_subject"
  | "inactive_subject"
  | "unknown_permission"
  | "unknown_level"
  | "unknown_operation"
  | "not_a_place"
  | "product_absent"
  | "not_granted"
  | "level_too_low"
  | "condition_false"
  /** The server could not be reached for longer than the last freshness stamp is good for. */
  | "stale"
  /** The subject's pass has expired, or the key that signed it was withdrawn. */
  | "pass_expired";

/** What is answered about a permission. */
export interface Decision {
  /** Whether the level reaches what was asked. */
  readonly allowed: boolean;
  /** The id of the level that is held; empty where it is not known. */
  readonly level: string;
  /** What a user interface does with it. */
  readonly ui: UiState;
  /** Why not, where it is refused. */
  readonly reason?: Reason;
}

/** What is answered to a question by AuthZEN's names. */
export interface Evaluation {
  /** Whether the subject may. */
  readonly allowed: boolean;
  /** Why not, where it is refused. */
  readonly reason?: Reason;
}

/** What is answered about an operation: every leg with its own result. */
export interface OperationDecision {
  /** Whether one alternative has all its needs. */
  readonly allowed: boolean;
  /** Why not, where it is not about a leg. */
  readonly reason?: Reason;
  /** The alternatives, each with its legs; one suffices. */
  readonly alternatives: readonly AlternativeDecision[];
}

/** What one alternative's legs say. */
export interface AlternativeDecision {
  /** Whether all its legs are allowed. */
  readonly allowed: boolean;
  /** One for each need. */
  readonly legs: readonly Leg[];
}

/** One need and whether it is met. */
export interface Leg {
  /** The permission's id. */
  readonly permission: string;
  /** The level that is needed. */
  readonly asked: string;
  /** The level that is held there. */
  readonly level: string;
  /** The resource; empty where the request names none that fits. */
  readonly resource: string;
  /** Whether it is met. */
  readonly allowed: boolean;
  /** Whether a condition drops the need: it is met whatever level is held. */
  readonly dropped?: boolean;
}

/** Through what a subject holds a role; `untold` where that is not for this checker to know. */
export type Via =
  | { readonly kind: "direct" | "entitlement" | "everyone"; readonly assignment: string }
  | { readonly kind: "group"; readonly assignment: string; readonly groups: readonly string[] }
  | { readonly kind: "package"; readonly package: string }
  | { readonly kind: "base" | "untold" };

/** One role that a subject holds. In a subject snapshot roles are named by number alone. */
export interface HeldRole {
  /** The role's id. */
  readonly role: string;
  /** Where. */
  readonly scope: string;
  /** Through what. */
  readonly via: Via;
  /** Since when, in milliseconds since 1970. */
  readonly from?: number;
  /** Until when. */
  readonly until?: number;
  /** Why it does not count here and now. */
  readonly not_counting?: "inactive_subject" | "not_yet" | "expired" | "next_login" | "wrong_scope" | "wrong_type";
}

/** One permission that a subject holds. */
export interface EffectivePermission {
  /** The permission's id. */
  readonly permission: string;
  /** The level's id. */
  readonly level: string;
  /** Positions in the list of held roles of those that reach this level. */
  readonly sources: readonly number[];
  /** Whether no role grants it itself: an implication or a module's access brings it. */
  readonly implied: boolean;
}

/** One thing that is wrong with a document. */
export interface Problem {
  /** Where, as a JSON path: `$.roles[3].id`. */
  readonly path: string;
  /** What, in one line. */
  readonly message: string;
}

/** A set of public keys, as `/.well-known/jwks.json` answers it. */
export interface JsonWebKeySet {
  /** The keys, as JSON; those that are not Ed25519 are passed over. */
  readonly keys: readonly object[];
}

/** How current the answers are. */
export interface Freshness {
  /** The revision that the answers are of. */
  readonly at: Revision;
  /** When the server last confirmed it, by its own clock, in milliseconds since 1970; `undefined` where none was asked. */
  readonly confirmed: number | undefined;
  /** When answers turn to no unless the server confirms it again; `Infinity` without a freshness stamp. */
  readonly expires: number;
  /** Whether every answer is no for want of confirmation. */
  readonly stale: boolean;
  /**
   * What went wrong: why the last try to reach the server failed; why the store could not be gone by, or does not hold the state; or
   * why every answer is no.
   */
  readonly error: Error | undefined;
}
