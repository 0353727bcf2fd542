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
/** So many deltas follow a snapshot at most; then it is fetched anew, for what deltas cannot tidy must not pile up. */
const DELTAS = 100;
/** After a failed try the next one waits so long at most. */
const LONGEST_PAUSE = 1_000;
/** New keys are looked for so often at most: what names an unknown key may be forged. */
const KEYS_PAUSE = 10_000;
/** How often `atLeast` asks. */
const AWAIT_PAUSE = 100;

/** A snapshot whose signature was verified. */
interface VerifiedSnapshot {
  /** Its own bytes. */
  readonly payload: Bytes;
  /** Its SHA-256, in hex. */
  readonly content: string;
}

/** Where the state comes from, settled. */
export interface SourceOptions {
  readonly url: string;
  readonly tenant: string;
  readonly kind: SnapshotKind;
  readonly bearer: string | undefined;
  readonly credentials: RequestCredentials | undefined;
  readonly noStore: boolean;
  readonly keys: JsonWebKeySet | undefined;
  readonly maxStale: number;
  readonly timeout: number;
  readonly fetch: typeof fetch;
  readonly store: Store | undefined;
  readonly now: () => number;
  /** Whether one request may wait for what another began. */
  readonly longLived: boolean;
}

/** Brings the state from a server, verifies it, and knows how current it is. */
export class Source {
  readonly #options: SourceOptions;
  #answers: Answers | undefined;
  #keys: Keys | undefined;
  #keysTried = -Infinity;
  #stamp: Stamp | undefined;
  /** How many deltas were followed since the whole came. */
  #followed = 0;
  /** What the store is given. */
  #signed: { readonly snapshot: Bytes; readonly deltas: readonly Bytes[] } | undefined;
  #confirmed: number | undefined;
  #error: RolewrightError | undefined;
  #failed = -Infinity;
  #refreshing: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(options: SourceOptions) {
    this.#options = options;
  }

  /** When the server last confirmed the state. */
  get confirmed(): number | undefined {
    return this.#confirmed;
  }

  /** Why the last try failed. */
  get error(): RolewrightError | undefined {
    return this.#error;
  }

  /** The revision that the state is confirmed for. */
  get at(): Revision | undefined {
    return this.#stamp?.at;
  }

  /** The first state. `make` makes the synchronous side of a verified snapshot. */
  async start(make: (payload: Bytes) => Answers): Promise<Answers> {
    const { keys, store } = this.#options;
    if (keys !== undefined) this.#keys = await Keys.of(keys);
    await this.#restore(make);
    try {
      await this.#refresh(make);
    } catch (error) {
      const refused = asError(error, "unreachable").code === "unauthorized";
      if (this.#answers === undefined || refused || store === undefined) throw error;
    }
    return this.#answers as unknown as Answers;
  }

  /** Verifies a signature, looking for new keys where the one that is named is not known. */
  verify = async (signed: Signed): Promise<void> => {
    const verify = (keys: Keys) => keys.verify(signed.what, signed.kid, signed.signature, signed.signed);
    const held = this.#keys ?? (await this.#fetchKeys());
    try {
      await verify(held);
    } catch (error) {
      const unknown = error instanceof RolewrightError && error.code === "unknown_key";
      const pinned = this.#options.keys !== undefined;
      if (!unknown || pinned || this.#options.now() < this.#keysTried + KEYS_PAUSE) throw error;
      await verify(await this.#fetchKeys());
    }
  };

  /**
   * Makes sure that the state was confirmed within `maxStale`. Where the server cannot be reached, the last state goes on
   * until its stamp expires.
   */
  async ensure(): Promise<void> {
    const now = this.#options.now();
    const isFresh = this.#confirmed !== undefined && now < this.#confirmed + this.#options.maxStale && now >= this.#confirmed;
    if (!isFresh) await this.#attempt();
  }

  /** Asks the server now, unless it has just failed to answer. */
  async #attempt(): Promise<void> {
    const pause = Math.min(this.#options.maxStale, LONGEST_PAUSE);
    const now = this.#options.now();
    if (now >= this.#failed && now < this.#failed + pause) return;
    await this.refresh().catch(() => undefined);
  }

  /** Waits until the state is confirmed for a revision. */
  async atLeast(wanted: Revision, timeout: number): Promise<void> {
    const end = this.#options.now() + timeout;
    while (this.#stamp === undefined || compare(this.#stamp.at, wanted) < 0) {
      await this.#attempt();
      if (this.#stamp !== undefined && compare(this.#stamp.at, wanted) >= 0) return;
      if (this.#closed) throw disposed();
      if (this.#options.now() + AWAIT_PAUSE > end) {
        throw new RolewrightError("timeout", `revision ${told(wanted)} did not come in time`, {
          cause: this.#error,
        });
      }
      await new Promise((resume) => setTimeout(resume, AWAIT_PAUSE));
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
  }

  async #refresh(make?: (payload: Bytes) => Answers): Promise<void> {
    const begun = this.#options.now();
    try {
      await this.#ask(begun, make);
      this.#error = undefined;
      this.#failed = -Infinity;
    } catch (thrown) {
      const error = asError(thrown, "unreachable");
      // Another request has brought something newer meanwhile: that this one is older says nothing.
      const overtaken = error.code === "older" && this.#confirmed !== undefined && this.#confirmed > begun;
      if (!overtaken) {
        this.#error = error;
        this.#failed = this.#options.now();
      }
      // Whose session has ended holds nothing any more; a key that lost its right keeps what it holds until the stamp expires.
      if (error.code === "unauthorized" && this.#options.kind === "subject") this.#answers?.confirm(-Infinity);
      throw error;
    }
  }

  async #ask(begun: number, make?: (payload: Bytes) => Answers, whole = false): Promise<void> {
    const since = whole ? undefined : this.#since();
    const held = this.#stamp?.content;
    const response = await this.#answer(since, held);
    const token = response.headers.get(STAMP_HEADER) ?? "";
    if (response.status === 304 && held !== undefined) {
      const stamp = await this.#verifyStamp(token, held);
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
          return this.#ask(begun, make, true);
        }
      } else {
        const snapshot = await this.#verified(bytes);
        const stamp = await this.#verifyStamp(token, snapshot.content);
        this.#take(bytes, snapshot, stamp, begun, make);
      }
    }
    await this.#put(token);
  }

  #answer(since: string | undefined, held: string | undefined): Promise<Response> {
    const { url, tenant, kind, bearer } = this.#options;
    const headers: Record<string, string> = {};
    if (bearer !== undefined) headers["authorization"] = `Bearer ${bearer}`;
    if (held !== undefined) headers["if-none-match"] = `"${held}"`;
    const address = `${url}/api/v1/tenants/${encodeURIComponent(tenant)}/snapshot?kind=${kind}`;
    return this.#fetch(since === undefined ? address : `${address}&since=${since}`, headers);
  }

  /** The revision that a delta may lead on from, if one is wanted. */
  #since(): string | undefined {
    const { kind } = this.#options;
    if (this.#answers === undefined || this.#stamp === undefined || kind === "subject") return undefined;
    if (this.#followed >= DELTAS) return undefined;
    if (this.#signed !== undefined) {
      const { snapshot, deltas } = this.#signed;
      if (deltas.reduce((sum, delta) => sum + delta.length, 0) > snapshot.length) return undefined;
    }
    return told(this.#answers.at);
  }

  /** Goes on by a signed delta. */
  async #follow(bytes: Bytes, token: string, begun: number): Promise<void> {
    const delta = await verifyDelta(bytes, this.verify);
    const stamp = await this.#verifyStamp(token, delta.content);
    this.#mustBeOpen();
    this.#mustNotGoBack(stamp);
    const held = this.#stamp?.content;
    // Another request may have brought the same meanwhile.
    if (held !== delta.content) {
      this.#answers?.apply(delta.payload, held ?? "");
      this.#followed++;
      if (this.#signed !== undefined) this.#signed = { ...this.#signed, deltas: [...this.#signed.deltas, bytes] };
    }
    this.#accept(stamp, begun);
  }

  /** Goes on with a verified snapshot and its stamp. */
  #take(bytes: Bytes, snapshot: VerifiedSnapshot, stamp: Stamp, begun: number, make?: (payload: Bytes) => Answers): void {
    this.#mustBeOpen();
    this.#mustNotGoBack(stamp);
    if (this.#stamp?.content !== snapshot.content) {
      if (this.#answers !== undefined) this.#answers.adopt(snapshot.payload);
      else this.#answers = this.#made(snapshot.payload, make);
    }
    this.#keep(bytes, []);
    this.#accept(stamp, begun);
  }

  #mustBeOpen(): void {
    if (this.#closed) throw disposed();
  }

  #keep(snapshot: Bytes, deltas: readonly Bytes[]): void {
    this.#followed = deltas.length;
    if (this.#options.store !== undefined) this.#signed = { snapshot, deltas };
  }

  /** The first synchronous side, if it is what was asked for. */
  #made(payload: Bytes, make?: (payload: Bytes) => Answers): Answers {
    const answers = make?.(payload);
    if (answers === undefined) throw new RolewrightError("internal", "there is no state");
    const { tenant, kind } = this.#options;
    if (answers.tenant === tenant && answers.kind === kind) return answers;
    const { tenant: otherTenant, kind: otherKind } = answers;
    answers.dispose();
    throw otherTenant === tenant
      ? new RolewrightError("wrong_kind", `the snapshot is a ${otherKind} one, not a ${kind} one`)
      : new RolewrightError("wrong_tenant", `the snapshot is of tenant \`${otherTenant}\`, not \`${tenant}\``);
  }

  #accept(stamp: Stamp, begun: number): void {
    this.#mustNotGoBack(stamp);
    const isReplay = this.#stamp !== undefined && stamp.issued < this.#stamp.issued;
    if (!isReplay || this.#stamp?.content !== stamp.content) this.#stamp = stamp;
    // What was asked first is what is confirmed: the answer may be as old as the question.
    this.#confirmed = Math.max(begun, this.#confirmed ?? begun);
    this.#answers?.confirm(this.#stamp?.expires ?? stamp.expires);
  }

  #mustNotGoBack(stamp: Stamp): void {
    const held = this.#stamp?.at;
    if (held !== undefined && compare(stamp.at, held) < 0) {
      throw new RolewrightError("older", `the server answered revision ${told(stamp.at)}, which is older than ${told(held)}`);
    }
  }

  async #verified(bytes: Bytes): Promise<VerifiedSnapshot> {
    const payload = await verifySnapshot(bytes, this.verify);
    return { payload, content: await host.crypto.sha256(payload) };
  }

  #verifyStamp(token: string, content: string): Promise<Stamp> {
    const { tenant, kind, now } = this.#options;
    return verifyStamp(token, { tenant, kind, content }, now(), this.verify);
  }

  async #fetch(address: string, headers: Record<string, string>): Promise<Response> {
    const { fetch, timeout, credentials, noStore } = this.#options;
    const request: RequestInit = { headers, redirect: "manual", signal: AbortSignal.timeout(timeout) };
    if (credentials !== undefined) request.credentials = credentials;
    if (noStore) request.cache = "no-store";
    try {
      return await fetch(address, request);
    } catch (cause) {
      throw new RolewrightError("unreachable", `${address} did not answer`, { cause });
    }
  }

  async #fetchKeys(): Promise<Keys> {
    this.#keysTried = this.#options.now();
    const response = await this.#fetch(`${this.#options.url}/.well-known/jwks.json`, {});
    if (response.status !== 200) throw await refused(response);
    let set: JsonWebKeySet;
    try {
      set = (await response.json()) as JsonWebKeySet;
    } catch (cause) {
      throw new RolewrightError("malformed", "the key set is not JSON", { cause });
    }
    return (this.#keys = await Keys.of(set));
  }

  /** Begins with what the store holds: it answers if the server does not, and nothing older is taken. */
  async #restore(make: (payload: Bytes) => Answers): Promise<void> {
    const { store, now } = this.#options;
    if (store === undefined) return;
    try {
      const stored = await store.get();
      if (stored === undefined) return;
      const bytes = new Uint8Array(stored.snapshot);
      const deltas = (stored.deltas ?? []).map((delta) => new Uint8Array(delta));
      const snapshot = await this.#verified(bytes);
      const verified = await Promise.all(deltas.map((delta) => verifyDelta(delta, this.verify)));
      const stamp = await this.#verifyStamp(stored.stamp, verified.at(-1)?.content ?? snapshot.content);
      this.#mustBeOpen();
      const answers = this.#made(snapshot.payload, make);
      try {
        let { content } = snapshot;
        for (const delta of verified) {
          answers.apply(delta.payload, content);
          ({ content } = delta);
        }
      } catch (error) {
        answers.dispose();
        throw error;
      }
      this.#answers = answers;
      this.#keep(bytes, deltas);
      this.#accept(stamp, Math.min(stamp.issued, now()));
    } catch (error) {
      this.#error = asError(error, "internal");
    }
  }

  async #put(stamp: string): Promise<void> {
    if (this.#signed === undefined) return;
    // A store that fails costs a restart its head start, nothing now.
    await this.#options.store?.put({ ...this.#signed, stamp }).catch(() => undefined);
  }
}

/** What a refusal of the server is to us. */
async function refused(response: Response): Promise<RolewrightError> {
  await response.body?.cancel();
  const { status } = response;
  const code = status === 401 || status === 403 ? "unauthorized" : "unreachable";
  return new RolewrightError(code, `the server answered ${status} instead of a snapshot`, { status });
}

