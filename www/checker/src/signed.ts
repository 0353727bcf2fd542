import { Checker } from "../wasm/rolewright.js";
import { RolewrightError, asking } from "./error.js";
import { compact, detached, parseObject } from "./jws.js";
import type { Bytes, Keys, Signed } from "./jws.js";
import type { Revision, SnapshotKind } from "./types.js";

/** How far the server's clock may be ahead of ours, in milliseconds. */
const AHEAD = 60_000;

/** What a freshness stamp says. */
export interface Stamp {
  readonly tenant: string;
  readonly kind: SnapshotKind;
  readonly at: Revision;
  readonly content: string;
  readonly issued: number;
  readonly expires: number;
}

/** How (epoch, revision) compare: below, at or above 0. */
export function compare(a: Revision, b: Revision): number {
  return a.epoch - b.epoch || a.revision - b.revision;
}

/** A revision as the server says it: `EPOCH.REVISION`. */
export function told({ epoch, revision }: Revision): string {
  return `${epoch}.${revision}`;
}

/** Verifies by the keys at hand; a source also looks for new ones. */
export type Verify = (signed: Signed) => Promise<void>;

/** Verification by these keys alone. */
export function by(keys: Keys): Verify {
  return (signed) => keys.verify(signed.what, signed.kid, signed.signature, signed.signed);
}

/**
 * A snapshot's own bytes.
 *
 * @throws RolewrightError `malformed`, `unknown_key`, `bad_signature`
 */
export async function verifySnapshot(bytes: Bytes, verify: Verify): Promise<Bytes> {
  const signed = detached("the snapshot", bytes, "rolewright-snapshot");
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
  const signed = detached("the delta", bytes, "rolewright-delta");
  await verify(signed);
  return { payload: signed.payload, content: asking(() => Checker.target(signed.payload) as string) };
}

/**
 * A freshness stamp of that content.
 *
 * @throws RolewrightError `malformed`, `unknown_key`, `bad_signature`, `wrong_tenant`, `wrong_kind`, `wrong_content`,
 * `not_yet_valid`, `expired`
 */
export async function verifyStamp(
  token: string,
  of: { tenant: string; kind: SnapshotKind; content: string },
  now: number,
  verify: Verify,
): Promise<Stamp> {
  const signed = compact("the freshness stamp", token, "rolewright-stamp");
  await verify(signed);
  const stamp = readStamp(signed.payload);
  if (stamp === undefined) throw new RolewrightError("malformed", "the freshness stamp does not say what it should");
  if (stamp.tenant !== of.tenant) {
    throw new RolewrightError("wrong_tenant", `the freshness stamp is of tenant \`${stamp.tenant}\`, not \`${of.tenant}\``);
  }
  if (stamp.kind !== of.kind) {
    throw new RolewrightError("wrong_kind", `the freshness stamp is of a ${stamp.kind} snapshot, not of a ${of.kind} one`);
  }
  if (stamp.content !== of.content) {
    throw new RolewrightError("wrong_content", "the freshness stamp is of another snapshot");
  }
  if (stamp.issued > now + AHEAD) {
    throw new RolewrightError("not_yet_valid", "the freshness stamp was issued in the future: compare the clocks");
  }
  if (stamp.expires <= now) {
    throw new RolewrightError("expired", "the freshness stamp has expired");
  }
  return stamp;
}

function readStamp(payload: Bytes): Stamp | undefined {
  const { tenant, kind, at, content, issued, expires } = parseObject(payload) ?? {};
  const { epoch, revision } = (typeof at === "object" && at !== null ? at : {}) as Record<string, unknown>;
  const whole = [epoch, revision, issued, expires].every(Number.isSafeInteger);
  if (!whole || typeof tenant !== "string" || typeof content !== "string") return undefined;
  if (kind !== "full" && kind !== "policy" && kind !== "subject") return undefined;
  return {
    tenant,
    kind,
    at: { epoch: epoch as number, revision: revision as number },
    content,
    issued: issued as number,
    expires: expires as number,
  };
}
