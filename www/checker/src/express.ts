import { judge } from "./gate/verdict.js";
import type { Checker, GateOptions, Passed } from "./gate/verdict.js";
import type { Routes } from "./gate/routes.js";

export { KNOWN, PUBLIC } from "./gate/routes.js";
export type { Need, OperationNeed, PermissionNeed, Routes } from "./gate/routes.js";
export type { Missing, Problem } from "./gate/problem.js";
export type { Checker, Chosen, GateOptions, Passed, PassedAnybody, PassedSubject } from "./gate/verdict.js";

declare global {
  namespace Express {
    /** A handler behind the gate finds who asks here. */
    interface Request {
      rolewright?: Passed;
    }
  }
}

/** What the gate reads of a request: that of Express, and of Node itself. A handler finds who asks in `rolewright`. */
export interface NodeRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly baseUrl?: string | undefined;
  readonly originalUrl?: string | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  rolewright?: Passed;
}

/** What the gate needs of an answer. */
export interface NodeResponse {
  statusCode: number;
  setHeader(name: string, value: string): unknown;
  end(body: string): unknown;
}

/**
 * Express's middleware: `app.use(gate(rw, routes))`, in front of every router. A request that no route names is refused. What
 * makes another method of a request stands before it.
 *
 * @throws TypeError where a route or an option is not what it should be, or a route can never be reached
 */
export function gate<Asked extends NodeRequest = NodeRequest>(
  rw: Checker<Asked, []>,
  routes: Routes,
  options: GateOptions<Asked> = {},
): (request: Asked, response: NodeResponse, next: (error?: unknown) => void) => Promise<void> {
  const judged = judge(rw, routes, options);
  return async (request, response, next) => {
    let verdict: Awaited<ReturnType<typeof judged>>;
    try {
      verdict = await judged({
        method: request.method ?? "",
        path: pathOf(request),
        header: (name) => {
          const said = Object.hasOwn(request.headers, name) ? request.headers[name] : undefined;
          return typeof said === "string" ? said : undefined;
        },
        asked: request,
        context: [],
      });
    } catch (error) {
      next(error);
      return;
    }
    if (verdict.refused === undefined) {
      request.rolewright = verdict;
      next();
      return;
    }
    const { status, headers, body } = verdict.refused;
    response.statusCode = status;
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    response.end(request.method === "HEAD" ? "" : JSON.stringify(body));
  };
}

/** What proxies write before a path: routers pass over it. */
const ORIGIN = /^https?:\/\/[\w.:[\]-]+(?=[/?]|$)/i;

/** The path that routers match, with that of the router in which the gate stands. */
function pathOf({ url = "", baseUrl = "", originalUrl = "" }: NodeRequest): string {
  const path = url.replace(ORIGIN, "").split("?")[0] || "/";
  // Express says `/` where nothing is left.
  return baseUrl !== "" && path === "/" && originalUrl.replace(ORIGIN, "").split("?")[0] === baseUrl ? baseUrl : baseUrl + path;
}
