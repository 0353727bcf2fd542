import type { LevelId, OperationId, OperationResources, PermissionId } from "../catalogue.js";
import { own } from "../own.js";
import { segments } from "./path.js";
import type { Segment } from "./path.js";

/** What a route needs: a permission on a resource. */
export type PermissionNeed<P extends PermissionId = PermissionId> = P extends PermissionId
  ? {
      readonly permission: P;
      /** The resource, with the route's variables: `servers/:server/tasks/:task`. The whole tenant where it is not said. */
      readonly resource?: string;
      /** The level; the scale's `can` level where it is not said. */
      readonly level?: LevelId<P>;
    }
  : never;

/** What a route needs: an operation on its resources. */
export type OperationNeed<O extends OperationId = OperationId> = O extends OperationId
  ? {
      readonly operation: O;
      /** The operation's resources by name, with the route's variables. */
      readonly resources?: { readonly [Name in keyof OperationResources<O>]?: string };
    }
  : never;

/** What a route is open to: everybody, also who is not known. */
export const PUBLIC = { open: "everybody" } as const;
/** What a route is open to: everybody who is known and active, whatever they hold. */
export const KNOWN = { open: "known" } as const;

/** What a route needs. A text is a permission on the whole tenant. */
export type Need = PermissionId | PermissionNeed | OperationNeed | typeof PUBLIC | typeof KNOWN;

/**
 * A product's routes by `METHOD /path`, in the order in which they are tried: the first that fits counts. A segment `:name` is a
 * variable; `*` at the end is everything below, one segment at least. All else is literal. `GET` takes `HEAD` too.
 *
 * Routers differ in whether `/files/*` is `/files` and `/files/` too: to these nobody comes by it, nor by a route after it. Where
 * there is such a page its route stands before: `GET /files`, then `GET /files/*`.
 */
export type Routes = Readonly<Record<`${string} /${string}`, Need>>;

/** What a route needs, settled. */
export type Settled =
  | { readonly kind: "open"; readonly open: "everybody" | "known" }
  | { readonly kind: "permission"; readonly permission: PermissionId; readonly resource: Template; readonly level: string | undefined }
  | { readonly kind: "operation"; readonly operation: OperationId; readonly resources: readonly (readonly [string, Template])[] };

/** A resource, with the variables filled in. */
type Template = (variables: Readonly<Record<string, string>>) => string;

/** One line of the table. */
export interface Route {
  /** As the table says it: `GET /reports/:report`. */
  readonly name: string;
  readonly method: string;
  /** Its place in the table. */
  readonly order: number;
  readonly needs: Settled;
  readonly parts: readonly string[];
}

/** What the table says of a request. */
export type Found =
  | { readonly route: Route; readonly variables: Readonly<Record<string, string>> }
  /** The path cannot be read: it is refused, whoever asks. */
  | "malformed"
  /** No route names the path, and none would by a router that is less strict. */
  | "unlisted"
  /** A router that is less strict would take it for a route that it is not. */
  | "mistakable"
  /** Routes name the path with these methods alone. */
  | { readonly route: undefined; readonly methods: readonly string[] };

const KEY = /^([A-Z]+) (\/\S*)$/;
const VARIABLE = /^:[A-Za-z_][A-Za-z0-9_]*$/;
const LITERAL = /^[A-Za-z0-9\-._~!$&'()+,;=@][A-Za-z0-9\-._~!$&'()+,;=:@]*$/;

/** A product's routes, read once. */
export class Table {
  readonly #root = new Branch();

  /** @throws TypeError where a route is not what it should be, or can never be reached */
  constructor(routes: Routes) {
    const read: Route[] = [];
    if (typeof routes !== "object" || routes === null || Symbol.iterator in routes) {
      throw new TypeError("the routes are no plain object: say each as `METHOD /path`, with what it needs");
    }
    for (const [name, need] of Object.entries(routes)) {
      const route = readRoute(name, need, read.length);
      const covering = read.find((earlier) => covers(earlier, route));
      if (covering) throw new TypeError(`the route \`${name}\` is never reached: \`${covering.name}\` stands before it and takes all`);
      read.push(route);
      this.#root.add(route, 0);
    }
  }

