// One worker in three shapes: `bare` answers at once, `gated` asks the gate first, `cold` decides with what it has in hand.
import { load } from "rolewright";
import { gate } from "rolewright/gate";
import keys from "keys.json";
import snapshot from "policy.snapshot";

/** @type {Promise<import("rolewright").Rolewright> | undefined} */
let held;
const rolewright = () => (held ??= load(new Uint8Array(snapshot), { keys: JSON.parse(keys) }));

const ROUTES = { "GET /reports": "reports.edit", "GET /reports/:report": "reports.edit", "POST /reports/:report/run": "reports.run" };
const guard = gate(rolewright, ROUTES);
const answer = (subject) => Response.json({ subject }, { headers: { "cache-control": "no-store" } });

const shapes = {
  bare: () => answer("ana"),
  async gated(request) {
    const { refused, subject } = await guard(request);
    return refused ?? answer(subject.id);
  },
  async cold() {
    const rw = await rolewright();
    return answer(rw.can("ana", "reports.run") ? "ana" : "nobody");
  },
};

export default {
  /**
   * @param {Request} request
   * @param {{ SHAPE: keyof typeof shapes }} env
   */
  fetch: (request, env) => shapes[env.SHAPE](request),
};
