import type { Checker } from "../wasm/rolewright.js";
import { Allowed, NOTHING } from "./allowed.js";
import type { Clock } from "./clock.js";
import { RolewrightError, asking, disposed, noMore } from "./error.js";
import type { Bytes, Keys } from "./jws.js";
import { Names } from "./names.js";
import { own } from "./own.js";
import type { CheckRequest, DecideRequest, EvaluateRequest } from "./rolewright.js";
import { Subject, recordOf } from "./subject.js";
import type { Levels, Scopes, SubjectRecord } from "./subject.js";
import { jsonOf, textOf } from "./wire.js";
import type { About, Kind, Of, Opened, Worked } from "./wire.js";
import type {
  Decision,
  Evaluation,
  OperationDecision,
  Reason,
  Revision,
  UiState,
} from "./types.js";

/** How many subjects stay open on the Rust side; one that is closed is opened again when it asks. */
const OPEN = 10_000;
/** A handle that is never given out. */
const NOBODY = 0xffffffff;
/** How many users are remembered by id. */
const USERS = 100_000;
/** Longer texts are not looked up but asked about. */
const LONGEST_PLACE = 512;

/** How many characters the table of places knows: those of ASCII. */
const CHARACTERS = 128;
const SLASH = 47;

/**
 * The synchronous side: names interned once, and look-ups in tables that Rust worked out. What holds no table, or one that
 * may no longer be right, asks Rust for one.
 */
export class Answers {
  readonly #checker: Checker;
  readonly #clock: Clock;
  /** What the snapshot is of, and its own revision; a stamp may confirm it for a later one. */
  of!: Of;
  /** Grows with whatever makes every table wrong. */
  #generation = 0;
  #permissions = new Names();
  /** By position: numbers begin at 1. */
  #kinds: readonly (Kind | undefined)[] = [];
  #can = new Uint8Array();
  /** By number, as Rust counts them. */
  #tables: Uint8Array[] = [];
  /** Which texts are places: a table of Rust's to walk through; `undefined` where Rust must be asked, `null` where it was not yet. */
  #places: Uint16Array | null | undefined = null;
  #users = new Names();
  /** By the user's number. */
  #records: (SubjectRecord | undefined)[] = [undefined];
  readonly #allowed = new Allowed();
  /** What everybody holds where there is no place. */
  #nowhere: Levels | undefined;
  #self: Subject | undefined;
  readonly #open = new Map<number, SubjectRecord>();
  #expires = Infinity;
  /** Whether that was so when it was last looked. */
  #wasStale = false;
  #keys: Keys | undefined;
  #disposed = false;
  /** Called back, in a microtask, where answers may be others than before. */
  readonly listeners = new Set<() => void>();

  constructor(checker: Checker, clock: Clock) {
    this.#checker = checker;
    this.#clock = clock;
    clock.onRead = (time, before) => {
      // What was said to be right until some time was not said of what the clock has gone back to.
      if (time >= before) this.#allowed.expireBy(time);
      else this.#outdate();
    };
    this.#learn();
  }

  /** When everything becomes no. */
  get expires(): number {
    return this.#expires;
  }

