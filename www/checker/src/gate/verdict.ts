import type { Rolewright } from "../rolewright.js";
import type { Subject } from "../subject.js";
import type { OperationDecision, Reason, RequestAttributes } from "../types.js";
import { own } from "../own.js";
import { isTime } from "../time.js";
import { isUnavailable, ours, unavailable } from "../unavailable.js";
import { refusal, told } from "./problem.js";
import type { Missing, Refusal } from "./problem.js";
import { Table } from "./routes.js";
import type { Route, Routes } from "./routes.js";

/** The checker, or what makes it with the first request: a worker does no I/O before. It is asked for with each request. */
export type Checker<Asked, Context extends unknown[]> =
  | Rolewright
  | ((asked: Asked, ...context: Context) => Rolewright | Promise<Rolewright>);

/** What an option answers, now or later, where there is something to say. */
type Maybe<Answer> = Answer | null | undefined | Promise<Answer | null | undefined>;

/** A route that was found. */
export interface Chosen {
  /** As the table says it: `GET /reports/:report`. */
  readonly route: string;
  /** Its variables, each decoded exactly once. */
  readonly variables: Readonly<Record<string, string>>;
}

/** How a gate differs from what it does unless told otherwise. `Asked` is what the framework calls a request. */
export interface GateOptions<Asked, Context extends unknown[] = []> {
  /** Whom a refused person asks for access; told with every 403. */
  readonly contact?: string | ((missing: Missing, asked: Asked, ...context: Context) => Maybe<string>);
  /**
   * Who asks. Where it is not said: what the pass in `Authorization: Bearer PASS` says, and nothing else. An app with sessions of
   * its own and the full snapshot answers a user's id; what is neither that nor a subject is nobody.
   */
  readonly subject?: (
    asked: Asked,
    rw: Rolewright,
    ...context: Context
  ) => Maybe<Subject | string>;
  /** What conditions read of the request. What was not verified does not belong here. */
  readonly attributes?: (asked: Asked, chosen: Chosen, ...context: Context) => Maybe<RequestAttributes>;
  /**
   * What becomes of a request whose path no route names: it is refused where this is not said. With `pass` it goes on without a
   * subject, unless a router that is less strict would take it for a route of the table.
   */
  readonly unlisted?: "refuse" | "pass";
  /** The realm of `WWW-Authenticate`; `rolewright` where it is not said. */
  readonly realm?: string;
  /**
   * How long to wait, in whole milliseconds, for the revision that a request's header `rolewright-revision` names, so that who made a
   * change sees it; then it is 503. A header that names none is a 400. Where this is not said the header is not read.
   */
  readonly wait?: number;
}

/** A request that may go on: by a need that is met, or because nothing is needed. */
export type Passed = PassedSubject | PassedAnybody;

/** A request of somebody who is known. */
export interface PassedSubject extends Chosen {
  readonly refused?: undefined;
  /** The checker. */
  readonly rw: Rolewright;
  /** Who asks. */
  readonly subject: Subject | string;
}

/** A request to a route that is public, or to a path that no route names. */
export interface PassedAnybody {
  readonly refused?: undefined;
  readonly rw: undefined;
  readonly subject: undefined;
  /** The route as the table says it; `undefined` where none names the path. */
  readonly route: string | undefined;
  /** The route's variables, each decoded exactly once. */
  readonly variables: Readonly<Record<string, string>>;
}

/** What a gate reads of a request. */
export interface Asking<Asked, Context extends unknown[]> {
  readonly method: string;
  /** The path as it came, neither decoded nor with its query. */
  readonly path: string;
  readonly header: (name: string) => string | undefined;
  readonly asked: Asked;
  readonly context: Context;
}

/** Judges requests by a table of routes. */
export type Judge<Asked, Context extends unknown[]> = (asking: Asking<Asked, Context>) => Promise<Passed | { readonly refused: Refusal }>;

/** What a gate's option must be, and whether it is. */
type Rule = readonly [what: string, is: (said: unknown) => boolean];

const isFunction = (said: unknown): boolean => typeof said === "function";
const isText = (said: unknown): boolean => typeof said === "string" && said !== "";

