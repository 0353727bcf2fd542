import type { Verifier } from "./crypto.js";
import { RolewrightError } from "./error.js";
import { host } from "./host.js";
import type { JsonWebKeySet } from "./types.js";

/** Bytes that every host's cryptography takes. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** Longer than any header and signature of ours. */
const LONGEST_LINE = 4096;
const LINE_FEED = 10;

const encoder = new TextEncoder();

/** The bytes of base64url without padding, or `undefined`. */
function decode(text: string): Bytes | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return undefined;
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));
}

/** What JSON text says, an object where it is one of ours; `undefined` where it is none. */
export function parseJson(bytes: Uint8Array | undefined): Record<string, unknown> | null | undefined {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

/** Public keys by id. */
export class Keys {
  readonly #keys: ReadonlyMap<string, Verifier>;

  private constructor(keys: ReadonlyMap<string, Verifier>) {
    this.#keys = keys;
  }

  /**
   * Imports the Ed25519 keys of a set.
   *
   * @throws RolewrightError `malformed` where there is none, or one that cannot be read
   */
  static async of(set: JsonWebKeySet): Promise<Keys> {
    const keys = new Map<string, Verifier>();
    let cause: unknown;
    try {
      for (const { kty, crv, x, kid = "" } of set.keys as readonly (JsonWebKey & { kid?: string })[]) {
        if (kty === "OKP" && crv === "Ed25519") keys.set(kid, await host.crypto.verifier({ kty, crv, x: x as string }));
      }
      if (keys.size > 0) return new Keys(keys);
    } catch (thrown) {
      cause = thrown;
    }
    throw new RolewrightError("malformed", "the key set has no good Ed25519 key", { cause });
  }

  /** Whether a key of that id is in the set. */
  has(kid: string): boolean {
    return this.#keys.has(kid);
  }

  /** Throws unless the signature is over what was signed, by the key that the header names. */
  async verify({ what, kid, signature, signed }: Signed): Promise<void> {
    const key = this.#keys.get(kid);
    if (key === undefined) {
      throw new RolewrightError("unknown_key", `the ${what} is signed by a key that is not in the key set: \`${kid}\``);
    }
    if (!(await key(signature, signed))) {
      throw new RolewrightError("bad_signature", `the ${what} was changed or cut after it was signed`);
    }
  }
}

/** A JWS taken apart, not yet verified. */
export interface Signed {
  readonly what: What;
  readonly kid: string;
  readonly signature: Bytes;
  readonly signed: Bytes;
  readonly payload: Bytes;
}

/** What is signed: its type is `rolewright-` and this. */
type What = "snapshot" | "delta" | "stamp" | "pass";

/** Takes apart `HEADER..SIGNATURE`, a line feed, and the payload's own bytes (RFC 7797). */
export function detached(what: What, bytes: Bytes): Signed {
  const end = bytes.subarray(0, LONGEST_LINE).indexOf(LINE_FEED);
  return compact(what, String.fromCharCode(...bytes.subarray(0, Math.max(end, 0))), bytes.subarray(end + 1));
}

/** Takes apart a compact JWS; `beside` is the payload of one that does not have it within. */
export function compact(what: What, text: string, beside?: Bytes): Signed {
  const [head = "", body = "", tail = "", ...more] = text.split(".");
  const isWithin = beside === undefined;
  const first = encoder.encode(`${head}.${body}`);
  // A copy, which nobody else has: what is read is what was verified.
  const signed = new Uint8Array(first.length + (beside?.length ?? 0));
  signed.set(first);
  signed.set(beside ?? [], first.length);
  const payload = isWithin ? decode(body) : signed.subarray(first.length);
  const signature = decode(tail);
  const header = head.length > LONGEST_LINE ? undefined : parseJson(decode(head));
  const { alg, typ, b64, crit, kid = "" } = header ?? {};
  // Exactly as ours are.
  const isOurs = JSON.stringify([alg, typ, b64, crit]) === `["EdDSA","rolewright-${what}",${isWithin ? "null,null" : 'false,["b64"]'}]`;
  if (!isOurs || (body !== "") !== isWithin || more.length > 0 || !payload || signature?.length !== 64 || typeof kid !== "string") {
    throw new RolewrightError("malformed", `the ${what} is not a signed \`rolewright-${what}\``);
  }
  return { what, kid, signature, signed, payload };
}
