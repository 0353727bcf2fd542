import { pathOf } from "./gate/path.js";
import { judge } from "./gate/verdict.js";
import type { Checker, GateOptions, Passed } from "./gate/verdict.js";
import type { Routes } from "./gate/routes.js";

export { KNOWN, PUBLIC } from "./gate/routes.js";
export type { Need, OperationNeed, PermissionNeed, Routes } from "./gate/routes.js";
export type { Missing, Problem } from "./gate/problem.js";
export type { Checker, Chosen, GateOptions, Passed, PassedAnybody, PassedSubject } from "./gate/verdict.js";

/** What a handler finds by `c.get("rolewright")`: `new Hono<{ Variables: GateVariables }>()`. */
export interface GateVariables {
  /** Who asks, and the route's variables. */
  rolewright: Passed;
}

/** What the gate reads of Hono's context. */
export interface HonoContext {
  readonly req: { readonly raw: Request; header(name: string): string | undefined };
  set(key: "rolewright", value: Passed): void;
}

/**
 * Hono's middleware: `app.use(gate(rw, routes))`, in front of every route. A request that no route names is refused.
 *
 * @throws TypeError where a route or an option is not what it should be, or a route can never be reached
 */
export function gate<C extends HonoContext = HonoContext>(
  rw: Checker<C, []>,
  routes: Routes,
  options: GateOptions<C> = {},
): (context: C, next: () => Promise<void>) => Promise<Response | void> {
  const judged = judge(rw, routes, options);
  return async (asked, next) => {
    const { raw } = asked.req;
    const verdict = await judged({
      method: raw.method,
      path: pathOf(raw.url),
      header: (name) => raw.headers.get(name) ?? undefined,
      asked,
      context: [],
    });
    if (verdict.refused !== undefined) {
      const { status, headers, body } = verdict.refused;
      return new Response(JSON.stringify(body), { status, headers });
    }
    asked.set("rolewright", verdict);
    return next();
  };
}