  /** The first route that fits. What a less strict router would take for another one fits none. */
  find(method: string, path: string): Found {
    const read = segments(path);
    if (read === undefined) return "malformed";
    // As a router finds them that decodes first, knows no capitals, and passes over slashes: those that fit are among them.
    const loose: Route[] = [];
    this.#root.find(read.filter(({ text }) => text !== ""), 0, loose);
    if (loose.length > 1) loose.sort((a, b) => a.order - b.order);
    const asked = method === "HEAD" && !loose.some((route) => route.method === "HEAD") ? "GET" : method;
    const strict: Route[] = [];
    let [taken, route]: (Route | undefined)[] = [];
    for (const known of loose) {
      const isAsked = known.method === asked;
      if (isAsked) taken ??= known;
      if (!fits(known.parts, read)) continue;
      strict.push(known);
      if (isAsked) route ??= known;
    }
    if (route !== taken || (strict.length === 0 && loose.length > 0)) return "mistakable";
    if (route !== undefined) return { route, variables: variables(route.parts, read) };
    if (strict.length === 0) return "unlisted";
    const methods = strict.flatMap(({ method }) => (method === "GET" ? ["GET", "HEAD"] : [method]));
    return { route: undefined, methods: [...new Set(methods)] };
  }
}

/** Where routes part, segment by segment, in small letters. */
class Branch {
  readonly #literals = new Map<string, Branch>();
  #variable: Branch | undefined;
  /** Routes that end here. */
  readonly #here: Route[] = [];
  /** Routes that take whatever follows, to some routers also where nothing does. */
  readonly #rest: Route[] = [];

