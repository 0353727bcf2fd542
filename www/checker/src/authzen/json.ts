/** What was sent is not as it must be. */
export class Wrong extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

/** The largest body that is read, in bytes. */
const LARGEST = 2 * 1024 * 1024;
/** The deepest that lists and objects nest. */
const DEEPEST = 127;
/** What opens and closes, and every text: with a colon behind it, it is a name. */
const TOKEN = /"([^"\\]*(?:\\.[^"\\]*)*)"(\s*:)?|[[\]{}]/gs;

export type Json = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);

export const invalid = (message: string): Wrong => new Wrong(400, message);

/** The object that a request's body is: JSON that every reader takes alike. */
export async function bodyOf(request: Request): Promise<Json> {
  const [media = ""] = (request.headers.get("content-type") ?? "").split(";");
  if (media.trim().toLowerCase() !== "application/json") throw invalid("the body must be JSON: send `Content-Type: application/json`");
  const bytes = await read(request);
  if (bytes.length === 0) throw invalid("the body is empty: send an object in JSON");
  let value: unknown;
  let isPlain = false;
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    value = JSON.parse(text);
    isPlain = isReadAlike(text);
  } catch {
    throw invalid("the body is not JSON");
  }
  if (!isPlain) throw invalid("the body names something twice in one object, or nests too deep");
  if (!isObject(value)) throw invalid("the body is not as it must be: expected an object");
  return value;
}

async function read(request: Request): Promise<Uint8Array> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  const reader = request.body?.getReader();
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    if (done || value === undefined) return new Uint8Array(await new Blob(chunks).arrayBuffer());
    length += value.length;
    if (length > LARGEST) {
      await reader?.cancel();
      throw new Wrong(413, "the body is larger than 2 MB: send less at once");
    }
    chunks.push(value as Uint8Array<ArrayBuffer>);
  }
}

/** Whether no object has a name twice, of which readers take one or the other, and nothing nests deeper than some can read. */
function isReadAlike(text: string): boolean {
  /** The names of each object that is open; of a list none. */
  const open: (Set<string> | undefined)[] = [];
  for (const [token, written = "", colon] of text.matchAll(TOKEN)) {
    if (token === "{" || token === "[") {
      open.push(token === "{" ? new Set() : undefined);
      if (open.length > DEEPEST) return false;
    } else if (token === "}" || token === "]") {
      open.pop();
    } else if (colon !== undefined) {
      const name = written.includes("\\") ? (JSON.parse(`"${written}"`) as string) : written;
      const names = open.at(-1);
      if (names?.has(name)) return false;
      names?.add(name);
    }
  }
  return true;
}
