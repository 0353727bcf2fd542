// What a server signs, signed here: keys, snapshots, stamps and passes.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const base64url = (bytes) => Buffer.from(bytes).toString("base64url");
const json = (value) => Buffer.from(JSON.stringify(value));

/** The moment at which the fixtures live. */
export const NOW = Date.UTC(2026, 10, 22, 12);
export const MINUTE = 60_000;

const held = new Set();

/** A checker that is disposed of after the test: not every Node has `using`. */
export function kept(rw) {
  held.add(rw);
  return rw;
}

/** Disposes of what was kept. */
export function disposeAll() {
  for (const rw of held) rw.dispose();
  held.clear();
}

/** The checker as an edge worker has it: there requests share no request. */
export async function asWorker() {
  // As one names itself.
  Object.defineProperty(globalThis, "navigator", { value: { userAgent: "Cloudflare-Workers" }, configurable: true });
  const worker = await import("rolewright/slim");
  await worker.init(readFileSync(createRequire(import.meta.url).resolve("rolewright/rolewright_bg.wasm")));
  return worker;
}

/** Signs as the server does. */
export class Signer {
  static async create(kid = "k1") {
    const signer = new Signer();
    signer.kid = kid;
    signer.pair = await crypto.subtle.generateKey({ name: "Ed25519" }, true, ["sign", "verify"]);
    const { kty, crv, x } = await crypto.subtle.exportKey("jwk", signer.pair.publicKey);
    signer.keys = { keys: [{ kty, crv, x, kid, alg: "EdDSA", use: "sig" }] };
    return signer;
  }

  async #sign(bytes) {
    return base64url(await crypto.subtle.sign({ name: "Ed25519" }, this.pair.privateKey, bytes));
  }

  async compact(typ, claims, header = {}) {
    const head = base64url(json({ alg: "EdDSA", typ, kid: this.kid, ...header }));
    const signed = `${head}.${base64url(typeof claims === "string" ? Buffer.from(claims) : json(claims))}`;
    return `${signed}.${await this.#sign(Buffer.from(signed))}`;
  }

  /** The bytes of a signed snapshot. */
  snapshot(document, header = {}) {
    return this.#file(bytesOf(document), { typ: "rolewright-snapshot", ...header });
  }

  /** The bytes of a signed delta from one snapshot to another. */
  delta(from, to, header = {}) {
    return this.#file(deltaOf(from, to), { typ: "rolewright-delta", ...header });
  }

  async #file(payload, header) {
    const head = base64url(json({ alg: "EdDSA", kid: this.kid, b64: false, crit: ["b64"], ...header }));
    const signature = await this.#sign(Buffer.concat([Buffer.from(`${head}.`), payload]));
    return new Uint8Array(Buffer.concat([Buffer.from(`${head}..${signature}\n`), payload]));
  }

  stamp(document, { now = NOW, ...claims } = {}) {
    return this.compact("rolewright-stamp", {
      tenant: document.tenant,
      kind: document.kind,
      at: document.at,
      content: contentOf(document),
      log_head: "0".repeat(64),
      issued: now,
      expires: now + 5 * MINUTE,
      ...claims,
    });
  }

  pass(pass, { now = NOW, ...claims } = {}) {
    return this.compact("rolewright-pass", {
      aud: `rolewright:${pass.tenant}`,
      issued: now,
      expires: now + 15 * MINUTE,
      pass,
      ...claims,
    });
  }
}

const root = fileURLToPath(new URL("../../../", import.meta.url));
const encoded = new Map();

/** What a server signs: bytes and text as they are, a document in the compact encoding that the model gives it. */
function bytesOf(document) {
  if (typeof document === "string" || document instanceof Uint8Array) return Buffer.from(document);
  return made("compact", document);
}

/** What leads from one document's snapshot to another's. */
function deltaOf(from, to) {
  if (from instanceof Uint8Array) return from;
  return made("delta", { from, to, contents: [contentOf(from), contentOf(to)] });
}

/** What one of the test crate's programs makes of JSON. */
function made(program, input) {
  const text = JSON.stringify(input);
  if (!encoded.has(text)) {
    encoded.set(text, execFileSync(join(programs(), program), { input: text, maxBuffer: 2 ** 30 }));
  }
  return encoded.get(text);
}

let built;

/** Where the test crate's programs are, once they are built: asking cargo for each document would take longer than the tests. */
function programs() {
  const cargo = (...words) => execFileSync(process.env.CARGO ?? "cargo", words, { cwd: root, maxBuffer: 2 ** 30 });
  if (built === undefined) {
    cargo("build", "--quiet", "--package", "rolewright-tests", "--bins");
    const { target_directory: target } = JSON.parse(cargo("metadata", "--format-version", "1", "--no-deps"));
    built = join(target, "debug");
  }
  return built;
}

/** The hash that a stamp names and an ETag is. */
export function contentOf(document) {
  return createHash("sha256").update(bytesOf(document)).digest("hex");
}

const permission = (id, more = {}) => ({ id, kind: "action", ...more });

/** A small policy: two modules, three scales, roles at the tenant and at servers. */
export function snapshot(kind = "full", more = {}) {
  const people = {
    users: [
      { id: "ana", status: "active" },
      { id: "ben", status: "active" },
      { id: "cem", status: "disabled" },
    ],
    assignments: [
      { id: "a1", principal: { user: "ana" }, role: "runner", scope: "/", made: { epoch: 1, revision: 1 } },
      { id: "a2", principal: { user: "ben" }, role: "operator", scope: "servers/prod", made: { epoch: 1, revision: 1 } },
      { id: "a3", principal: { user: "cem" }, role: "superuser", scope: "/", made: { epoch: 1, revision: 1 } },
    ],
  };
  return {
    format: 1,
    kind,
    tenant: "acme",
    at: { epoch: 1, revision: 5 },
    settings: { new_links: "at_once" },
    catalogue: {
      scales: {
        reading: { levels: [{ id: "no" }, { id: "read_only" }, { id: "yes" }] },
      },
      resource_types: [{ id: "task", pattern: "servers/{server}/tasks/{task}" }],
      modules: [
        {
          id: "reports",
          permissions: [
            permission("reports.run"),
            permission("reports.edit", { scale: "reading" }),
          ],
        },
        { id: "tasks", permissions: [permission("tasks.run"), permission("tasks.design")] },
      ],
      operations: [
        {
          id: "tasks.start",
          resources: { task: "servers/{server}/tasks/{task}" },
          alternatives: [{ needs: [{ permission: "tasks.run", resource: "task" }] }],
        },
      ],
    },
    roles: [
      { id: "user", name: "User", kind: "built_in", base: true, grants: {} },
      { id: "superuser", name: "Superuser", kind: "built_in", superuser: true, grants: {} },
      { id: "runner", name: "Runner", kind: "custom", grants: { "reports.run": "allowed", "reports.edit": "read_only" } },
      { id: "operator", name: "Operator", kind: "custom", grants: { "tasks.run": "allowed" } },
    ],
    ...(kind === "full" ? people : {}),
    ...more,
  };
}

/** What a pass says of ana: the runner role through one link. */
export function passOf(subject = "ana", more = {}) {
  const made = { epoch: 1, revision: 1 };
  return {
    tenant: "acme",
    subject,
    at: { epoch: 1, revision: 5 },
    session: { epoch: 1, revision: 5 },
    links: [{ id: "a1", made }],
    holdings: [{ role: "runner", scope: "/", links: [0] }],
    ...more,
  };
}
