import type { Attributes, Value } from "../types.js";
import { invalid, isObject } from "./json.js";
import type { Json } from "./json.js";

/** The most properties that one entity has, as the model says: `build.mjs` puts it in. */
declare const MOST_SAID: number;

/** A subject, an action or a resource, as it was sent. */
export interface Said {
  readonly type?: string;
  readonly id?: string;
  readonly name?: string;
  readonly properties: Attributes;
}

/** An entity of which those are its texts; `undefined` where it is not said. */
export function entity(said: Json, what: string, texts: readonly ("type" | "id" | "name")[]): Said | undefined {
  const own = object(said[what], what);
  if (own === undefined) return undefined;
  const read = texts.map((text) => {
    const value = own[text] ?? undefined;
    if (value !== undefined && typeof value !== "string") throw invalid(`\`${what}.${text}\` is not as it must be: expected a string`);
    return [text, value];
  });
  return { ...Object.fromEntries(read), properties: properties(own["properties"], `${what}.properties`) };
}

/** An object, or `undefined` where it is not said or `null`. */
export function object(value: unknown, what: string): Json | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw invalid(`\`${what}\` is not as it must be: expected an object`);
  return value;
}

/** What must be there. */
export function needed<T>(part: T | undefined, name: string): T {
  if (part === undefined) throw invalid(`\`${name}\` is missing: say it`);
  return part;
}

/** Properties as the attributes that conditions read: what no attribute can be, such as `null` or a list of lists, is missing. */
export function properties(said: unknown, what: string): Attributes {
  const found = new Map<string, Value>();
  const put = (name: string, value: Value) => {
    if (found.size >= MOST_SAID) throw invalid(`an entity has ${MOST_SAID} properties at most`);
    if (found.has(name)) throw invalid(`the property \`${name}\` stands here twice`);
    found.set(name, value);
  };
  const walk = (name: string, value: unknown) => {
    if (isObject(value)) {
      for (const [key, item] of Object.entries(value)) walk(name === "" ? key : `${name}.${key}`, item);
    } else if (Array.isArray(value)) {
      // All of them: what is no number is an error wherever it stands.
      if (value.map(isValue).every(Boolean)) put(name, value as Value);
    } else if (isValue(value)) {
      put(name, value);
    }
  };
  walk("", object(said, what) ?? {});
  return Object.fromEntries(found);
}

function isValue(value: unknown): value is string | number | boolean {
  if (typeof value === "number" && !Number.isFinite(value)) throw invalid("a number is out of range");
  return ["string", "number", "boolean"].includes(typeof value);
}
