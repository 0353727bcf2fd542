// An edge worker in front of a product: every route asks Rolewright first.
import { connect } from "rolewright";
import { gate } from "rolewright/gate";
import { ROUTES } from "./routes.js";

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
 * @param {Request} _
 * @param {Env} env
 */
async function rolewright(_, env) {
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

// Who asks is what a verified pass says, and nothing else: no header can name anybody.
const guard = gate(rolewright, ROUTES, { contact: (_missing, _request, env) => env.CONTACT, wait: 1_000 });

export default {
  /**
   * @param {Request} request
   * @param {Env} env
   */
  async fetch(request, env) {
    const { refused, subject, route, variables } = await guard(request, env);
    if (refused) return refused;
    // Here the product does its work.
    return Response.json({ subject: subject.id, route, ...variables }, { headers: { "cache-control": "no-store" } });
  },
};
