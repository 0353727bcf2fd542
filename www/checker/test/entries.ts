// Compiled, never run: what stands beside the checker fits what it stands in.
import { createElement } from "react";
import type { ReactElement } from "react";
import express from "express";
import { Hono } from "hono";
import type { Rolewright, Subject } from "rolewright";
import type { CanElement } from "rolewright/elements";
import { guard } from "rolewright/elements";
import { authzen } from "rolewright/authzen";
import type { AuthzenOptions } from "rolewright/authzen";
import { gate as expressGate } from "rolewright/express";
import { KNOWN, PUBLIC, gate } from "rolewright/gate";
import type { Passed, Routes } from "rolewright/gate";
import { gate as honoGate } from "rolewright/hono";
import type { GateVariables } from "rolewright/hono";
import { init as initInline } from "rolewright/inline";
import { follow } from "rolewright/live";
import { Can, RolewrightProvider, useCan, useLevel, useRolewright, useUi } from "rolewright/react";
import { init } from "rolewright/slim";
import { cacheStore } from "rolewright/stores";
import module from "rolewright/rolewright_bg.wasm";

const ROUTES: Routes = {
  "GET /health": PUBLIC,
  "GET /me": KNOWN,
  "GET /reports": "reports.view",
  "PUT /servers/:server": { permission: "servers.edit", resource: "servers/:server", level: "yes" },
  "POST /servers/:server/run": { operation: "servers.run", resources: { server: "servers/:server" } },
};

export async function workers(rw: Rolewright, request: Request): Promise<Response> {
  const guard = gate<[{ CONTACT: string }]>(async (_request, env) => (env.CONTACT === "" ? rw : rw), ROUTES, {
    contact: (missing, request, env) => `${env.CONTACT} ${missing.permission} ${request.url}`,
    subject: (request) => request.headers.get("x") ?? undefined,
    attributes: (_, { route, variables }) => ({ context: { route, ...variables } }),
    unlisted: "pass",
    wait: 100,
  });
  const answered = await guard(request, { CONTACT: "ada" });
  if (answered.refused) return answered.refused;
  const passed: Passed = answered;
  const { refused, variables } = await guard(request, { CONTACT: "ada" });
  if (refused) return refused;
  const report: string | undefined = variables["report"];
  const subject: Subject | string | undefined = answered.subject;
  return Response.json({ subject, report, variables: passed.variables });
}

export async function points(rw: Rolewright, request: Request): Promise<Response> {
  const options: AuthzenOptions<[{ TOKEN: string }]> = {
    url: "https://edge.example.com/acme",
    authorize: (request, env) => request.headers.get("authorization") === env.TOKEN || undefined,
    people: true,
    subject: async ({ type, id, properties }, _, rw) => (type === "user" && properties["x"] === 1 ? rw.subject(id) : undefined),
  };
  const point = authzen((_request, env) => (env.TOKEN === "" ? rw : rw), options);
  authzen(rw, { url: "https://edge.example.com", authorize: () => true });
  // @ts-expect-error where it is must be said
  authzen(rw, {});
  return (await point(request, { TOKEN: "x" })) ?? new Response();
}

export function servers(rw: Rolewright): void {
  const app = express();
  app.use(expressGate(rw, ROUTES, { contact: "ada" }));
  app.use("/api", expressGate<express.Request>(rw, ROUTES, { subject: (request) => request.get("x") }));
  const hono = new Hono<{ Variables: GateVariables }>();
  hono.use(honoGate(rw, ROUTES));
  hono.use("/api/*", honoGate(rw, ROUTES, { contact: "ada" }));
  hono.get("/", (context) => context.json(context.get("rolewright").variables));
  // @ts-expect-error a route is a method and a path
  gate(rw, { reports: "reports.view" });
  // @ts-expect-error what is needed must be said
  gate(rw, { "GET /reports": {} });
  // @ts-expect-error one or the other
  gate(rw, { "GET /reports": { permission: "reports.view", operation: 1 } });
}

export function pages(rw: Rolewright): ReactElement {
  guard(rw);
  guard(rw, "ana");
  guard(undefined);
  const element: CanElement = document.createElement("rw-can");
  element.ui === "read_only";
  const can: boolean = useCan("reports.run");
  const level: string = useLevel("reports.run", "servers/prod");
  const ui: "hidden" | "disabled" | "read_only" | "enabled" = useUi("reports.run");
  const { subject } = useRolewright();
  const child = createElement(Can, { permission: "reports.run", fallback: level, children: (ui: "disabled" | "read_only" | "enabled") => ui });
  return createElement(RolewrightProvider, { rw, subject, server: can }, child, ui);
}

export async function others(rw: Rolewright): Promise<void> {
  await init(module);
  await init(new Uint8Array());
  await initInline();
  const stop: () => void = follow(rw, { url: "https://access.test", key: "k", onError: (error: unknown) => error });
  stop();
  cacheStore(() => caches.open("x"), "https://cache.test/x");
  cacheStore(await caches.open("x"), "https://cache.test/x");
  await rw.atLeast("1.5");
  rw.subscribe(() => undefined)();
  // @ts-expect-error the module within needs none
  await initInline(module);
}
