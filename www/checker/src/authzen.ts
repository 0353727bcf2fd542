import { Wrong, bodyOf, invalid, isObject } from "./authzen/json.js";
import type { Json } from "./authzen/json.js";
import { decisionOf, failed } from "./authzen/decision.js";
import type { Decision } from "./authzen/decision.js";
import { entity, needed, object, properties } from "./authzen/entity.js";
import type { Said } from "./authzen/entity.js";
import { pathOf } from "./gate/path.js";
import type { Checker } from "./gate/verdict.js";
import type { Rolewright } from "./rolewright.js";
import type { Subject } from "./subject.js";
import type { Attributes } from "./types.js";
import { isUnavailable, ours, unavailable } from "./unavailable.js";

export type { Checker } from "./gate/verdict.js";

/** A subject as it was sent. */
export interface AuthzenSubject {
  readonly type: string;
  readonly id: string;
  readonly properties: Attributes;
}

/** How a decision point answers. */
export interface AuthzenOptions<Context extends unknown[] = []> {
  /** Its identifier: `https://edge.example.com`, or with a path below which its paths stand. `Host` is never read. */
  readonly url: string;
  /**
   * Whether whoever sends a request may ask what others may do; `undefined` is somebody who is not known. Where this is not said
   * nobody may.
   */
  readonly authorize?: (request: Request, ...context: Context) => boolean | undefined | Promise<boolean | undefined>;
  /**
   * Whether those who may ask may also learn who is known here. Unless this is said, a person who is not known or not active is
   * answered about as one who holds nothing.
   */
  readonly people?: boolean;
  /**
   * Who a subject is: a user's id, or what a pass opens to; of a pass that does not, nobody. Where it is not said: of type `user` the
   * user of that id, for which a full snapshot is needed.
   */
  readonly subject?: (
    subject: AuthzenSubject,
    request: Request,
    rw: Rolewright,
    ...context: Context
  ) => Subject | string | undefined | Promise<Subject | string | undefined>;
}

/** The most evaluations of one request, as the server says: `build.mjs` puts it in. */
declare const MOST_EVALUATIONS: number;
const SEMANTICS = ["execute_all", "deny_on_first_deny", "permit_on_first_permit"];

/** What stands beside a batch, and what each of its evaluations says. */
interface Evaluation {
  readonly subject: Said | undefined;
  readonly action: Said | undefined;
  readonly resource: Said | undefined;
  readonly context: Attributes | undefined;
}

/**
 * A decision point of the AuthZEN Authorization API 1.0: `POST access/v1/evaluation` and `access/v1/evaluations` below its identifier,
 * and its metadata. It answers what the server answers, but for searches and emails, which a snapshot has not. A request to any
 * other path is answered `undefined`: it is not for this.
 *
 * @throws TypeError where `url` is none
 */
