import { pathOf } from "./gate/path.js";
import { judge } from "./gate/verdict.js";
import type { Checker, GateOptions, Passed } from "./gate/verdict.js";
import type { Routes } from "./gate/routes.js";

export { KNOWN, PUBLIC } from "./gate/routes.js";
export type { Need, OperationNeed, PermissionNeed, Routes } from "./gate/routes.js";
export type { Missing, Problem } from "./gate/problem.js";
export type { Checker, Chosen, GateOptions, Passed, PassedAnybody, PassedSubject } from "./gate/verdict.js";

/** A request that is not let through, with what to answer. */
export interface Refused {
  /** 400, 401, 403, 404, 405 or 503, with an RFC 9457 body. */
  readonly refused: Response;
  readonly rw?: undefined;
  readonly subject?: undefined;
  readonly route?: undefined;
  readonly variables?: undefined;
}

/**
 * A gate in front of a product's routes, for whatever has `Request` and `Response`: a request that no route names is refused.
 * What follows the request, as a worker's `env`, is handed on to the options' functions.
 *
 * @throws TypeError where a route or an option is not what it should be, or a route can never be reached
 */
export function gate<Context extends unknown[] = []>(
  rw: Checker<Request, Context>,
  routes: Routes,
  options: GateOptions<Request, Context> = {},
): (request: Request, ...context: Context) => Promise<Passed | Refused> {
  const judged = judge(rw, routes, options);
  return async (request, ...context) => {
    const verdict = await judged({
      method: request.method,
      path: pathOf(request.url),
      header: (name) => request.headers.get(name) ?? undefined,
      asked: request,
      context,
    });
    if (verdict.refused === undefined) return verdict;
    const { status, headers, body } = verdict.refused;
    return { refused: new Response(JSON.stringify(body), { status, headers }) };
  };
}
