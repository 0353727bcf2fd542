/// <reference lib="esnext.disposable" preserve="true" />
import type { Answers } from "./answers.js";
import type { LevelId, OperationId, OperationResources, PermissionId } from "./catalogue.js";
import { RolewrightError, disposed } from "./error.js";
import { compact, parseJson } from "./jws.js";
import { compare, revisionOf, told } from "./signed.js";
import type { Verify } from "./signed.js";
import type { Source } from "./source.js";
import type { Subject } from "./subject.js";
import { isTime } from "./time.js";
import type {
  Decision,
  EffectivePermission,
  Evaluation,
  Freshness,
  HeldRole,
  OperationDecision,
  RequestAttributes,
  Revision,
  SnapshotKind,
  UiState,
} from "./types.js";

/** Longer than any pass of ours. */
const LONGEST_PASS = 256 * 1024;
/** How many passes are remembered as verified. */
const PASSES = 10_000;

/** A question about a permission. */
export interface DecideRequest<P extends PermissionId = PermissionId> {
  /** Who asks: a subject, or a user's id where the snapshot holds users. */
  readonly subject: Subject | string;
  /** The permission's id. */
  readonly permission: P;
  /** The resource; `/`, the whole tenant, where it is not said. */
  readonly resource?: string;
  /** The level's id; the scale's `can` level where it is not said. */
  readonly asked?: LevelId<P>;
  /** What conditions read, beside the subject's attributes. What an enforcement point has not verified does not belong here. */
  readonly attributes?: RequestAttributes;
  /** When, in milliseconds since 1970; now where it is not said. */
  readonly at?: number | Date;
}

/** A question about an operation. */
export interface CheckRequest<O extends OperationId = OperationId> {
  /** Who asks: a subject, or a user's id where the snapshot holds users. */
  readonly subject: Subject | string;
  /** The operation's id. */
  readonly operation: O;
  /** The operation's resources by name. */
  readonly resources?: Partial<OperationResources<O>>;
  /** What conditions read, beside the subject's attributes. What an enforcement point has not verified does not belong here. */
  readonly attributes?: RequestAttributes;
  /** When, in milliseconds since 1970; now where it is not said. */
  readonly at?: number | Date;
}

/** A question by the names of the AuthZEN Authorization API. */
export interface EvaluateRequest {
  /** Who asks: a subject, or a user's id where the snapshot holds users; where it is not said, somebody who is not known. */
  readonly subject: Subject | string | undefined;
  /** The id of a permission or, where none has it, of an operation; `operation:ID` is always the operation. */
  readonly action: string;
  /** The resource: its type, and its path or the one id in it. `tenant` and `collection` are types too. */
  readonly resource: { readonly type: string; readonly id: string };
  /**
   * What conditions read, beside the subject's attributes. Of the action `level` is the level that is asked of a permission, and
   * `resources.NAME` another resource of an operation.
   */
  readonly attributes?: RequestAttributes;
  /** Whether nobody is told apart from who holds nothing: for whoever may not learn who is known here. */
  readonly discreet?: boolean;
  /** When, in milliseconds since 1970; now where it is not said. */
  readonly at?: number | Date;
}

/**
 * Answers who may do what, from a verified snapshot. Every question is synchronous; what is not known is answered no.
 *
 * It holds WebAssembly memory: where one is not needed as long as the program runs, call {@link Rolewright.dispose}.
 */
export class Rolewright {
  readonly #answers: Answers;
  readonly #source: Source | undefined;
  readonly #verify: Verify;
  readonly #passes = new Map<string, Subject>();

  /** @internal */
  constructor(answers: Answers, verify: Verify, source?: Source) {
    this.#answers = answers;
    this.#verify = verify;
    this.#source = source;
  }

  /** The tenant. */
  get tenant(): string {
    return this.#answers.of.tenant;
  }

  /** What the snapshot holds. */
  get kind(): SnapshotKind {
    return this.#answers.of.kind;
  }