/** What may be said of a gate. */
const OPTIONS: Readonly<Record<keyof GateOptions<unknown>, Rule>> = {
  contact: ["a text or a function", (said) => isText(said) || isFunction(said)],
  subject: ["a function", isFunction],
  attributes: ["a function", isFunction],
  unlisted: ["`refuse` or `pass`", (said) => said === "refuse" || said === "pass"],
  // It stands in quotes in a header.
  realm: ["a text without quotes, of printable ASCII", (said) => isText(said) && /^[ !#-[\]-~]+$/.test(said as string)],
  wait: ["a time in whole milliseconds", isTime],
};

/** @throws TypeError where the routes or the options are not what they should be */
export function judge<Asked, Context extends unknown[]>(
  checker: Checker<Asked, Context>,
  routes: Routes,
  said: GateOptions<Asked, Context>,
): Judge<Asked, Context> {
  const table = new Table(routes);
  const options = own(said);
  for (const [name, value] of Object.entries(options)) {
    const rule = Object.hasOwn(OPTIONS, name) ? OPTIONS[name as keyof typeof OPTIONS] : undefined;
    if (rule === undefined) throw new TypeError(`a gate has no option \`${name}\`: it takes ${Object.keys(OPTIONS).join(", ")}`);
    const [what, is] = rule;
    if (value !== undefined && !is(value)) throw new TypeError(`a gate's \`${name}\` is ${what}`);
  }
  if (!isFunction(checker) && (typeof checker !== "object" || checker === null)) {
    throw new TypeError("a gate needs the checker, or a function that makes it");
  }
  const { realm = "rolewright", unlisted = "refuse", wait } = options;

  const unauthenticated = (detail: string, code?: string): Refusal => {
    const challenge = `Bearer realm="${realm}"${code === undefined ? "" : ', error="invalid_token"'}`;
    return refusal(401, code ?? "unauthenticated", "Not signed in", detail, {}, { "www-authenticate": challenge });
  };

  /** Who asks, or why that is not known. */
  const identify = async ({ header, asked, context }: Asking<Asked, Context>): Promise<[Rolewright, Subject | string] | Refusal> => {
    const pass = options.subject === undefined ? bearer(header("authorization")) : "";
    if (pass === undefined) return unauthenticated("send your pass as `Authorization: Bearer PASS`");
    let rw: Rolewright | undefined;
    try {
      rw = typeof checker === "function" ? await checker(asked, ...context) : checker;
      const named = wait === undefined ? undefined : header("rolewright-revision");
      const subject = options.subject === undefined ? await rw.open(pass) : await options.subject(asked, rw, ...context);
      if (options.subject !== undefined) await rw.fresh();
      if (!isSomebody(subject)) return unauthenticated("sign in first");
      // As a fault of whoever set it up, it is the host's to report.
      if (rw.kind === "policy" && typeof subject === "string") {
        throw new TypeError('a policy snapshot has no people: have `subject` open a pass, or connect with `kind: "full"`');
      }
      if (named !== undefined) await rw.atLeast(named, { timeout: wait as number });
      return [rw, subject];
    } catch (thrown) {
      const error = ours(thrown);
      if (rw === undefined || isUnavailable(error)) return away(error);
      return error.code === "misuse" ? refusal(400, "malformed", "Bad request", error.message) : unauthenticated(error.message, error.code);
    }
  };

  const forbidden = async (missing: readonly (readonly Missing[])[], more: object, { asked, context }: Asking<Asked, Context>): Promise<Refusal> => {
    const [first] = missing.flat();
    const contact = (typeof options.contact === "function" ? first && (await options.contact(first, asked, ...context)) : options.contact) ?? undefined;
    if (contact !== undefined && typeof contact !== "string") throw new TypeError("`contact` has answered no text");
    const needed = missing.map((legs) => legs.map(told).join(" and ")).join(", or ");
    const detail = needed === "" ? "you may not do this." : `you need ${needed}.`;
    const whom = contact === undefined ? {} : { contact };
    const ask = contact === undefined ? "" : ` Ask ${contact} for access.`;
    return refusal(403, "forbidden", "Not allowed", detail + ask, { ...first, ...more, ...whom });
  };

  /** Why a subject may not; `undefined` where it may. */
  const decide = async (
    rw: Rolewright,
    subject: Subject | string,
    route: Route,
    chosen: Chosen,
    asking: Asking<Asked, Context>,
  ): Promise<Refusal | undefined> => {
    const { needs } = route;
    if (needs.kind === "open") {
      // Every catalogue has this one: who is known and active holds it, or is refused for no other reason.
      const { allowed, reason } = rw.decide({ subject, permission: "users.view" as never });
      if (allowed || reason === "not_granted") return undefined;
      return ofState(reason) ?? forbidden([], { reason }, asking);
    }
    const attributes = (await options.attributes?.(asking.asked, chosen, ...asking.context)) ?? undefined;
    const said = attributes === undefined ? {} : { attributes };
    if (needs.kind === "permission") {
      const { permission, level } = needs;
      const resource = needs.resource(chosen.variables);
      if (level === undefined && attributes === undefined && rw.can(subject, permission, resource)) return undefined;
      const { allowed, reason } = rw.decide({ subject, permission, resource, ...(level === undefined ? {} : { asked: level as never }), ...said });
      if (allowed) return undefined;
      const missing = { permission, ...(resource === "/" ? {} : { resource }), ...(level === undefined ? {} : { level }) };
      return ofState(reason) ?? forbidden([[missing]], { reason }, asking);
    }
    const { operation } = needs;
    const resources = Object.fromEntries(needs.resources.map(([name, resource]) => [name, resource(chosen.variables)]));
    const decision = rw.check({ subject, operation, resources: resources as never, ...said });
    if (decision.allowed) return undefined;
    const missing = missingOf(decision);
    return ofState(decision.reason) ?? forbidden(missing, { operation, missing, reason: decision.reason }, asking);
  };

  const ofState = (reason: Reason | undefined): Refusal | undefined => {
    if (reason === "stale") return away({ code: reason, message: "the state is stale", since: undefined });
    return reason === "pass_expired" ? unauthenticated("the pass has expired, or its key was withdrawn", "expired") : undefined;
  };

  return async (asking) => {
    const found = table.find(asking.method, asking.path);
    if (found === "malformed") return { refused: refusal(400, "malformed", "Bad request", "the path is not properly encoded") };
    if (found === "unlisted" && unlisted === "pass") return { rw: undefined, subject: undefined, route: undefined, variables: {} };
    if (found === "unlisted" || found === "mistakable") return { refused: refusal(404, "not_found", "Not found", "there is no such page") };
    if (found.route === undefined) {
      const allow = found.methods.join(", ");
      return { refused: refusal(405, "method_not_allowed", "Method not allowed", `this page takes ${allow}`, {}, { allow }) };
    }
    const { route, variables } = found;
    const chosen = { route: route.name, variables };
    if (route.needs.kind === "open" && route.needs.open === "everybody") return { rw: undefined, subject: undefined, ...chosen };
    const who = await identify(asking);
    if (!Array.isArray(who)) return { refused: who };
    const [rw, subject] = who;
    const refused = await decide(rw, subject, route, chosen, asking);
    return refused === undefined ? { rw, subject, ...chosen } : { refused };
  };
}

/** Whether it is a user's id, or a subject: which of those are known, the checker says. */
function isSomebody(subject: unknown): subject is Subject | string {
  return typeof subject === "string" ? subject !== "" : typeof subject === "object" && subject !== null;
}

/** The pass of `Authorization: Bearer PASS`. */
function bearer(header: string | undefined): string | undefined {
  return /^Bearer +(\S+)$/i.exec(header ?? "")?.[1];
}

function away(error: Parameters<typeof unavailable>[0]): Refusal {
  const { code, detail, ...when } = unavailable(error);
  return refusal(503, code, "Access cannot be checked", detail, when, { "retry-after": "1" });
}

/** What is missing of each alternative. */
function missingOf({ alternatives }: OperationDecision): readonly (readonly Missing[])[] {
  return alternatives.map(({ legs }) =>
    legs
      .filter(({ allowed }) => !allowed)
      .map(({ permission, asked, resource }) => ({ permission, level: asked, ...(resource === "/" || resource === "" ? {} : { resource }) })),
  );
}