export function authzen<Context extends unknown[] = []>(
  checker: Checker<Request, Context>,
  options: AuthzenOptions<Context>,
): (request: Request, ...context: Context) => Promise<Response | undefined> {
  const point = new URL(options.url);
  const path = point.pathname.replace(/\/+$/, "");
  const identifier = point.origin + path;

  const authorized = async (request: Request, context: Context) => {
    const may = await options.authorize?.(request, ...context);
    if (may === undefined) throw new Wrong(401, "say who asks", { "www-authenticate": "Bearer" });
    if (may !== true) throw new Wrong(403, "you may not ask what others may do");
  };

  const current = async (request: Request, context: Context): Promise<Rolewright> => {
    try {
      const rw = typeof checker === "function" ? await checker(request, ...context) : checker;
      await rw.fresh();
      // As a fault of whoever set it up, it is the host's to report.
      if (rw.kind === "policy" && options.subject === undefined) {
        throw new TypeError('a policy snapshot has no people: say `subject`, or connect with `kind: "full"`');
      }
      return rw;
    } catch (thrown) {
      throw away(unavailable(ours(thrown)).detail);
    }
  };

  /** Who a subject is; nobody where what it shows is not to be taken. */
  const identify = async (who: AuthzenSubject, request: Request, rw: Rolewright, context: Context): Promise<Subject | string | undefined> => {
    if (options.subject === undefined) return who.type === "user" ? who.id : undefined;
    try {
      return (await options.subject(who, request, rw, ...context)) ?? undefined;
    } catch (thrown) {
      const error = ours(thrown);
      if (isUnavailable(error)) throw away(unavailable(error).detail);
      return undefined;
    }
  };

  /** One evaluation, complete. */
  const decide = async (rw: Rolewright, asked: Evaluation, request: Request, context: Context): Promise<Decision> => {
    const [subject, action, resource] = [needed(asked.subject, "subject"), needed(asked.action, "action"), needed(asked.resource, "resource")];
    const who = { type: needed(subject.type, "subject.type"), id: needed(subject.id, "subject.id"), properties: subject.properties };
    const name = needed(action.name, "action.name");
    const on = { type: needed(resource.type, "resource.type"), id: needed(resource.id, "resource.id") };
    const { reason } = rw.evaluate({
      subject: await identify(who, request, rw, context),
      action: name,
      resource: on,
      attributes: { action: action.properties, resource: resource.properties, context: asked.context ?? {} },
      discreet: options.people !== true,
    });
    if (reason === "stale") throw away("the state is stale");
    return decisionOf(reason);
  };

  const answers: Readonly<Record<string, (body: Json, rw: Rolewright, request: Request, context: Context) => Promise<unknown>>> = {
    evaluation: (body, rw, request, context) => decide(rw, evaluationOf(body), request, context),

    async evaluations(body, rw, request, context) {
      const beside = evaluationOf(body);
      const items = body["evaluations"] ?? [];
      if (!Array.isArray(items)) throw invalid("`evaluations` is not as it must be: expected a list");
      if (items.length > MOST_EVALUATIONS) throw invalid(`${MOST_EVALUATIONS} evaluations at most are asked at once: ask in parts`);
      const { evaluations_semantic: semantic = "execute_all" } = object(body["options"], "options") ?? {};
      if (!SEMANTICS.includes(semantic as string)) throw invalid(`\`evaluations_semantic\` is one of ${SEMANTICS.join(", ")}`);
      if (items.length === 0) return decide(rw, beside, request, context);
      const evaluations: Decision[] = [];
      for (const item of items) {
        const one = await decideOne(item, beside, (asked) => decide(rw, asked, request, context));
        evaluations.push(one);
        if (semantic === (one.decision ? "permit_on_first_permit" : "deny_on_first_deny")) break;
      }
      return { evaluations };
    },
  };

  return async (request, ...context) => {
    const pathname = pathOf(request.url);
    const isMetadata = pathname === `/.well-known/authzen-configuration${path}`;
    const at = `${path}/access/v1/`;
    const name = pathname.startsWith(at) ? pathname.slice(at.length) : "";
    const answer = Object.hasOwn(answers, name) ? answers[name] : undefined;
    if (answer === undefined && !isMetadata) return undefined;
    const id = request.headers.get("x-request-id");
    const named: Record<string, string> = { "x-content-type-options": "nosniff", ...(id === null ? {} : { "x-request-id": id }) };
    try {
      const methods = answer === undefined ? ["GET", "HEAD"] : ["POST"];
      if (!methods.includes(request.method)) throw new Wrong(405, `this path takes ${methods.join(", ")}`, { allow: methods.join(", ") });
      if (answer === undefined) return Response.json(metadata(identifier), { headers: { ...named, "cache-control": "public, max-age=3600" } });
      await authorized(request, context);
      const body = await bodyOf(request);
      const rw = await current(request, context);
      return Response.json(await answer(body, rw, request, context), { headers: { ...named, "cache-control": "no-store" } });
    } catch (thrown) {
      if (!(thrown instanceof Wrong)) throw thrown;
      const headers = { ...named, "content-type": "text/plain; charset=utf-8", "cache-control": "no-store", ...thrown.headers };
      return new Response(thrown.message, { status: thrown.status, headers });
    }
  };
}

const away = (detail: string): Wrong => new Wrong(503, detail, { "retry-after": "1" });

const metadata = (point: string): object => ({
  policy_decision_point: point,
  access_evaluation_endpoint: `${point}/access/v1/evaluation`,
  access_evaluations_endpoint: `${point}/access/v1/evaluations`,
});

function evaluationOf(said: Json): Evaluation {
  return {
    subject: entity(said, "subject", ["type", "id"]),
    action: entity(said, "action", ["name"]),
    resource: entity(said, "resource", ["type", "id"]),
    context: said["context"] === undefined || said["context"] === null ? undefined : properties(said["context"], "context"),
  };
}

/** One of a batch: an entity that it names takes the whole place of the one beside, but for a type, an id or a name that it leaves out. */
async function decideOne(item: unknown, beside: Evaluation, decide: (asked: Evaluation) => Promise<Decision>): Promise<Decision> {
  try {
    if (!isObject(item)) throw invalid("the evaluation is not as it must be: expected an object");
    const own = evaluationOf(item);
    const both = (which: "subject" | "action" | "resource") => {
      const [said, other] = [own[which], beside[which]];
      return said === undefined ? other : { ...other, ...filled(said), properties: said.properties };
    };
    return await decide({ subject: both("subject"), action: both("action"), resource: both("resource"), context: own.context ?? beside.context });
  } catch (thrown) {
    if (thrown instanceof Wrong && thrown.status < 500) return failed(thrown);
    throw thrown;
  }
}

/** Without what is not said. */
const filled = (said: Said): Partial<Said> => Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