  add(route: Route, depth: number): void {
    const part = route.parts[depth];
    if (part === undefined) this.#here.push(route);
    else if (part === "*") this.#rest.push(route);
    else if (isVariable(part)) (this.#variable ??= new Branch()).add(route, depth + 1);
    else {
      const literal = part.toLowerCase();
      const branch = this.#literals.get(literal) ?? new Branch();
      this.#literals.set(literal, branch);
      branch.add(route, depth + 1);
    }
  }

  find(segments: readonly Segment[], depth: number, found: Route[]): void {
    const segment = segments[depth];
    found.push(...this.#rest);
    if (segment === undefined) {
      found.push(...this.#here);
      return;
    }
    this.#literals.get(segment.text.toLowerCase())?.find(segments, depth + 1, found);
    this.#variable?.find(segments, depth + 1, found);
  }
}

const isVariable = (part: string): boolean => part.startsWith(":");

/** Whether a route takes a path as it came. */
function fits(parts: readonly string[], segments: readonly Segment[]): boolean {
  const isRest = parts.at(-1) === "*";
  const fixed = isRest ? parts.length - 1 : parts.length;
  if (isRest ? segments.length <= fixed : segments.length !== fixed) return false;
  return segments.every(({ raw, text }, at) => {
    const part = at < fixed ? (parts[at] as string) : ":";
    return part === raw || (isVariable(part) && text !== "");
  });
}

function variables(parts: readonly string[], segments: readonly Segment[]): Readonly<Record<string, string>> {
  const found: [string, string][] = [];
  parts.forEach((part, at) => {
    if (part === "*") found.push(["*", segments.slice(at).map(({ text }) => text).join("/")]);
    else if (isVariable(part)) found.push([part.slice(1), (segments[at] as Segment).text]);
  });
  return Object.fromEntries(found);
}

/** Whether a route takes, or may be taken for, whatever a later one takes. */
function covers(earlier: Route, later: Route): boolean {
  if (earlier.method !== later.method) return false;
  const [theirs, ours] = [earlier.parts, later.parts];
  const isRest = theirs.at(-1) === "*";
  if (isRest ? ours.length < theirs.length - 1 : ours.length !== theirs.length || ours.at(-1) === "*") return false;
  return theirs.every((part, at) => {
    const other = ours[at] as string;
    return part === "*" || part.toLowerCase() === other.toLowerCase() || (isVariable(part) && other !== "*");
  });
}

function readRoute(name: string, need: Need, order: number): Route {
  const [, method, path] = KEY.exec(name) ?? [];
  const wrong = (what: string) => new TypeError(`the route \`${name}\` ${what}`);
  if (method === undefined || path === undefined) throw wrong("is not `METHOD /path`");
  const parts = path === "/" ? [] : path.slice(1).split("/");
  const names = parts.filter(isVariable).map((part) => part.slice(1));
  parts.forEach((part, at) => {
    if (part === "*" ? at !== parts.length - 1 : !VARIABLE.test(part) && (!LITERAL.test(part) || /^\.\.?$/.test(part))) {
      throw wrong(`has the segment \`${part}\`: write a literal, \`:name\`, or \`*\` at the end`);
    }
  });
  if (new Set(names).size < names.length) throw wrong("names a variable twice");
  const template = (text: string): Template => {
    if (typeof text !== "string") throw wrong("names a resource that is no text");
    if (text !== "/" && text.split("/").includes("")) throw wrong(`names the resource \`${text}\`: a path has no slash at its ends`);
    if (/[^/]:[A-Za-z_]/.test(text)) throw wrong(`names the resource \`${text}\`: a variable is a whole segment, \`:name\``);
    const pieces = text.split("/").map((piece) => (piece === "*" ? ":*" : piece));
    const unknown = pieces.find((piece) => isVariable(piece) && !parts.includes(piece === ":*" ? "*" : piece));
    if (unknown !== undefined) throw wrong(`has no variable \`${unknown.slice(1)}\` for the resource \`${text}\``);
    if (!pieces.some(isVariable)) return () => text;
    return (found) => pieces.map((piece) => (isVariable(piece) ? (found[piece.slice(1)] ?? "") : piece)).join("/");
  };
  return { name, method, order, parts, needs: settled(need, template, wrong) };
}

function settled(need: Need, template: (text: string) => Template, wrong: (what: string) => TypeError): Settled {
  const isNamed = (id: unknown): id is string => {
    if (id === "") throw wrong("names a permission or an operation by an empty text");
    return typeof id === "string";
  };
  if (isNamed(need)) return { kind: "permission", permission: need, resource: template("/"), level: undefined };
  // The types leave one of these; the table may come from where there are none.
  const said = own(need) as Partial<{ open: unknown; permission: unknown; resource: string; level: string; operation: unknown; resources: object }>;
  const saysOnly = (...names: string[]) => {
    const other = Object.keys(said).find((name) => !names.includes(name));
    if (other !== undefined) throw wrong(`says \`${other}\`, where it may say ${names.join(", ")}`);
  };
  if (said.open === "everybody" || said.open === "known") {
    saysOnly("open");
    return { kind: "open", open: said.open };
  }
  if (isNamed(said.permission) && said.operation === undefined) {
    saysOnly("permission", "resource", "level");
    return { kind: "permission", permission: said.permission as PermissionId, resource: template(said.resource ?? "/"), level: said.level };
  }
  if (isNamed(said.operation) && said.permission === undefined) {
    saysOnly("operation", "resources");
    if (typeof (said.resources ?? {}) !== "object") throw wrong("names `resources` that are no object: say each by its name");
    const resources = Object.entries(said.resources ?? {}).map(([name, text]) => [name, template(text as string)] as const);
    return { kind: "operation", operation: said.operation as OperationId, resources };
  }
  throw wrong("says neither a permission nor an operation");
}
