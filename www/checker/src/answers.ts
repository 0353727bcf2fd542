import type { Checker } from "../wasm/rolewright.js";
import { RolewrightError, asError } from "./error.js";
import type { Bytes } from "./jws.js";
import { Subject, recordOf } from "./subject.js";
import type { Levels, SubjectRecord } from "./subject.js";
import type {
  Decision,
  EffectivePermission,
  HeldRole,
  OperationDecision,
  Reason,
  RequestAttributes,
  Revision,
  SnapshotKind,
  UiState,
} from "./types.js";

/** How many subjects stay open on the Rust side; one that is closed is opened again when it asks. */
const OPEN = 10_000;
/** How many users are remembered by id. */
const USERS = 100_000;
/** How many places other than `/` are remembered for one subject: resource ids come from requests. */
const PLACES = 64;

interface Permission {
  readonly id: string;
  readonly can: number;
  readonly levels: readonly string[];
  readonly ui: readonly UiState[];
}

interface About {
  readonly kind: SnapshotKind;
  readonly tenant: string;
  readonly at: Revision;
}

interface Opened {
  readonly handle: number;
  readonly subject: string;
  readonly at: Revision;
  readonly expires: number;
}

/**
 * The synchronous side: names interned once, and look-ups in tables that Rust worked out. What holds no table, or one that
 * may no longer be right, asks Rust for one.
 */
export class Answers {
  readonly #checker: Checker;
  readonly #now: () => number;
  #about: About;
  /** Grows with whatever makes every table wrong. */
  #generation = 0;
  #positions = new Map<string, number>();
  #permissions: readonly Permission[] = [];
  #can = new Uint8Array();
  /** By number, as Rust counts them. */
  #tables: Uint8Array[] = [];
  readonly #users = new Map<string, Subject>();
  readonly #open = new Map<number, SubjectRecord>();
  #expires = Infinity;
  #disposed = false;

  constructor(checker: Checker, now: () => number) {
    this.#checker = checker;
    this.#now = now;
    this.#about = checker.about() as About;
    this.#learn();
  }

  get kind(): SnapshotKind {
    return this.#about.kind;
  }

  get tenant(): string {
    return this.#about.tenant;
  }

  /** The snapshot's own revision; a stamp may confirm it for a later one. */
  get at(): Revision {
    return this.#about.at;
  }

  /** When everything becomes no. */
  get expires(): number {
    return this.#expires;
  }

  get isDisposed(): boolean {
    return this.#disposed;
  }

