import type { Bytes } from "./jws.js";

/** An Ed25519 public key, and nothing beside it: hosts differ in what `alg` and `key_ops` they take. */
export interface PublicKey {
  readonly kty: "OKP";
  readonly crv: "Ed25519";
  readonly x: string;
}

/** Whether a signature is over these bytes. */
export type Verifier = (signature: Bytes, signed: Bytes) => boolean | Promise<boolean>;

/** The host's own cryptography. */
export interface Crypto {
  /** What verifies by a key. Throws where it is none. */
  verifier(key: PublicKey): Verifier | Promise<Verifier>;
  /** The SHA-256 of bytes, in hex. */
  sha256(bytes: Bytes): string | Promise<string>;
}

/** The cryptography that every host has. */
export const webCrypto: Crypto = {
  async verifier(jwk) {
    const key = await crypto.subtle.importKey("jwk", jwk as JsonWebKey, "Ed25519", false, ["verify"]);
    return (signature, signed) => crypto.subtle.verify("Ed25519", key, signature, signed);
  },
  async sha256(bytes) {
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  },
};
