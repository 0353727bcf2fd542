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

  constructor(signer, document) {
    this.signer = signer;
    this.document = document;
  }

  /** The clock of both sides. */
  clock = () => this.now;

  fetch = async (address, { headers = {} } = {}) => {
    const { pathname, searchParams } = new URL(address);
    const since = searchParams.get("since");
    this.requests.push({ path: pathname, kind: searchParams.get("kind"), since, headers });
    if (typeof this.failure === "number") return new Response(null, { status: this.failure });
    if (this.failure !== undefined) throw this.failure;
    if (pathname === "/.well-known/jwks.json") return Response.json(this.signer.keys);
    // It may move on meanwhile.
    const { document } = this;
    const etag = `"${contentOf(document)}"`;
    const stamp = await this.signer.stamp(document, { now: this.now, ...this.claims });
    const answered = { etag, "rolewright-stamp": stamp };
    if (headers["if-none-match"] === etag) return new Response(null, { status: 304, headers: answered });
    const base = this.past.find((past) => `"${contentOf(past)}"` === headers["if-none-match"]);
    if (base !== undefined && since === `${base.at.epoch}.${base.at.revision}`) {
      const headers = { ...answered, "content-type": "application/vnd.rolewright.delta" };
      return new Response(await this.delta(base, document), { status: 200, headers });
    }
    return new Response(await this.body(document), { status: 200, headers: answered });
  };

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