  /** Whether everything is no for want of confirmation. */
  get isStale(): boolean {
    return !(this.#now() < this.#expires);
  }

  now(): number {
    return this.#now();
  }

  /** Goes on with a newer snapshot; throws and changes nothing where it is not one. */
  adopt(json: Bytes): void {
    this.#mustBeOpen();
    try {
      this.#checker.adopt(json);
    } catch (thrown) {
      throw asError(thrown, "internal");
    }
    this.#learn();
  }

  /** Good until then, says the server. */
  confirm(expires: number): void {
    // Tables carry the old end. An earlier one must reach them.
    if (expires < this.#expires) this.#generation++;
    this.#expires = expires;
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#generation++;
    this.#expires = -Infinity;
    this.#users.clear();
    this.#open.clear();
    this.#tables = [];
    this.#checker.free();
  }

  /** Opens a pass whose signature was verified. */
  openPass(claims: Bytes): { subject: Subject; at: Revision } {
    this.#mustBeOpen();
    let opened: Opened;
    try {
      opened = this.#checker.open_pass(claims, this.#now()) as Opened;
    } catch (thrown) {
      throw asError(thrown, "internal");
    }
    const record: SubjectRecord = {
      owner: this,
      id: opened.subject,
      session: undefined,
      claims,
      expires: opened.expires,
      handle: opened.handle,
      root: undefined,
      places: new Map(),
    };
    this.#hold(opened.handle, record);
    return { subject: new Subject(record), at: opened.at };
  }

  /** A user of the snapshot, in a session. */
  subject(id: string, session: Revision | undefined): Subject | undefined {
    if (typeof id !== "string" || this.#disposed) return undefined;
    const handle = this.#checker.subject(id, session?.epoch, session?.revision);
    if (handle === undefined) return undefined;
    const record: SubjectRecord = {
      owner: this,
      id,
      session,
      claims: undefined,
      expires: Infinity,
      handle,
      root: undefined,
      places: new Map(),
    };
    this.#hold(handle, record);
    return new Subject(record);
  }

  /** The one person of a subject snapshot. */
  self(): Subject | undefined {
    const id = this.#disposed ? undefined : this.#checker.holder();
    return id === undefined ? undefined : this.#user(id);
  }

  can(subject: Subject | string, permission: string, resource: string): boolean {
    const position = this.#positions.get(permission);
    if (position === undefined) return false;
    const table = this.#table(subject, resource);
    // Both tables have a place for every position.
    return table !== undefined && (table[position] as number) >= (this.#can[position] as number);
  }

  level(subject: Subject | string, permission: string, resource: string): string {
    const position = this.#positions.get(permission);
    const table = position === undefined ? undefined : this.#table(subject, resource);
    if (position === undefined || table === undefined) return "";
    return this.#permissions[position]?.levels[table[position] ?? 0] ?? "";
  }

  ui(subject: Subject | string, permission: string, resource: string): UiState {
    const position = this.#positions.get(permission);
    const table = position === undefined ? undefined : this.#table(subject, resource);
    if (position === undefined || table === undefined) return "hidden";
    return this.#permissions[position]?.ui[table[position] ?? 0] ?? "hidden";
  }

  decide(
    subject: Subject | string,
    permission: string,
    resource: string,
    asked: string | undefined,
    attributes: RequestAttributes | undefined,
    at: number | undefined,
  ): Decision {
    this.#mustBeOpen();
    const record = this.#record(subject);
    const reason = this.#refusal(record);
    if (reason !== undefined) return { allowed: false, level: "", ui: "hidden", reason };
    const [handle, said, now] = [this.#handle(record), textOf(attributes), at ?? this.#now()];
    return asking(() => this.#checker.decide(handle, permission, resource, asked, said, now)) as Decision;
  }

  check(
    subject: Subject | string,
    operation: string,
    resources: Readonly<Record<string, string>>,
    attributes: RequestAttributes | undefined,
    at: number | undefined,
  ): OperationDecision {
    this.#mustBeOpen();
    const record = this.#record(subject);
    const reason = this.#refusal(record);
    if (reason !== undefined) return { allowed: false, reason, alternatives: [] };
    // What is not text is missing.
    const named = Object.entries(resources).filter(([, path]) => typeof path === "string");
    const [handle, said, now] = [this.#handle(record), textOf(attributes), at ?? this.#now()];
    return asking(() => this.#checker.check(handle, operation, named.flat(), said, now)) as OperationDecision;
  }

  held(subject: Subject | string, resource: string): HeldRole[] {
    const handle = this.#askable(subject);
    return handle === undefined ? [] : (this.#checker.held(handle, resource, this.#now()) as HeldRole[]);
  }

  effective(subject: Subject | string, resource: string): EffectivePermission[] {
    const handle = this.#askable(subject);
    return handle === undefined ? [] : (this.#checker.effective(handle, resource, this.#now()) as EffectivePermission[]);
  }

  #mustBeOpen(): void {
    if (this.#disposed) throw new RolewrightError("disposed", "this checker was disposed of");
  }

  /** Reads what the snapshot calls things. */
  #learn(): void {
    this.#about = this.#checker.about() as About;
    this.#permissions = this.#checker.permissions() as Permission[];
    this.#positions = new Map(this.#permissions.map(({ id }, position) => [id, position]));
    this.#can = Uint8Array.from(this.#permissions, ({ can }) => can);
    this.#tables = [];
    this.#generation++;
  }

  /** Why nothing is answered for it, where that is so. */
  #refusal(record: SubjectRecord | undefined): Reason | undefined {
    const now = this.#now();
    if (!(now < this.#expires)) return "stale";
    return record !== undefined && !(now < record.expires) ? "pass_expired" : undefined;
  }

  #askable(subject: Subject | string): number | undefined {
    this.#mustBeOpen();
    const record = this.#record(subject);
    return this.#refusal(record) === undefined ? this.#handle(record) : undefined;
  }

  #record(subject: Subject | string): SubjectRecord | undefined {
    const found = typeof subject === "string" ? this.#user(subject) : subject;
    const record = recordOf(found);
    return record?.owner === this ? record : undefined;
  }

  /** A user by id, remembered. A pass is never an id: it names nobody here. */
  #user(id: string): Subject | undefined {
    const known = this.#users.get(id);
    if (known !== undefined) return known;
    const subject = this.subject(id, undefined);
    if (subject === undefined) return undefined;
    // All at once: the next look-ups bring back who is still asked for.
    if (this.#users.size >= USERS) this.#users.clear();
    this.#users.set(id, subject);
    return subject;
  }

  /** The levels of a subject at a place, or `undefined` where nothing is answered for it. */
  #table(subject: Subject | string, resource: string): Uint8Array | undefined {
    const record = recordOf(typeof subject === "string" ? this.#users.get(subject) ?? this.#user(subject) : subject);
    if (record === undefined || record.owner !== this) return undefined;
    const levels = resource === "/" ? record.root : record.places.get(resource);
    const now = this.#now();
    if (levels !== undefined && levels.generation === this.#generation && now >= levels.since && now < levels.until) {
      return levels.table;
    }
    return this.#work(record, resource, now);
  }

  /** Has Rust work out a table, and remembers it. */
  #work(record: SubjectRecord, resource: string, now: number): Uint8Array | undefined {
    const end = Math.min(this.#expires, record.expires);
    if (!(now < end) || typeof resource !== "string") return undefined;
    let number: number | undefined;
    let until: number | undefined;
    let table: Uint8Array | undefined;
    try {
      const handle = this.#handle(record);
      [number, until] = (handle === undefined ? undefined : this.#checker.levels(handle, resource, now)) ?? [];
      if (number === undefined || until === undefined) return undefined;
      table = this.#tables[number] ??= this.#checker.table(number) ?? new Uint8Array(this.#can.length);
    } catch {
      // A module that failed answers no, as does everything that cannot be worked out.
      return undefined;
    }
    const levels: Levels = { table, generation: this.#generation, since: now, until: Math.min(until, end) };
    if (resource === "/") {
      record.root = levels;
    } else {
      if (record.places.size >= PLACES) record.places.clear();
      record.places.set(resource, levels);
    }
    return table;
  }

  /** The handle of a subject, opened again where it had to be closed. */
  #handle(record: SubjectRecord | undefined): number | undefined {
    if (record === undefined || record.handle !== undefined) return record?.handle;
    const { id, session, claims } = record;
    record.handle =
      claims === undefined
        ? this.#checker.subject(id, session?.epoch, session?.revision)
        : (this.#checker.open_pass(claims, this.#now()) as Opened).handle;
    if (record.handle !== undefined) this.#hold(record.handle, record);
    return record.handle;
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

/** What crosses to Rust: JSON, which it reads as strictly as everything else. */
function textOf(attributes: RequestAttributes | undefined): string | undefined {
  try {
    return attributes === undefined ? undefined : JSON.stringify(attributes);
  } catch (thrown) {
    // A cycle, or what JSON has no word for.
    throw asError(thrown, "misuse");
  }
}

/** What Rust answers, or what it throws as an error of ours. */
function asking<T>(ask: () => T): T {
  try {
    return ask();
  } catch (thrown) {
    throw asError(thrown, "internal");
  }
}
