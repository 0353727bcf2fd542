import type { Answers } from "./answers.js";
import { RolewrightError, asError, disposed } from "./error.js";
import type { ErrorCode } from "./error.js";
import { host } from "./host.js";
import { Keys } from "./jws.js";
import type { Bytes, Signed } from "./jws.js";
import { compare, told, verifyDelta, verifySnapshot, verifyStamp } from "./signed.js";
import type { Stamp } from "./signed.js";
import type { Store } from "./store.js";
import type { JsonWebKeySet, Revision, SnapshotKind } from "./types.js";

const STAMP_HEADER = "rolewright-stamp";
const DELTA_TYPE = "application/vnd.rolewright.delta";
/**
 * So many deltas follow a snapshot at most, and fewer the longer they are: what deltas cannot tidy must not pile up. Then it is
 * fetched anew.
 */
const DELTAS = 100;
/**
 * A moment: so long the next try waits at most after one that failed, and so long a server that is slow, or a store, is waited for where
 * there is an answer without it.
 */
const MOMENT = 1_000;
/** After new keys were looked for in vain, the next look waits so long: what names an unknown key may be forged. */
const KEYS_PAUSE = 10_000;
/** How long `atLeast` waits before it asks again, and how much longer each time. */
const AWAIT_PAUSE = 100;
/** A stamp that changes nothing is kept in the store so often. */
const KEPT = 60_000;

/** What was verified of an answer. */
interface News {
  /** The snapshot's own bytes, or a delta's; none where nothing is new. */
  readonly payload?: Bytes;
  /** The SHA-256 of the snapshot that is held by it, in hex. */
  readonly content: string;
}

/** An API key, a pass, or what answers the newest pass. */
export type Bearer = string | (() => string | Promise<string>);

/** Where the state comes from, settled. */
export interface SourceOptions {
  readonly url: string;
  readonly tenant: string;
  readonly kind: SnapshotKind;
  readonly bearer: Bearer | undefined;
  readonly credentials: RequestCredentials | undefined;
  readonly keys?: JsonWebKeySet | undefined;
  readonly maxStale: number;
  readonly timeout: number;
  readonly fetch: typeof fetch;
  readonly store?: Store | undefined;
  /** Makes the synchronous side of a verified snapshot, if it is what was asked for. */
  readonly make: (payload: Bytes) => Answers;
  readonly now: () => number;
  /** Whether one request may wait for what another began. */
  readonly longLived: boolean;
}

