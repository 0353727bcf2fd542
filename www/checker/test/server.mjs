// A server that answers what the test says, by way of a fake `fetch`.
import { NOW, contentOf } from "./fixtures.mjs";

/** Holds one snapshot of a tenant, and can be out of reach. */
export class FakeServer {
  now = NOW;
  requests = [];
  /** What goes wrong: an error to throw, or a status to answer. */
  failure = undefined;
  /** The documents that it still knows: it leads on from these by a delta. */
  past = [];
  /** What the stamp says instead. */
  claims = {};
  /** Whether it is what stands between, which does not understand what it is asked. */
  isCache = false;
  /** Of the last question that came to it. */
  #nonce;
  /** Heads of its log by `EPOCH.REVISION`, where it still has them. */
  log = {};

  constructor(signer, document) {
    this.signer = signer;
    this.document = document;
  }

  /** The clock of both sides. */
  clock = () => this.now;

  fetch = async (address, { headers = {} } = {}) => {
    const { pathname, searchParams } = new URL(address);
    const since = searchParams.get("since");
    if (!this.isCache) this.#nonce = searchParams.get("nonce") ?? undefined;
    this.requests.push({ path: pathname, kind: searchParams.get("kind"), since, headers });
    if (typeof this.failure === "number") return new Response(null, { status: this.failure });
    if (this.failure !== undefined) throw this.failure;
    if (pathname === "/.well-known/jwks.json") return Response.json(this.signer.keys);
    // It may move on meanwhile.
    const { document } = this;
    if (!this.#leadsOn(searchParams.get("log_head"))) {
      return Response.json({ detail: "the history here is not the one: restore it into a new epoch" }, { status: 409 });
    }
    const etag = `"${contentOf(document)}"`;
    const stamp = await this.signer.stamp(document, { now: this.now, nonce: this.#nonce, ...this.claims });
    const answered = { etag, "rolewright-stamp": stamp };
    if (headers["if-none-match"] === etag) return new Response(null, { status: 304, headers: answered });
    const base = this.past.find((past) => `"${contentOf(past)}"` === headers["if-none-match"]);
    if (base !== undefined && since === `${base.at.epoch}.${base.at.revision}`) {
      const headers = { ...answered, "content-type": "application/vnd.rolewright.delta" };
      return new Response(await this.delta(base, document), { status: 200, headers });
    }
    return new Response(await this.body(document), { status: 200, headers: answered });
  };

  /** Whether its history leads on from the head that a checker knows. */
  #leadsOn(known) {
    if (known === null || this.isCache) return true;
    const { epoch, revision } = this.claims.at ?? this.document.at;
    const [inEpoch, inRevision, hash] = known.split(".");
    if (Number(inEpoch) < epoch) return true;
    if (Number(inEpoch) > epoch || Number(inRevision) > revision) return false;
    const head = Number(inRevision) === revision ? (this.claims.log_head ?? "0".repeat(64)) : this.log[`${inEpoch}.${inRevision}`];
    return head === undefined || head === hash;
  }

  /** What it says next; it goes on knowing what it said. */
  move(document) {
    this.past.push(this.document);
    this.document = document;
  }

  delta(base, document) {
    return this.signer.delta(base, document);
  }

  body(document) {
    return this.signer.snapshot(document);
  }

  /** How often the snapshot was asked for. */
  get asked() {
    return this.requests.filter(({ path }) => path.endsWith("/snapshot")).length;
  }

  /** What `connect` is given. */
  options(more = {}) {
    const { fetch, clock, document } = this;
    return {
      url: "https://access.test/",
      tenant: document.tenant,
      key: "rw_key",
      kind: document.kind,
      fetch,
      now: clock,
      ...more,
    };
  }
}