  /** How current the answers are. */
  get freshness(): Freshness {
    return {
      at: this.#at,
      confirmed: this.#source?.stamp?.issued,
      expires: this.#answers.expires,
      stale: this.#answers.isStale,
      error: this.#source?.error ?? this.#refusal(),
    };
  }

  /** With a subject snapshot: the one person it is of. */
  get self(): Subject | undefined {
    return this.#answers.self();
  }

  /**
   * Opens a pass: verifies its signature, audience, tenant and time, and that the state is current enough to judge it.
   * Verified passes are remembered, so opening the same one with every request is cheap. Whether its person is still active, and
   * what of it was taken away since, the answers say.
   *
   * @throws RolewrightError `malformed`, `unknown_key`, `bad_signature`, `wrong_audience`, `wrong_tenant`, `not_yet_valid`,
   * `expired`: the pass is not to be taken; `stale`: the state is not; `disposed`
   */
  async open(pass: string): Promise<Subject> {
    // What can be none is read as an empty one, which is refused as malformed.
    if (typeof pass !== "string" || pass.length > LONGEST_PASS) pass = "";
    const known = this.#passes.get(pass);
    if (known) {
      await this.fresh();
      if (this.#answers.isGood(known)) return known;
      this.#passes.delete(pass);
    }
    const signed = compact("pass", pass);
    await this.#verify(signed);
    await this.fresh();
    const { subject, at } = this.#answers.openPass(parseJson(signed.payload), signed.kid);
    // Where the server cannot be reached, the last state answers for newer passes too.
    if (compare(at, this.#at) > 0) await this.#source?.catchUp();
    this.#mustBeFresh();
    // Newer keys may have come meanwhile.
    if (!this.#answers.isGood(subject)) await this.#verify(signed);
    if (this.#passes.size >= PASSES) this.#passes.clear();
    this.#passes.set(pass, subject);
    return subject;
  }

  /**
   * A user of the snapshot, asking in a session that began at a revision; where none is said, in one that begins with each
   * question. `undefined` where there is no such user.
   *
   * @param session as {@link Rolewright.atLeast} takes it
   * @throws RolewrightError `misuse` where the session is no revision
   */
  subject(id: string, session?: Revision | number | string): Subject | undefined {
    return this.#answers.subject(id, session === undefined ? session : revisionOf(session, this.#at.epoch));
  }

  /**
   * Revalidates the state if it was not confirmed within `maxStale`.
   *
   * @throws RolewrightError `stale` where the server could not be reached for longer than the last stamp is good for;
   * `disposed`
   */
  async fresh(): Promise<void> {
    await this.#source?.ensure();
    this.#mustBeFresh();
  }

  /**
   * Waits until the answers are of a revision, or a later one. A number is a revision of the current epoch; a text is what the
   * server says of a change, in the header `rolewright-revision`: `EPOCH.REVISION`. Where the answers are of it already nothing
   * is asked.
   *
   * @throws RolewrightError `timeout` where it does not come within `timeout` milliseconds (10 seconds where that is not
   * said); `stale`; `disposed`; `misuse` where it is no revision, or `timeout` no time
   */
  async atLeast(named: Revision | number | string | null | undefined, { timeout = 10_000 }: { timeout?: number } = {}): Promise<void> {
    const wanted = revisionOf(named, this.#at.epoch);
    if (!isTime(timeout)) throw new RolewrightError("misuse", "say `timeout` in whole milliseconds");
    if (compare(this.#at, wanted) < 0) await this.#source?.atLeast(wanted, timeout);
    this.#mustBeFresh();
    // A snapshot that was loaded stays as it is.
    if (compare(this.#at, wanted) < 0) {
      throw new RolewrightError("timeout", `revision ${told(wanted)} did not come in time`, { cause: this.#source?.error });
    }
  }

  /**
   * Whether a subject may: holds the permission at its scale's `can` level or above. Never throws: what is not known, not a
   * place, expired, stale or disposed of is `false`. So is a condition on what a request says: ask {@link Rolewright.decide}.
   */
  can(subject: Subject | string, permission: PermissionId, resource = "/"): boolean {
    return this.#answers.can(subject, permission, resource);
  }

  /** The id of the level that a subject holds; empty where that is not known. Never throws. */
  level<P extends PermissionId>(subject: Subject | string, permission: P, resource = "/"): LevelId<P> | "" {
    return this.#answers.level(subject, permission, resource) as LevelId<P> | "";
  }

  /** What a user interface does with what a permission guards. Never throws. */
  ui(subject: Subject | string, permission: PermissionId, resource = "/"): UiState {
    return this.#answers.ui(subject, permission, resource);
  }

  /**
   * The complete decision about a permission, with the reason of a refusal.
   *
   * @throws RolewrightError `disposed`; `malformed` and `misuse` where `attributes` is not what it should be
   */
  decide<P extends PermissionId>(request: DecideRequest<P>): Decision {
    return this.#answers.decide(request as DecideRequest);
  }

  /**
   * The complete decision about an operation, with every leg's result. A missing or mistyped resource fails its legs.
   *
   * @throws RolewrightError `disposed`; `malformed` and `misuse` where `attributes` is not what it should be
   */
  check<O extends OperationId>(request: CheckRequest<O>): OperationDecision {
    return this.#answers.check(request as CheckRequest);
  }

  /**
   * Whether a subject may do what AuthZEN's names mean, as the server answers it: what `rolewright/authzen` asks.
   *
   * @throws RolewrightError `disposed`; `malformed` and `misuse` where `attributes` is not what it should be
   */
  evaluate(request: EvaluateRequest): Evaluation {
    return this.#answers.evaluate(request);
  }

  /**
   * Every permission that a subject holds on a resource above level 0, in the order of the catalogue.
   *
   * @throws RolewrightError `disposed`
   */
  permissions(subject: Subject | string, resource = "/"): EffectivePermission[] {
    return this.#answers.held(subject, resource, true) as EffectivePermission[];
  }

  /**
   * Every role that a subject holds, and why it does not count on a resource where it does not.
   *
   * @throws RolewrightError `disposed`
   */
  held(subject: Subject | string, resource = "/"): HeldRole[] {
    return this.#answers.held(subject, resource, false) as HeldRole[];
  }

  /**
   * Calls back, in a microtask, whenever answers may be others than before by what the server says, by its silence where that has
   * made the state stale, or by disposal. What the clock alone changes, as the end of a window, it does not tell. A listener
   * counts once; what it throws is the host's to report. Answers how to stop it.
   *
   * @throws RolewrightError `misuse` where it is no function
   */
  subscribe(listener: () => void): () => void {
    if (typeof listener !== "function") throw new RolewrightError("misuse", "a listener is a function");
    const { listeners } = this.#answers;
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /** Frees the memory and stops asking the server. From then on every answer is no. */
  dispose(): void {
    this.#source?.close();
    this.#passes.clear();
    this.#answers.dispose();
  }

  /** As {@link Rolewright.dispose}, for `using`. */
  declare [Symbol.dispose]: () => void;

  /** @internal Minified, it would be called something else. */
  static readonly name = "Rolewright";

  static {
    // Not every runtime has the symbol.
    this.prototype[Symbol.dispose ?? "dispose"] = this.prototype.dispose;
  }

  get #at(): Revision {
    return this.#source?.stamp?.at ?? this.#answers.of.at;
  }

  /** Why every answer is no, where that is so. */
  #refusal(): RolewrightError | undefined {
    const { isStale, expires: since } = this.#answers;
    if (!isStale) return undefined;
    if (since === -Infinity) return disposed();
    const message = `the server did not confirm it: stale since ${new Date(since).toISOString()}`;
    return new RolewrightError("stale", message, { cause: this.#source?.error, since });
  }

  #mustBeFresh(): void {
    const refusal = this.#refusal();
    if (refusal) throw refusal;
  }
}
