import type { Answers } from "./answers.js";
import { RolewrightError, asError, disposed } from "./error.js";
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
 * A moment: so long the next try waits at most after one that failed; so long a server that is slow, or a store, is waited for where
 * there is an answer without it; and within it what was answered later may have been asked earlier.
 */
const MOMENT = 1_000;
/** After new keys were looked for in vain, the next look waits so long: what names an unknown key may be forged. */
const KEYS_PAUSE = 10_000;
/** How long `atLeast` waits before it asks again, and how much longer each time. */
const AWAIT_PAUSE = 100;
/** A stamp that changes nothing is kept in the store so often. */
const KEPT = 60_000;

/** A snapshot whose signature was verified. */
interface VerifiedSnapshot {
  /** Its own bytes. */
  readonly payload: Bytes;
  /** Its SHA-256, in hex. */
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
  /** When the request began that brought the stamp. */
  #confirmed = -Infinity;
  /** The last epoch in which the server's history was found to be another than it was. */
  #rewound = -Infinity;
  /** The stamp that the store holds. */
  #kept: Stamp | undefined;
  /** How much of what may follow a snapshot has followed: 1 is all. */
  #followed = 0;
  /** How long the snapshot is. */
  #length = 0;
  /** What the store is given. */
  #signed: { readonly snapshot: Bytes; readonly deltas: Bytes[] } | undefined;
  #error: RolewrightError | undefined;
  /** When the last try began, when one began that came to an end, and when one failed. */
  #tried = -Infinity;
  #ended = -Infinity;
  #failed = -Infinity;
  #refreshing: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(options: SourceOptions) {
    this.#options = options;
  }

  /** When the server last confirmed the state, by its own clock. */
  get confirmed(): number | undefined {
    return this.#stamp?.issued;
  }

  /** Why the last try failed. */
  get error(): RolewrightError | undefined {
    return this.#error;
  }

  /** The revision that the state is confirmed for. */
  get at(): Revision | undefined {
    return this.#stamp?.at;
  }

  /** The first state. */
  async start(): Promise<Answers> {
    const { keys } = this.#options;
    if (keys !== undefined) this.#keys = await Keys.of(keys);
    await this.#restore();
    try {
      await this.#refresh();
    } catch (error) {
      if (this.#answers === undefined || this.#error?.code === "unauthorized") throw error;
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
        throw new RolewrightError("unreachable", `the ${what} is signed by a key that will be looked for again`);
      }
    }
    await known.verify(signed);
  };

  /**
   * Makes sure that the state was confirmed within `maxStale`. Where the server cannot be reached, the last state goes on
   * until its stamp expires.
   */
  async ensure(): Promise<void> {
    if (!this.#isWithin(this.#options.maxStale, this.#confirmed)) await this.catchUp();
  }

  /**
   * Asks the server now, unless it has just failed to answer, and waits as long as is said; where that is not said, no longer than a
   * moment while the state is good.
   */
  async catchUp(patience?: number): Promise<void> {
    const { maxStale, longLived, timeout } = this.#options;
    if (this.#isWithin(Math.min(maxStale, MOMENT), this.#failed)) return;
    const isUrgent = this.#answers?.isStale;
    const isSlow = this.#tried > this.#ended && this.#isWithin(timeout, this.#tried) && !this.#isWithin(patience ?? MOMENT, this.#tried);
    if (isSlow && !isUrgent) return;
    const asked = this.refresh().catch(() => undefined);
    // What a request leaves behind may end with it: there the first who find the server slow wait to the end.
    if (patience === undefined && (isUrgent || !(longLived || this.#error))) return asked;
    await within(patience ?? MOMENT, asked);
  }

  /** Whether a moment was within such a time. */
  #isWithin(time: number, moment: number): boolean {
    const since = this.#options.now() - moment;
    return since >= 0 && since < time;
  }

  /** Waits until the state is confirmed for a revision, or the time is over. */
  async atLeast(wanted: Revision, timeout: number): Promise<void> {
    const end = this.#options.now() + timeout;
    let pause = 0;
    while (!this.#closed && compare(this.#stamp?.at ?? wanted, wanted) < 0 && this.#options.now() + pause < end) {
      await new Promise((resume) => setTimeout(resume, pause));
      // However many wait, they ask no more often than one.
      if (!this.#isWithin(pause, this.#tried)) await this.catchUp(end - this.#options.now());
      pause = Math.min(pause + AWAIT_PAUSE, 4 * AWAIT_PAUSE);
    }
  }

  /** Asks the server now; one request for all who ask meanwhile, where the runtime allows that. */
  async refresh(): Promise<void> {
    if (!this.#options.longLived) return this.#refresh();
    this.#refreshing ??= this.#refresh().finally(() => (this.#refreshing = undefined));
    return this.#refreshing;
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
    try {
      await this.#ask(begun);
      this.#error = undefined;
      this.#failed = -Infinity;
    } catch (thrown) {
      const error = asError(thrown, "unreachable");
      // Another request has brought something newer meanwhile: that this one is older says nothing.
      const isOvertaken = error.code === "older" && this.#confirmed > begun;
      if (!isOvertaken) {
        this.#error = error;
        this.#failed = this.#options.now();
      }
      // Whose session has ended holds nothing any more; a key that lost its right keeps what it holds until the stamp expires.
      if (error.code === "unauthorized" && this.#options.kind === "subject") this.#answers?.confirm(this.#failed);
      this.#answers?.look();
      throw error;
    } finally {
      this.#ended = begun;
    }
  }

  async #ask(begun: number, whole = false): Promise<void> {
    const isWhole = whole || this.#followed >= 1 || this.#options.kind === "subject";
    const since = isWhole ? undefined : this.#answers && told(this.#answers.at);
    const held = this.#stamp?.content;
    const response = await this.#answer(since, held);
    const token = response.headers.get(STAMP_HEADER) ?? "";
    if (response.status === 304 && held !== undefined) {
      const stamp = await this.#verifyStamp(token, held, begun);
      this.#accept(stamp, begun);
    } else {
      if (response.status !== 200) throw await refused(response);
      const bytes = new Uint8Array(await response.arrayBuffer());
      if (since !== undefined && response.headers.get("content-type") === DELTA_TYPE) {
        try {
          await this.#follow(bytes, token, begun);
        } catch (error) {
          if (this.#closed) throw error;
          // Whatever is wrong with the delta, the whole snapshot does not hang on it.
          return this.#ask(begun, true);
        }
      } else {
        const snapshot = await this.#verified(bytes);
        const stamp = await this.#verifyStamp(token, snapshot.content, begun);
        if (this.#stamp?.content !== snapshot.content) {
          if (this.#answers === undefined) this.#answers = this.#options.make(snapshot.payload);
          else this.#answers.adopt(snapshot.payload);
        }
        this.#keep(bytes);
        this.#accept(stamp, begun);
      }
    }
    await this.#put(token);
  }

  async #answer(since: string | undefined, held: string | undefined): Promise<Response> {
    const { url, tenant, kind, bearer } = this.#options;
    const headers = {
      ...(bearer && { authorization: `Bearer ${typeof bearer === "string" ? bearer : await bearer()}` }),
      ...(held && { "if-none-match": `"${held}"` }),
    };
    const address = `${url}/api/v1/tenants/${encodeURIComponent(tenant)}/snapshot?kind=${kind}`;
    return this.#fetch(since === undefined ? address : `${address}&since=${since}`, headers);
  }

  /** Goes on by a signed delta. */
  async #follow(bytes: Bytes, token: string, begun: number): Promise<void> {
    const delta = await verifyDelta(bytes, this.verify);
    const stamp = await this.#verifyStamp(token, delta.content, begun);
    const held = this.#stamp?.content;
    // Another request may have brought the same meanwhile.
    if (held !== delta.content) {
      this.#answers?.apply(delta.payload, held ?? "");
      this.#keepDelta(bytes);
    }
    this.#accept(stamp, begun);
  }

  #keep(snapshot: Bytes): void {
    this.#followed = 0;
    this.#length = snapshot.length;
    if (this.#options.store !== undefined) this.#signed = { snapshot, deltas: [] };
  }

  #keepDelta(delta: Bytes): void {
    this.#followed += delta.length / this.#length + 1 / DELTAS;
    this.#signed?.deltas.push(delta);
  }

  #accept(stamp: Stamp, begun: number): void {
    const held = this.#stamp;
    // What was said before says no more than when it was said.
    if (held !== undefined && compare(stamp.at, held.at) === 0 && stamp.issued <= held.issued) return;
    this.#stamp = stamp;
    // What was asked is what is confirmed: the answer may be as old as the question.
    this.#confirmed = begun;
    this.#answers?.confirm(stamp.expires);
  }

  #mustNotGoBack({ at, log_head, issued, content }: Stamp, begun: number): void {
    const held = this.#stamp;
    if (held === undefined) return;
    const by = compare(at, held.at);
    const isBack = by < 0 || (by === 0 && log_head !== held.log_head);
    // A server says what it said only where something between keeps its answers. What it says later than that is its own.
    if (isBack && issued > held.issued + MOMENT) this.#rewound = Math.max(this.#rewound, at.epoch);
    if (at.epoch <= this.#rewound) {
      throw new RolewrightError("rewound", `the server's history, at revision ${told(at)}, is not what it was: restore it into a new epoch`);
    }
    const isSaid = by === 0 && issued <= held.issued;
    if (isBack || (isSaid && (content !== held.content || begun > this.#confirmed + MOMENT))) {
      throw new RolewrightError("older", `an old answer of revision ${told(at)}, where ${told(held.at)} is held: does a cache keep it?`);
    }
  }

  async #verified(bytes: Bytes): Promise<VerifiedSnapshot> {
    const payload = await verifySnapshot(bytes, this.verify);
    return { payload, content: await host.crypto.sha256(payload) };
  }

  /** A stamp that may be accepted at once, by whoever waits for nothing more. */
  async #verifyStamp(token: string, content: string, begun: number): Promise<Stamp> {
    const { tenant, kind, now } = this.#options;
    const stamp = await verifyStamp(token, { tenant, kind, content }, now(), this.verify);
    if (this.#closed) throw disposed();
    this.#mustNotGoBack(stamp, begun);
    return stamp;
  }

  async #fetch(address: string, headers?: Record<string, string>): Promise<Response> {
    const { fetch, timeout, credentials } = this.#options;
    const request: RequestInit = {
      headers: { ...headers, "cache-control": "no-cache" },
      redirect: "manual",
      signal: AbortSignal.timeout(timeout),
    };
    // Elsewhere there are neither cookies nor a cache, and not every fetch takes these.
    if (credentials !== undefined) Object.assign(request, { credentials, cache: "no-store" });
    try {
      return await fetch(address, request);
    } catch (cause) {
      throw new RolewrightError("unreachable", `${address} did not answer`, { cause });
    }
  }

  async #fetchKeys(): Promise<Keys> {
    const response = await this.#fetch(`${this.#options.url}/.well-known/jwks.json`);
    if (response.status !== 200) throw await refused(response);
    const keys = await Keys.of(await response.json());
    this.#answers?.trust(keys);
    return (this.#keys = keys);
  }

  /** Begins with what the store holds: it answers if the server does not, and nothing older is taken. */
  async #restore(): Promise<void> {
    const { store, timeout } = this.#options;
    let answers: Answers | undefined;
    try {
      const stored = await within(timeout, store?.get());
      if (stored === undefined) return;
      const bytes = new Uint8Array(stored.snapshot);
      const { payload, content: first } = await this.#verified(bytes);
      let content = first;
      answers = this.#options.make(payload);
      this.#keep(bytes);
      for (const delta of (stored.deltas ?? []).map((delta) => new Uint8Array(delta))) {
        const next = await verifyDelta(delta, this.verify);
        answers.apply(next.payload, content);
        ({ content } = next);
        this.#keepDelta(delta);
      }
      const stamp = await this.#verifyStamp(stored.stamp, content, -Infinity);
      this.#answers = answers;
      this.#accept((this.#kept = stamp), -Infinity);
    } catch (error) {
      answers?.dispose();
      this.#error = asError(error, "internal");
    }
  }

  async #put(token: string): Promise<void> {
    const [stamp, kept] = [this.#stamp, this.#kept];
    if (this.#signed === undefined || stamp === undefined) return;
    if (kept !== undefined && compare(stamp.at, kept.at) === 0 && stamp.issued < kept.issued + KEPT) return;
    this.#kept = stamp;
    try {
      await within(MOMENT, this.#options.store?.put({ ...this.#signed, deltas: [...this.#signed.deltas], stamp: token }));
    } catch {
      // It costs a restart its head start, nothing now.
    }
  }
}

/** What is waited for, or `undefined` where it takes longer. */
async function within<T>(time: number, what: T): Promise<Awaited<T> | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resume) => {
    timer = setTimeout(() => resume(undefined), time);
  });
  try {
    return await Promise.race([what, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What a refusal of the server is to us. */
async function refused(response: Response): Promise<RolewrightError> {
  const { status } = response;
  const { detail = "and not a snapshot" } = (await response.json().catch(() => ({}))) as { detail?: string };
  const code = status === 401 || status === 403 ? "unauthorized" : "unreachable";
  return new RolewrightError(code, `the server answered ${status}: ${detail}`, { status });
}

