// `can`, beside a plain Map of Sets and beside the peers.
import { createMongoAbility } from "@casl/ability";
import * as cedar from "@cedar-policy/cedar-wasm/nodejs";
import { StringAdapter, newEnforcer, newModelFromString } from "casbin";
import { figure, nanoseconds, own } from "./measure.mjs";
import { held, json, permissions, placedQuestions, questions, rolewright, users } from "./world.mjs";

const half = (count) => {
  const right = (answer) => questions.filter((question) => question[3] === answer).slice(0, count / 2);
  const [yes, no] = [right(true), right(false)];
  return yes.flatMap((question, at) => [question, no[at]]);
};
const rw = await rolewright();
const sets = new Map(users.map((user, at) => [own(user), new Set(held[at].map((permission) => own(permissions[permission])))]));
// The least that an answer costs by two names: their places, and right answers worked out beforehand.
const placeOf = (all) => new Map(all.map((id, at) => [own(id), at]));
const [userAt, permissionAt] = [placeOf(users), placeOf(permissions)];
const answers = users.map((_, at) => Uint8Array.from(permissions, (_, permission) => Number(held[at].includes(permission))));
const times = nanoseconds({
  "plain table": { ask: (user, permission) => answers[userAt.get(user)][permissionAt.get(permission)] === 1, questions },
  "map and set": { ask: (user, permission) => sets.get(user)?.has(permission) === true, questions },
  "can": { ask: (user, permission) => rw.can(user, permission), questions },
  "can at a resource": { ask: (user, permission, resource) => rw.can(user, permission, resource), questions: placedQuestions },
});
for (const [name, value] of Object.entries(times)) figure(`js/${name}`, value, "ns");

if (!process.argv.includes("--ours")) {
  const rules = (at) => held[at].map((permission) => ({ action: permissions[permission], subject: "tenant" }));
  const abilities = new Map(users.map((user, at) => [own(user), createMongoAbility(rules(at))]));

  const { model, policy } = json("casbin.json");
  const enforcer = await newEnforcer(newModelFromString(model), new StringAdapter(policy));

  const { policies, entities } = json("cedar.json");
  const parsed = cedar.preparsePolicySet("world", { staticPolicies: policies });
  if (parsed.type !== "success") throw new Error(JSON.stringify(parsed));
  const entitiesOf = new Map(users.map((user, at) => [own(user), entities[at]]));
  const authorized = (user, permission) => {
    const answer = cedar.statefulIsAuthorized({
      principal: { type: "User", id: user },
      action: { type: "Action", id: permission },
      resource: { type: "Tenant", id: "bench" },
      context: {},
      preparsedPolicySetId: "world",
      entities: entitiesOf.get(user),
    });
    return answer.type === "success" && answer.response.decision === "allow";
  };

  const peers = nanoseconds({
    "casl": { ask: (user, permission) => abilities.get(user)?.can(permission, "tenant") === true, questions },
    "cedar-wasm": { ask: authorized, questions: half(200), each: 2, rounds: 100 },
    "node-casbin": { ask: (user, permission) => enforcer.enforceSync(user, permission), questions: half(40), each: 1, rounds: 40 },
  });
  for (const [name, value] of Object.entries(peers)) figure(`js/${name}`, value, "ns");
}
rw.dispose();
