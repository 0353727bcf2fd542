// Compiled, never run: what the types allow, and what they do not.
import { connect, init, load, RolewrightError } from "rolewright";
import { gate as expressGate } from "rolewright/express";
import { gate, KNOWN, PUBLIC } from "rolewright/gate";
import { gate as honoGate } from "rolewright/hono";
import type { Decision, OperationDecision, Rolewright, Subject, UiState } from "rolewright";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Same<A, B>) => undefined;

export async function uses(): Promise<void> {
  await init();
  const keys = { keys: [{ kty: "OKP", crv: "Ed25519", x: "" }] };
  const loaded = await load(new Uint8Array(), { keys });
  same<typeof loaded, Rolewright>(true);
  const rw = await connect({ url: "https://access.test", tenant: "acme", key: "k", maxStale: 500, fetch });
  const ana = await rw.open("token");
  same<typeof ana, Subject>(true);
  const can = rw.can(ana, "reports.run");
  same<typeof can, boolean>(true);
  const ui = rw.ui("ana", "servers.edit", "servers/prod");
  same<typeof ui, UiState>(true);
  const decision = rw.decide({ subject: ana, permission: "reports.run", asked: "allowed" });
  same<typeof decision, Decision>(true);
  const checked = rw.check({ subject: ana, operation: "tasks.run", resources: { task: "servers/a/tasks/b" } });
  same<typeof checked, OperationDecision>(true);
  rw.decide({ subject: ana, permission: "reports.run", attributes: { resource: { owner: "ana" }, context: { zones: ["a", 1, true] } } });
  rw.check({ subject: ana, operation: "tasks.run", attributes: { resources: { task: { "device.managed": true } } } });
  if (decision.reason === "stale") throw new RolewrightError("stale", "x");
  using _held = rw;
  rw.subject("ana", { epoch: 0, revision: 9 }) ?? rw.subject("ana", "0.9") ?? rw.subject("ana", 9);

  // @ts-expect-error a subject is not made by hand
  rw.can({ id: "ana" }, "reports.run");
  // @ts-expect-error the subject's attributes come from the directory
  rw.decide({ subject: ana, permission: "reports.run", attributes: { subject: { region: "emea" } } });
  // @ts-expect-error there is no such state
  ui === "visible";
  // @ts-expect-error a checker is not made by hand
  new rw.constructor.Rolewright();
  // @ts-expect-error a session is a revision
  rw.subject("ana", null);
  // @ts-expect-error the keys are needed
  await load(new Uint8Array(), {});
  // @ts-expect-error a snapshot is not text
  await load("snapshot", { keys });
  // @ts-expect-error the tenant is needed
  await connect({ url: "https://access.test" });
  // @ts-expect-error nothing is awaited here
  rw.can(rw.open("token"), "reports.run");
}

/** Lines as README has them. */
export async function gates(rw: Rolewright, request: Request): Promise<Response | boolean> {
  const guard = gate(rw, { "GET /health": PUBLIC, "GET /me": KNOWN, "POST /run": "reports.run" }, { subject: (request) => request.headers.get("x-user") });
  const passed = await guard(request);
  if (passed.refused) return passed.refused;
  if (passed.rw === undefined) return true;
  const changed = await fetch("https://access.test");
  const revision = changed.headers.get("rolewright-revision");
  // A header that is missing is refused when it comes to that.
  await passed.rw.atLeast(revision);
  // @ts-expect-error nor is a truth a revision
  await passed.rw.atLeast(true);
  honoGate(rw, {}, { subject: (context) => context.req.header("x-user") });
  expressGate(rw, {}, { subject: (request) => request.rolewright?.route });
  rw.decide({ subject: passed.subject, permission: "reports.run", at: new Date() });
  return rw.can(passed.subject, "reports.run");
}

export const ofExpress = (request: Express.Request): string | undefined => request.rolewright?.variables["report"];
