import type { Verifier } from "./crypto.js";
import { RolewrightError } from "./error.js";
import { host } from "./host.js";
import type { JsonWebKeySet } from "./types.js";

/** Bytes that every host's cryptography takes. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** Longer than any header of ours. */
const LONGEST_HEADER = 4096;
const LINE_FEED = 10;
const FULL_STOP = 46;

const encoder = new TextEncoder();

/** The bytes of base64url without padding, or `undefined`. */
function decode(text: string): Bytes | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return undefined;
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

/** Text as bytes. */
export function encode(text: string): Bytes {
  return encoder.encode(text) as Bytes;
}

/** The object that JSON text is, or `undefined`. */
export function parseObject(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
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
   * @throws RolewrightError `malformed` where there is none
   */
  static async of(set: JsonWebKeySet): Promise<Keys> {
    const keys = new Map<string, Verifier>();
    const listed = Array.isArray(set?.keys) ? set.keys : [];
    for (const jwk of listed as readonly (JsonWebKey & { kid?: unknown })[]) {
      if (jwk?.kty !== "OKP" || jwk.crv !== "Ed25519" || typeof jwk.x !== "string") continue;
      try {
        const key = await host.crypto.verifier({ kty: jwk.kty, crv: jwk.crv, x: jwk.x });
        keys.set(typeof jwk.kid === "string" ? jwk.kid : "", key);
      } catch (cause) {
        throw new RolewrightError("malformed", "a key of the key set cannot be read", { cause });
      }
    }
    if (keys.size === 0) throw new RolewrightError("malformed", "the key set holds no Ed25519 key");
    return new Keys(keys);
  }

  /** Throws unless `signature` is over `signed` by the key that the header names. */
  async verify(what: string, kid: string, signature: Bytes, signed: Bytes): Promise<void> {
    const key = this.#keys.get(kid);
    if (key === undefined) {
      throw new RolewrightError("unknown_key", `${what} is signed by a key that is not in the key set: \`${kid}\``);
    }
    if (!(await key(signature, signed))) {
      throw new RolewrightError("bad_signature", `${what} was changed or cut after it was signed`);
    }
  }
}

/** A JWS taken apart, not yet verified. */
export interface Signed {
  readonly what: string;
  readonly kid: string;
  readonly signature: Bytes;
  readonly signed: Bytes;
  readonly payload: Bytes;
}

/** Takes apart a compact JWS of the type `typ`. */
export function compact(what: string, token: string, typ: string): Signed {
  const [head = "", body = "", tail = "", ...more] = token.split(".");
  const payload = decode(body);
  const signature = decode(tail);
  const kid = readHeader(head, typ, false);
  if (more.length > 0 || body === "" || payload === undefined || signature?.length !== 64 || kid === undefined) {
    throw new RolewrightError("malformed", `${what} is not a signed \`${typ}\``);
  }
  return { what, kid, signature, signed: encode(`${head}.${body}`), payload };
}

/** Takes apart `HEADER..SIGNATURE`, a line feed, and the payload's own bytes (RFC 7797). */
export function detached(what: string, bytes: Bytes, typ: string): Signed {
  const end = bytes.subarray(0, LONGEST_HEADER).indexOf(LINE_FEED);
  const line = String.fromCharCode(...bytes.subarray(0, Math.max(end, 0)));
  const [head = "", middle, tail = "", ...more] = line.split(".");
  const signature = decode(tail);
  const kid = readHeader(head, typ, true);
  if (end < 0 || middle !== "" || more.length > 0 || signature?.length !== 64 || kid === undefined) {
    throw new RolewrightError("malformed", `${what} is not a signed \`${typ}\``);
  }
  const body = bytes.subarray(end + 1);
  const signed = new Uint8Array(head.length + 1 + body.length);
  signed.set(encode(head));
  signed[head.length] = FULL_STOP;
  signed.set(body, head.length + 1);
  // A copy, which nobody else has: what is read is what was verified.
  return { what, kid, signature, signed, payload: signed.subarray(head.length + 1) };
}

/** The key id of a header that is exactly as ours are, or `undefined`. */
function readHeader(text: string, typ: string, unencoded: boolean): string | undefined {
  const bytes = text.length > LONGEST_HEADER ? undefined : decode(text);
  const header = bytes && parseObject(bytes);
  if (header === undefined || header["alg"] !== "EdDSA" || header["typ"] !== typ) return undefined;
  const crit = header["crit"];
  const isUnencoded = header["b64"] === false && Array.isArray(crit) && crit.length === 1 && crit[0] === "b64";
  const isEncoded = header["b64"] === undefined && crit === undefined;
  if (unencoded ? !isUnencoded : !isEncoded) return undefined;
  const kid = header["kid"] ?? "";
  return typeof kid === "string" ? kid : undefined;
}
