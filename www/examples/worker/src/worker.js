// An edge worker in front of a product: every route asks Rolewright first.
import { RolewrightError, connect } from "rolewright";
import { problem } from "./problem.js";
import { route } from "./routes.js";

/**
 * @typedef {object} Env
 * @property {string} ROLEWRIGHT_URL where the server is
 * @property {string} ROLEWRIGHT_TENANT the tenant
 * @property {string} ROLEWRIGHT_KEY an API key that holds `snapshot.policy`
 * @property {string} CONTACT whom to ask for access
 */

/** @type {import("rolewright").Rolewright | undefined} */
let held;

/**
 * The checker, made by the first request: a worker does no I/O before.
 *
 * @param {Env} env
 */
async function rolewright(env) {
  if (held !== undefined) return held;
  const made = await connect({
    url: env.ROLEWRIGHT_URL,
    tenant: env.ROLEWRIGHT_TENANT,
    key: env.ROLEWRIGHT_KEY,
    kind: "policy",
    maxStale: 500,
    timeout: 2_000,
  });
  // Requests do not share what they wait for: another may have been first.
  if (held === undefined) held = made;
  else made.dispose();
  return held;
}

/** Errors of `open` that are about the state, not about the pass. */
const UNAVAILABLE = new Set(["stale", "unreachable", "unauthorized"]);

export default {
  /**
   * @param {Request} request
   * @param {Env} env
   */
  async fetch(request, env) {
    const asked = route(request.method, request.url);
    if (asked === undefined) return problem(400, "malformed", "Bad request", "the path is not properly encoded");
    if (asked.methods?.length === 0) return problem(404, "not_found", "Not found", "there is no such page");
    if (asked.methods !== undefined) {
      const allow = asked.methods.join(", ");
      return problem(405, "method_not_allowed", "Method not allowed", `this page takes ${allow}`, {}, { allow });
    }

    // Who asks is what a verified pass says, and nothing else: no header can name anybody.
    const pass = /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
    if (pass === undefined) return unauthenticated(env, "send your pass as `Authorization: Bearer PASS`");
    let rw;
    let subject;
    try {
      rw = await rolewright(env);
      subject = await rw.open(pass);
    } catch (error) {
      if (!(error instanceof RolewrightError)) throw error;
      return rw === undefined || UNAVAILABLE.has(error.code) ? unavailable(error) : unauthenticated(env, error.message, error);
    }

    const { permission, variables } = asked;
    if (!rw.can(subject, permission)) {
      const ask = `Ask ${env.CONTACT} for access.`;
      return problem(403, "forbidden", "Not allowed", `you need \`${permission}\`. ${ask}`, { permission, contact: env.CONTACT });
    }
    // Here the product does its work.
    return Response.json({ subject: subject.id, permission, ...variables }, { headers: { "cache-control": "no-store" } });
  },
};

/**
 * @param {Env} env
 * @param {string} detail
 * @param {RolewrightError} [error]
 */
function unauthenticated(env, detail, error) {
  const realm = `Bearer realm="rolewright:${env.ROLEWRIGHT_TENANT}"`;
  const challenge = error === undefined ? realm : `${realm}, error="invalid_token"`;
  return problem(401, error?.code ?? "unauthenticated", "Not signed in", detail, {}, { "www-authenticate": challenge });
}

/** @param {RolewrightError} error */
function unavailable({ code, message, since }) {
  const when = since === undefined ? {} : { since: new Date(since).toISOString() };
  return problem(503, code, "Access cannot be checked", message, when, { "retry-after": "1" });
}
