/** One segment of a path, as it came and decoded exactly once. */
export interface Segment {
  readonly raw: string;
  readonly text: string;
}

/** An address of whose path every parser says the same: nothing in it is encoded, and no segment can be `.` or `..`. */
const PLAIN = /^https?:\/\/[a-z0-9.:[\]-]+(\/[\w~!$&'()*+,;=:@/-]*)(?:\?[^#]*)?$/;

/** The path of a request's address, as a URL's parser has it: which it is asked for only where that may be another. */
export function pathOf(url: string): string {
  return PLAIN.exec(url)?.[1] ?? new URL(url).pathname;
}

/** What a path is, and so no segment of it that is not encoded has any of `PARTS`: nothing that a URL's parser leaves as it is but these. */
const PATH = /^\/[!$-;=@-Z[\]^_a-z|~]*$/;
/** What a segment cannot be decoded to: what parts segments, and what no text has. */
const PARTS = /[/\\\u0000-\u001f\u007f]/;

/**
 * The segments of a path, or `undefined` where it is not one that everybody reads alike: where its encoding is broken, a segment
 * decodes to a separator or a control character, or is `.` or `..`. `/` has none; empty ones, as in `//` or at the end, are kept.
 */
export function segments(path: string): readonly Segment[] | undefined {
  if (!PATH.test(path)) return undefined;
  if (path === "/") return [];
  const read: Segment[] = [];
  for (const raw of path.slice(1).split("/")) {
    let text = raw;
    if (raw.includes("%")) {
      try {
        text = decodeURIComponent(raw);
      } catch {
        return undefined;
      }
      if (PARTS.test(text)) return undefined;
    }
    if (text === "." || text === "..") return undefined;
    read.push({ raw, text });
  }
  return read;
}