  /** Whether everything is no for want of confirmation. */
  get isStale(): boolean {
    return !(this.#clock.now() < this.#expires);
  }

  /** Goes on with a newer snapshot; throws and changes nothing where it is not one. */
  adopt(payload: Bytes): void {
    this.mustBeOpen();
    asking(() => this.#checker.adopt(payload));
    this.#learn();
  }

  /** As {@link Answers.adopt}, by a verified delta from the snapshot that is held, of that hash. */
  apply(delta: Bytes, content: string): void {
    this.mustBeOpen();
    asking(() => this.#checker.apply(delta, content));
    this.#learn();
  }

  /** Good until then, says the server, of which the word was found to be of now. */
  confirm(expires: number): void {
    // Tables carry the old end. An earlier one must reach them.
    if (expires < this.#expires) this.#outdate();
    this.#clock.set();
    this.#expires = expires;
    this.look();
  }

  /** Passes that none of these keys signed are good no more. */
  trust(keys: Keys): void {
    this.#keys = keys;
    this.#outdate();
    this.#tell();
  }

  /** Whether a subject's pass is still to be taken. */
  isGood(subject: Subject): boolean {
    const record = this.#record(subject);
    return record !== undefined && this.#clock.now() < this.#end(record);
  }

  /** Tells of it where everything has become no for want of confirmation, or is no longer. */
  look(): void {
    if (this.isStale === this.#wasStale) return;
    this.#wasStale = !this.#wasStale;
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.listeners) queueMicrotask(() => this.listeners.has(listener) && listener());
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#outdate();
    this.#expires = -Infinity;
    this.#records = [];
    this.#open.clear();
    this.#tables = [];
    this.#checker.free();
    this.#tell();
  }

  /** Opens a pass whose signature was verified. */
  openPass(payload: object | null | undefined, kid: string): { subject: Subject; at: Revision } {
    this.mustBeOpen();
    const claims = jsonOf(payload ?? "");
    const { subject, at, expires, handle } = this.#openedPass(claims);
    return { subject: new Subject(this.#newRecord(subject, handle, { claims, kid, expires })), at };
  }

  #openedPass(claims: string): Opened {
    return asking(() => this.#checker.open_pass(claims, this.#clock.now()) as Opened);
  }

  /** A user of the snapshot, in a session. */
  subject(id: string, session: Revision | undefined): Subject | undefined {
    if (typeof id !== "string" || this.#disposed) return undefined;
    const record = this.#opened(id, session);
    return record && new Subject(record);
  }

  #openUser(id: string, session: Revision | undefined): number | undefined {
    return this.#checker.subject(id, session?.epoch ?? -Infinity, session?.revision ?? 0);
  }

  #opened(id: string, session: Revision | undefined): SubjectRecord | undefined {
    const handle = this.#openUser(id, session);
    if (handle === undefined) return undefined;
    return this.#newRecord(id, handle, { session });
  }

  #newRecord(
    id: string,
    handle: number,
    { session, claims, kid, expires = Infinity }: Partial<SubjectRecord>,
  ): SubjectRecord {
    const record: SubjectRecord = { owner: this, id, session, claims, kid, expires, handle, root: undefined, scopes: undefined };
    this.#hold(handle, record);
    return record;
  }

  /** The one person of a subject snapshot. */
  self(): Subject | undefined {
    const record = this.#disposed ? undefined : this.#user(textOf(this.#checker.holder()));
    if (record === undefined) return undefined;
    if (this.#self?.id !== record.id) this.#self = new Subject(record);
    return this.#self;
  }

  can(subject: Subject | string, permission: string, resource: string): boolean {
    const position = this.#permissions.numberOf(permission) - 1;
    return position >= 0 && this.#allowed.inRow(this.#row(subject, resource), position);
  }

  /** The row of what a subject may at a place. */
  #row(subject: Subject | string, resource: string): number {
    const isUser = resource === "/" && typeof subject === "string";
    if (isUser) {
      this.#clock.forAnswer();
      const row = this.#allowed.rowOf(this.#users.numberOf(subject));
      if (row !== NOTHING) return row;
    }
    const levels = this.#levels(subject, resource);
    if (levels === undefined) return NOTHING;
    if (isUser) this.#allowed.hold(this.#users.numberOf(subject), levels.row, levels.until);
    return levels.row;
  }

  level(subject: Subject | string, permission: string, resource: string): string {
    return this.#atLevel("levels", subject, permission, resource) ?? "";
  }

  ui(subject: Subject | string, permission: string, resource: string): UiState {
    return this.#atLevel("ui", subject, permission, resource) ?? "hidden";
  }

  /** What stands in a permission's kind at the level that a subject holds. */
  #atLevel<What extends "levels" | "ui">(
    what: What,
    subject: Subject | string,
    permission: string,
    resource: string,
  ): Kind[What][number] | undefined {
    const position = this.#permissions.numberOf(permission) - 1;
    const level = this.#levels(subject, resource)?.table[position] ?? -1;
    return this.#kinds[position]?.[what][level];
  }

  decide(request: DecideRequest): Decision {
    const { permission, resource = "/", asked, ...more } = own(request);
    const level = asked === undefined || asked === null ? undefined : textOf(asked);
    const question = { permission, resource, asked: level };
    return this.#ask(more, question, (reason): Decision => ({ allowed: false, level: "", ui: "hidden", reason }));
  }

  check(request: CheckRequest): OperationDecision {
    const { operation, resources = {}, ...more } = own(request);
    const question = { operation: textOf(operation), resources };
    return this.#ask(more, question, (reason): OperationDecision => ({ allowed: false, reason, alternatives: [] }));
  }

  evaluate(request: EvaluateRequest): Evaluation {
    const { action, resource, discreet, ...more } = own(request);
    const { type, id } = own(resource);
    const question = { action, type: textOf(type), id, discreet: discreet && "" };
    const reason = this.#ask(more, question, (reason): Reason | null => reason);
    return reason === null ? { allowed: true } : { allowed: false, reason };
  }

  /** What Rust answers, or what is refused before it is asked. */
  #ask<T>(
    request: Pick<EvaluateRequest, "subject" | "attributes" | "at">,
    question: object,
    refused: (reason: Reason) => T,
  ): T {
    this.mustBeOpen();
    const { subject, attributes, at, ...more } = own(request);
    noMore(more);
    const record = this.#record(subject);
    const time = (at ?? this.#clock.now()).valueOf?.();
    if (!Number.isFinite(time)) {
      throw new RolewrightError("misuse", "`at` is a `Date` or milliseconds");
    }
    const reason = this.#refusal(record, time);
    if (reason !== undefined) return refused(reason);
    // In a list, what JSON has no word for is not left out.
    const json = jsonOf({ ...question, attributes: attributes === undefined ? undefined : [attributes] });
    const handle = this.#handle(record);
    return asking(() => this.#checker.ask(handle, json, time) as T);
  }

  held(subject: Subject | string, resource: string, permissions: boolean): unknown {
    this.mustBeOpen();
    const record = this.#record(subject);
    if (this.#refusal(record) !== undefined) return [];
    return this.#checker.held(this.#handle(record), textOf(resource), this.#clock.now(), permissions);
  }

  mustBeOpen(): void {
    if (this.#disposed) throw disposed();
  }

  /** Reads what the snapshot calls things. */
  #learn(): void {
    const { snapshot, ids, kind, kinds } = this.#checker.about() as About;
    this.of = snapshot;
    this.#permissions = new Names();
    for (const id of ids) this.#permissions.add(id);
    this.#kinds = kind.map((number) => kinds[number]);
    this.#can = Uint8Array.from(this.#kinds, (known) => known?.can ?? 255);
    this.#tables = [];
    this.#places = null;
    this.#allowed.clear(this.#can.length);
    this.#outdate();
    this.#tell();
    const table = new Uint8Array(this.#can.length);
    this.#nowhere = { table, row: NOTHING, generation: this.#generation, until: -Infinity };
  }

  /** Why nothing is answered for it, where that is so. A pass must be good now, and when it is asked about. */
  #refusal(record: SubjectRecord | undefined, at = -Infinity): Reason | undefined {
    const now = this.#clock.now();
    if (!(now < this.#expires)) return "stale";
    return record !== undefined && !(now < this.#end(record) && at < record.expires) ? "pass_expired" : undefined;
  }

  /** When everything becomes no for a subject. */
  #end({ expires, kid }: SubjectRecord): number {
    return kid !== undefined && this.#keys?.has(kid) === false ? -Infinity : Math.min(this.#expires, expires);
  }

  #record(subject: Subject | string | undefined): SubjectRecord | undefined {
    if (typeof subject === "string") return this.#user(subject);
    const record = recordOf(subject);
    return record?.owner === this ? record : undefined;
  }

  /** A user by id, remembered. A pass is never an id: it names nobody here. */
  #user(id: string): SubjectRecord | undefined {
    const known = this.#records[this.#users.numberOf(id)];
    if (known !== undefined) return known;
    const record = this.#disposed ? undefined : this.#opened(id, undefined);
    if (record === undefined) return undefined;
    // All at once: the next look-ups bring back who is still asked for.
    if (this.#records.length > USERS) {
      this.#users = new Names();
      this.#records = [undefined];
      this.#allowed.expire();
    }
    this.#users.add(id);
    this.#allowed.hold(this.#records.push(record) - 1, NOTHING, Infinity);
    return record;
  }

  /** The levels of a subject at a place, or `undefined` where nothing is answered for it. */
  #levels(subject: Subject | string, resource: string): Levels | undefined {
    try {
      const record = this.#record(subject);
      if (record === undefined) return undefined;
      const now = this.#clock.forAnswer();
      if (resource === "/") {
        const levels = record.root;
        return levels !== undefined && this.#isGood(levels, now) ? levels : this.#work(record, "/", now);
      }
      if (this.#isPlace(resource)) return this.#levelsAt(record, resource, now);
      return typeof resource === "string" && now < this.#end(record) ? this.#nowhere : undefined;
    } catch {
      // A module that failed answers no, as does everything that cannot be worked out.
      return undefined;
    }
  }

  /** The levels at a place other than `/`: those at the deepest scope that reaches it. */
  #levelsAt(record: SubjectRecord, resource: string, now: number): Levels | undefined {
    let scopes = record.scopes;
    if (scopes === undefined || scopes.generation !== this.#generation) {
      scopes = this.#scopes(record);
      if (scopes === undefined) return undefined;
    }
    let scope = "/";
    let levels = record.root;
    for (const length of scopes.lengths) {
      if (length > resource.length || (length < resource.length && resource.charCodeAt(length) !== SLASH)) continue;
      const above = resource.slice(0, length);
      const found = scopes.levels.get(above);
      if (found !== undefined) {
        scope = above;
        levels = found ?? undefined;
        break;
      }
    }
    return levels !== undefined && this.#isGood(levels, now) ? levels : this.#work(record, scope, now);
  }

  #isGood(levels: Levels, now: number): boolean {
    return levels.generation === this.#generation && now < levels.until;
  }

  /** Whether a text is a place: by walking through the table, or where that cannot tell, by asking. */
  #isPlace(resource: string): boolean {
    if (typeof resource !== "string" || this.#disposed) return false;
    if (this.#places === null) {
      // Numbers of two bytes.
      const bytes = this.#checker.places() as Uint8Array | undefined;
      this.#places = bytes && new Uint16Array(bytes.buffer);
    }
    const places = this.#places;
    if (places === undefined || resource.length > LONGEST_PLACE) return this.#checker.is_place(resource);
    let row = CHARACTERS;
    for (let at = 0; at < resource.length; at++) {
      const code = resource.charCodeAt(at);
      if (code >= CHARACTERS) return this.#checker.is_place(resource);
      row = places[row + (places[code] as number)] as number;
      if (row === 0) return false;
    }
    return places[row] === 1;
  }

  /** The places at which a subject holds something; their levels are worked out when they are asked for. */
  #scopes(record: SubjectRecord): Scopes | undefined {
    const paths = this.#checker.scopes(this.#handle(record)) as string[] | undefined;
    if (paths === undefined) return undefined;
    const lengths = [...new Set(paths.map((path) => path.length))].sort((a, b) => b - a);
    const levels = new Map(paths.map((path) => [path, null]));
    return (record.scopes = { generation: this.#generation, lengths, levels });
  }

  /** Has Rust work out a table, and remembers it. */
  #work(record: SubjectRecord, scope: string, now: number): Levels | undefined {
    const end = this.#end(record);
    if (!(now < end)) return undefined;
    const worked = this.#checker.levels(this.#handle(record), scope, now) as Worked | undefined;
    if (worked === undefined) return undefined;
    let table = this.#tables[worked.table];
    if (table === undefined) {
      table = this.#tables[worked.table] = this.#checker.table(worked.table) as Uint8Array;
      this.#allowed.learn(worked.table, table, this.#can);
    }
    const row = this.#allowed.row(worked.table);
    const until = Math.min(worked.until ?? end, end);
    const levels: Levels = { table, row, generation: this.#generation, until };
    if (scope === "/") record.root = levels;
    else record.scopes?.levels.set(scope, levels);
    return levels;
  }

  /** Forgets every table that somebody holds, and none that is known by number. */
  #outdate(): void {
    this.#generation++;
    this.#allowed.expire();
  }

  /** The handle of a subject, opened again where it had to be closed; that of nobody where it is no more. */
  #handle(record: SubjectRecord | undefined): number {
    if (record !== undefined && record.handle === undefined) {
      const { id, session, claims } = record;
      record.handle = claims === undefined ? this.#openUser(id, session) : this.#openedPass(claims).handle;
      if (record.handle !== undefined) this.#hold(record.handle, record);
    }
    return record?.handle ?? NOBODY;
  }

  #hold(handle: number, record: SubjectRecord): void {
    if (this.#open.size >= OPEN) {
      for (const [oldest, forgotten] of this.#open) {
        this.#open.delete(oldest);
        forgotten.handle = undefined;
        this.#checker.close(oldest);
        break;
      }
    }
    this.#open.set(handle, record);
  }
}
