import { Checker } from "../wasm/rolewright.js";
import { RolewrightError, asking } from "./error.js";
import { compact, detached, parseJson } from "./jws.js";
import { own } from "./own.js";
import type { Bytes, Keys, Signed } from "./jws.js";
import type { Revision, SnapshotKind } from "./types.js";

/** How far the server's clock may be ahead of ours, in milliseconds, and ours behind what it was. */
export const AHEAD = 60_000;

/** What a freshness stamp says. */
export interface Stamp {
  readonly tenant: string;
  readonly kind: SnapshotKind;
  readonly at: Revision;
  readonly content: string;
  /** The head of the change log at that revision. */
  readonly log_head: string;
  readonly issued: number;
  readonly expires: number;
  /** What was said with the question. */
  readonly nonce?: string;
}

/** How (epoch, revision) compare: below, at or above 0. */
export function compare(a: Revision, b: Revision): number {
  return a.epoch - b.epoch || a.revision - b.revision;
}

/** A revision as the server says it: `EPOCH.REVISION`. */
export function told({ epoch, revision }: Revision): string {
  return `${epoch}.${revision}`;
}

/**
 * The revision that somebody names; a number is one of `epoch`.
 *
 * @throws RolewrightError `misuse`
 */
export function revisionOf(named: Revision | number | string | null | undefined, epoch: number): Revision {
  const text = typeof named === "number" ? `${epoch}.${named}` : typeof named === "string" ? named : told(own(named));
  const [, of, revision] = /^(\d+)\.(\d+)$/.exec(text) ?? [];
  if (revision === undefined) throw new RolewrightError("misuse", "say a revision as EPOCH.REVISION");
  return { epoch: Number(of), revision: Number(revision) };
}

/** Throws unless what is signed says of itself what it should; what is not asked for may be anything. */
export function mustBe(what: "snapshot" | "stamp", said: Of, wanted: Of): void {
  for (const name of ["tenant", "kind", "content"] as const) {
    if (said[name] !== (wanted[name] ?? said[name])) {
      throw new RolewrightError(`wrong_${name}`, `the ${what} is of ${name} \`${said[name]}\`, not \`${wanted[name]}\``);
    }
  }
}

/** What a snapshot, or its stamp, is of. */
type Of = { readonly [Name in "tenant" | "kind" | "content"]?: Stamp[Name] | undefined };

/** Verifies by the keys at hand; a source also looks for new ones. */
export type Verify = (signed: Signed) => Promise<void>;

/** Verification by these keys alone. */
export function by(keys: Keys): Verify {
  return (signed) => keys.verify(signed);
}

/**
 * What is signed beside its signature: a snapshot's own bytes.
 *
 * @throws RolewrightError `malformed`, `unknown_key`, `bad_signature`
 */
export async function verifySnapshot(bytes: Bytes, verify: Verify, what: "snapshot" | "delta" = "snapshot"): Promise<Bytes> {
  const signed = detached(what, bytes);
  await verify(signed);
  return signed.payload;
}

/** A delta whose signature was verified. */
export interface VerifiedDelta {
  /** Its own bytes. */
  readonly payload: Bytes;
  /** The SHA-256 of the snapshot that it leads to, in hex. */
  readonly content: string;
}

/**
 * A delta's own bytes.
 *
 * @throws RolewrightError `malformed`, `unknown_key`, `bad_signature`
 */
export async function verifyDelta(bytes: Bytes, verify: Verify): Promise<VerifiedDelta> {
  const payload = await verifySnapshot(bytes, verify, "delta");
  return { payload, content: asking(() => Checker.target(payload) as string) };
}

/**
 * A freshness stamp of that content, good for longer than is needed: now where that is not said.
 *
 * @throws RolewrightError `malformed`, `unknown_key`, `bad_signature`, `wrong_tenant`, `wrong_kind`, `wrong_content`,
 * `not_yet_valid`, `expired`
 */
export async function verifyStamp(
  token: string,
  of: { tenant: string; kind: SnapshotKind; content: string },
  now: number,
  verify: Verify,
  needed = now,
): Promise<Stamp> {
  const signed = compact("stamp", token);
  await verify(signed);
  // Whose it is, and of what, is held against what was asked for.
  const stamp = parseJson(signed.payload) as unknown as Stamp | null | undefined;
  const { epoch, revision } = (stamp?.at ?? {}) as Partial<Revision>;
  const isWhole = [epoch, revision, stamp?.issued, stamp?.expires].every(Number.isSafeInteger);
  if (!isWhole || typeof stamp?.log_head !== "string") {
    throw new RolewrightError("malformed", "the stamp does not say what it should");
  }
  mustBe("stamp", stamp, of);
  if (stamp.issued > now + AHEAD) {
    throw new RolewrightError("not_yet_valid", "the stamp is of the future: compare the clocks");
  }
  if (stamp.expires <= needed) {
    throw new RolewrightError("expired", "the stamp has expired");
  }
  return stamp;
}