/** Brings the state from a server, verifies it, and knows how current it is. */
export class Source {
  readonly #options: SourceOptions;
  #answers: Answers | undefined;
  #keys: Keys | undefined;
  /** When keys were last looked for in vain, and which was missing. */
  #keysMissed = -Infinity;
  #missed: string | undefined;
  #stamp: Stamp | undefined;
  /** When the request began that brought the stamp, and which one it was of all. */
  #confirmed = -Infinity;
  #turn = 0;
  #turns = 0;
  /** The stamp that the store holds. */
  #kept: Stamp | undefined;
  /** How much of what may follow a snapshot has followed: 1 is all. */
  #followed = 0;
  /** How long the snapshot is. */
  #length = 0;
  /** What the store is given. */
  #signed: { readonly snapshot: Bytes; readonly deltas: Bytes[] } | undefined;
  #error: RolewrightError | undefined;
  /** Why the store was not gone by, or does not hold the state. */
  #unkept: RolewrightError | undefined;
  /** When the last try began, when the first of those began that wait for an answer, and when one failed. */
  #tried = -Infinity;
  #silent = -Infinity;
  #failed = -Infinity;
  #refreshing: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(options: SourceOptions) {
    this.#options = options;
  }

  /** Why the last try failed, or what failed of the store. */
  get error(): RolewrightError | undefined {
    return this.#error ?? this.#unkept;
  }

  /** By what the server last confirmed the state. */
  get stamp(): Stamp | undefined {
    return this.#stamp;
  }

  /** The first state. */
  async start(): Promise<Answers> {
    const { keys } = this.#options;
    this.#keys = keys && (await Keys.of(keys));
    await this.#restore();
    try {
      await this.#refresh();
    } catch (error) {
      if (this.#answers?.isStale !== false || this.#error?.code === "unauthorized") {
        const why = this.#answers?.isStale ? "what the store holds is good no more" : this.#unkept?.message;
        if (why) (error as Error).message += `; ${why}`;
        throw error;
      }
    }
    return this.#answers as unknown as Answers;
  }

  /**
   * Verifies a signature, looking for new keys where the one that is named is not known.
   *
   * @throws RolewrightError `unknown_key` where it is in no newer set either; `unreachable` where that cannot be told now
   */
  verify = async (signed: Signed): Promise<void> => {
    const { what, kid } = signed;
    const { keys, now } = this.#options;
    let known = this.#keys;
    if (known === undefined || (keys === undefined && !known.has(kid))) {
      if (known === undefined || !this.#isWithin(KEYS_PAUSE, this.#keysMissed)) {
        // Whoever comes meanwhile with a key that is not known does not look, too.
        this.#keysMissed = now();
        known = await this.#fetchKeys();
        if (known.has(kid)) this.#keysMissed = -Infinity;
        this.#missed = kid;
      } else if (kid !== this.#missed) {
        throw new RolewrightError("unreachable", `the key of the ${what} will be looked for again`);
      }
    }
    await known.verify(signed);
  };

  /**
   * Makes sure that the state was confirmed within `maxStale`. Where the server cannot be reached, the last state goes on
   * until its stamp expires.
   */
  async ensure(): Promise<void> {
    if (this.#answers?.isStale || !this.#isWithin(this.#options.maxStale, this.#confirmed)) await this.catchUp();
  }

  /**
   * Asks the server now, unless it has just failed to answer, and waits as long as is said; where that is not said, no longer than a
   * moment while the state is good.
   */
  async catchUp(patience?: number): Promise<void> {
    const { maxStale, timeout } = this.#options;
    if (this.#isWithin(Math.min(maxStale, MOMENT), this.#failed)) return;
    const isUrgent = this.#answers?.isStale;
    const time = patience ?? (isUrgent ? timeout : MOMENT);
    // Who finds the server slow that long asks no more: what another waits for comes, or is given up.
    if (this.#isWithin(timeout, this.#silent) && !this.#isWithin(time, this.#silent)) return;
    await within(time, this.refresh().catch(() => undefined));
  }

  /** Whether a moment was within such a time. */
  #isWithin(time: number, moment: number): boolean {
    const since = this.#options.now() - moment;
    return since >= 0 && since < time;
  }

  /** Waits until the state is confirmed for a revision, or the time is over. */
  async atLeast(wanted: Revision, timeout: number): Promise<void> {
    const end = performance.now() + timeout;
    let left = 1;
    for (let pause = 0; left > 0 && !this.#closed && compare(this.#stamp?.at ?? wanted, wanted) < 0; pause = Math.min(pause + AWAIT_PAUSE, 4 * AWAIT_PAUSE)) {
      // When the time is over it is looked once more.
      left = end - performance.now() - pause;
      pause += Math.min(left, 0);
      const begun = this.#options.now();
      await new Promise((resume) => setTimeout(resume, pause));
      // However many wait, they ask no more often than one. A pause is not measured for that: timers are a little early at times.
      if (this.#tried <= begun) await this.catchUp(Math.max(left, AWAIT_PAUSE));
    }
  }

  /** Asks the server now; one request for all who ask meanwhile, where the runtime allows that. */
  async refresh(): Promise<void> {
    return this.#options.longLived ? (this.#refreshing ??= this.#refresh().finally(() => (this.#refreshing = undefined))) : this.#refresh();
  }

  /** Goes on asking while the host runs. A live stream may take this place later. */
  poll(): void {
    if (!this.#options.longLived || this.#closed) return;
    this.#timer = setTimeout(
      () => {
        this.ensure().finally(() => this.poll());
      },
      Math.max(this.#options.maxStale, 100),
    );
    (this.#timer as { unref?: () => void }).unref?.();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#answers?.dispose();
  }

  async #refresh(): Promise<void> {
    const begun = (this.#tried = this.#options.now());
    const held = this.#stamp;
    // Where a request has ended with its try, nothing ever comes of that: then another begins to wait.
    if (!this.#isWithin(this.#options.timeout, this.#silent)) this.#silent = begun;
    try {
      await this.#ask(begun);
      this.#error = undefined;
      this.#failed = -Infinity;
    } catch (thrown) {
      const error = asError(thrown, "unreachable");
      // Another request has brought something newer meanwhile: that this one is older says nothing.
      const isOvertaken = error.code === "older" && this.#stamp !== held;
      if (!isOvertaken) {
        this.#error = error;
        this.#failed = this.#options.now();
      }
      // Whose session has ended holds nothing any more; a key that lost its right keeps what it holds until the stamp expires.
      if (error.code === "unauthorized" && this.#options.kind === "subject") this.#answers?.confirm(this.#failed);
      this.#answers?.look();
      throw error;
    } finally {
      this.#silent = -Infinity;
    }
  }

  async #ask(begun: number, whole = false): Promise<void> {
    const isWhole = whole || this.#followed >= 1 || this.#options.kind === "subject";
    const since = !isWhole && this.#answers && told(this.#answers.of.at);
    const asked = this.#stamp;
    const turn = ++this.#turns;
    // What is answered to it was signed after it was asked.
    const nonce = crypto.randomUUID();
    const response = await this.#answer(since, asked, nonce);
    const token = response.headers.get(STAMP_HEADER) ?? "";
    const same = response.status === 304 ? asked : undefined;
    if (!same && response.status !== 200) throw await refused(response);
    const isDelta = since && response.headers.get("content-type") === DELTA_TYPE;
    try {
      const bytes = new Uint8Array(await response.arrayBuffer());
      const { content, payload }: News = same ?? (await (isDelta ? verifyDelta(bytes, this.verify) : this.#verified(bytes)));
      const stamp = await this.#verifyStamp(token, content, begun, turn, asked);
      if (stamp.nonce !== nonce) throw older(stamp);
      const held = this.#stamp?.content;
      // Another request may have brought the same meanwhile.
      if (payload && held !== content) {
        if (isDelta) {
          this.#answers?.apply(payload, held ?? "");
          this.#keepDelta(bytes);
        } else {
          if (this.#answers) this.#answers.adopt(payload);
          else this.#answers = this.#options.make(payload);
          this.#keep(bytes);
        }
      }
      this.#accept(stamp, begun, turn);
    } catch (error) {
      if (!isDelta || this.#closed) throw error;
      // Whatever is wrong with the delta, the whole snapshot does not hang on it.
      return this.#ask(begun, true);
    }
    await this.#put(token);
  }

  async #answer(since: string | false | undefined, held: Stamp | undefined, nonce: string): Promise<Response> {
    const { url, tenant, kind, bearer, timeout } = this.#options;
    const token = typeof bearer === "function" ? await within(timeout, bearer()) : bearer;
    if (bearer && token === undefined) throw new RolewrightError("unreachable", "`pass` did not answer");
    const headers = {
      ...(bearer && { authorization: `Bearer ${token}` }),
      ...(held && { "if-none-match": `"${held.content}"` }),
    };
    let address = `${url}/api/v1/tenants/${encodeURIComponent(tenant)}/snapshot?kind=${kind}&nonce=${nonce}`;
    if (since) address += `&since=${since}`;
    // The server tells whether its history leads on from there.
    if (held) address += `&log_head=${told(held.at)}.${held.log_head}`;
    return this.#fetch(address, headers);
  }

  #keep(snapshot: Bytes): void {
    this.#followed = 0;
    this.#length = snapshot.length;
    this.#signed = this.#options.store && { snapshot, deltas: [] };
  }

  #keepDelta(delta: Bytes): void {
    this.#followed += delta.length / this.#length + 1 / DELTAS;
    this.#signed?.deltas.push(delta);
  }

  #accept(stamp: Stamp, begun: number, turn: number): void {
    this.#stamp = stamp;
    this.#turn = turn;
    // What was asked is what is confirmed: the answer may be as old as the question.
    this.#confirmed = begun;
    this.#answers?.confirm(stamp.expires);
  }

  async #verified(bytes: Bytes): Promise<Required<News>> {
    const payload = await verifySnapshot(bytes, this.verify);
    return { payload, content: await host.crypto.sha256(payload) };
  }

  /**
   * A stamp that may be accepted at once, by whoever waits for nothing more. `asked` is what was held when the server was asked, in
   * that turn: its answer leads on from that.
   */
  async #verifyStamp(token: string, content: string, begun: number, turn: number, asked?: Stamp): Promise<Stamp> {
    const { tenant, kind, now } = this.#options;
    const stamp = await verifyStamp(token, { tenant, kind, content }, now(), this.verify, begun);
    if (this.#closed) throw disposed();
    const held = this.#stamp;
    if (held === undefined) return stamp;
    const by = compare(stamp.at, held.at);
    // Whether it leads on from what another request has brought meanwhile is not known.
    // Nor does what was asked before say more than what was asked later.
    if (by > 0 ? asked && compare(asked.at, held.at) : by < 0 || stamp.log_head !== held.log_head || turn < this.#turn) throw older(stamp);
    return stamp;
  }

  async #fetch(address: string, headers?: Record<string, string>): Promise<Response> {
    const { fetch, timeout, credentials } = this.#options;
    try {
      return await fetch(address, {
        headers: { ...headers, "cache-control": "no-cache" },
        redirect: "manual",
        signal: AbortSignal.timeout(timeout),
        // Elsewhere there are neither cookies nor a cache, and not every fetch takes these.
        ...(credentials && { credentials, cache: "no-store" }),
      });
    } catch (cause) {
      throw new RolewrightError("unreachable", `${/[^?]*/.exec(address)} did not answer`, { cause });
    }
  }

  async #fetchKeys(): Promise<Keys> {
    const response = await this.#fetch(`${this.#options.url}/.well-known/jwks.json`);
    if (response.status !== 200) throw await refused(response);
    const keys = await Keys.of(await response.json());
    this.#answers?.trust(keys);
    return (this.#keys = keys);
  }

  /** Begins with what the store holds: it answers if the server does not, while its stamp is good, and nothing older is taken ever. */
  async #restore(): Promise<void> {
    const { store, timeout } = this.#options;
    let answers: Answers | undefined;
    try {
      const stored = await within(timeout, store?.get());
      if (!stored) return;
      const bytes = new Uint8Array(stored.snapshot);
      const { payload, content: first } = await this.#verified(bytes);
      let content = first;
      answers = this.#options.make(payload);
      this.#keep(bytes);
      for (const kept of stored.deltas ?? []) {
        const delta = new Uint8Array(kept);
        const next = await verifyDelta(delta, this.verify);
        answers.apply(next.payload, content);
        ({ content } = next);
        this.#keepDelta(delta);
      }
      const stamp = await this.#verifyStamp(stored.stamp, content, -Infinity, 0);
      this.#answers = answers;
      this.#accept((this.#kept = stamp), -Infinity, 0);
    } catch (error) {
      answers?.dispose();
      this.#unkept = unkept(error);
    }
  }

  async #put(token: string): Promise<void> {
    const stamp = this.#stamp;
    const kept = this.#kept;
    if (!this.#signed || !stamp || (kept && compare(stamp.at, kept.at) === 0 && stamp.issued < kept.issued + KEPT)) return;
    this.#kept = stamp;
    try {
      await within(MOMENT, this.#options.store?.put({ ...this.#signed, deltas: [...this.#signed.deltas], stamp: token }));
      // Why it could not be gone by is to be seen for a while.
      if (kept) this.#unkept = undefined;
    } catch (error) {
      // It costs a restart what it would have known, nothing now.
      this.#unkept = unkept(error);
    }
  }
}

/** What is waited for, or `undefined` where it takes longer. */
async function within<T>(time: number, what: T): Promise<Awaited<T> | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resume) => {
    timer = setTimeout(resume, time);
  });
  try {
    return (await Promise.race([what, late])) as Awaited<T> | undefined;
  } finally {
    clearTimeout(timer);
  }
}

function older({ at }: Stamp): RolewrightError {
  return new RolewrightError("older", `an old answer, of revision ${told(at)}: does a cache keep it?`);
}

function unkept(thrown: unknown): RolewrightError {
  const error = asError(thrown, "internal");
  error.message = `the store failed: ${error.message}`;
  return error;
}

/** What a refusal of the server is to us, by its status. */
const CODES: Readonly<Record<number, ErrorCode>> = { 401: "unauthorized", 403: "unauthorized", 409: "rewound", 422: "misuse" };

/** A refusal of the server as it is told here. */
async function refused(response: Response): Promise<RolewrightError> {
  const { status } = response;
  const { detail = "no snapshot, or a redirect" } = (await response.json().catch(() => ({}))) as { detail?: string };
  return new RolewrightError(CODES[status] ?? "unreachable", `the server answered ${status}: ${detail}`, { status });
}

