import type { Rolewright } from "./rolewright.js";

/** How long the first try to connect again waits, in milliseconds; each further one twice as long. */
const SHORTEST_PAUSE = 250;
const LONGEST_PAUSE = 10_000;
/** The server says something every 15 seconds: so long a silence is a connection that is no more. */
const SILENCE = 40_000;
/** What lasted so long was a connection: the next try is a first one. */
const LASTING = 10_000;

/** Where the stream of changes comes from. */
export interface FollowOptions {
  /** Where the server is, as `connect` was told. */
  readonly url: string;
  /** The API key that `connect` was given; without one the session's cookie goes along. Never in a browser. */
  readonly key?: string;
  /** Whether to send the browser's session cookie to another origin too, as `connect` was told. */
  readonly session?: boolean;
  /** In the place of the global `fetch`. */
  readonly fetch?: typeof fetch;
  /** Called with what ended the stream, whenever it did; where it is not said, the console is told. It is taken up again by itself. */
  readonly onError?: (error: unknown) => void;
}

/**
 * Has a connected checker follow its server by the stream of changes, so that an edit is enforced at once and not only when the
 * next question finds the state too old: for hosts that live on between requests, which edge workers do not. Answers how to stop;
 * until then, or until the checker is disposed of, it keeps a process alive.
 *
 * It only says when to ask: what is taken is verified as always, and while the stream is down the checker asks by itself.
 *
 * @throws TypeError where no `url` is said
 */
export function follow(rw: Rolewright, options: FollowOptions): () => void {
  if (typeof options?.url !== "string") throw new TypeError("`follow` needs the `url` of the server, as `connect` was told it");
  const { onError = (error: unknown) => console.warn("rolewright: the stream of changes ended, and is taken up again:", error) } = options;
  const stopped = new AbortController();
  const { signal } = stopped;
  const stop = () => {
    unsubscribe();
    stopped.abort();
  };
  // Of its end it is told as of every change.
  const unsubscribe = rw.subscribe(() => isDisposed(rw) && stop());
  // It may have been its end already.
  if (isDisposed(rw)) stop();
  /** The last revision that was told of and is not asked for yet. */
  let told: string | undefined;
  let isAsking = false;
  // However many changes are told of meanwhile, one request brings them all.
  const catchUp = async () => {
    if (isAsking) return;
    isAsking = true;
    for (let at = told; at !== undefined && !signal.aborted; at = told) {
      told = undefined;
      // Whether it comes or not, the next change is told.
      await rw.atLeast(at).catch(() => undefined);
    }
    isAsking = false;
  };
  void (async () => {
    for (let pause = SHORTEST_PAUSE; !signal.aborted; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
      const begun = Date.now();
      try {
        for await (const at of changes(rw, options, signal)) {
          told = at;
          void catchUp();
        }
      } catch (error) {
        if (!signal.aborted) onError(error);
      }
      if (Date.now() - begun >= LASTING) pause = SHORTEST_PAUSE;
      await wait(pause * (0.5 + Math.random()), signal);
    }
  })();
  return stop;
}

function isDisposed(rw: Rolewright): boolean {
  try {
    rw.held("");
    return false;
  } catch {
    return true;
  }
}

/** Every revision that a server tells of, as it comes. */
async function* changes(rw: Rolewright, options: FollowOptions, stopped: AbortSignal): AsyncGenerator<string> {
  const { url, key, session, fetch = globalThis.fetch } = options;
  const silent = new AbortController();
  const stop = () => silent.abort();
  stopped.addEventListener("abort", stop);
  let timer = setTimeout(stop, SILENCE);
  try {
    const response = await fetch(`${url.replace(/\/+$/, "")}/api/v1/tenants/${encodeURIComponent(rw.tenant)}/changes`, {
      headers: { accept: "text/event-stream", ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) },
      redirect: "manual",
      signal: silent.signal,
      // Elsewhere there are no cookies, and not every fetch takes this.
      ...(typeof location !== "undefined" && key === undefined ? { credentials: session === true ? "include" : "same-origin" } : {}),
    });
    if (response.status !== 200 || response.body === null) {
      await response.body?.cancel();
      throw new Error(`the server answered ${response.status} instead of a stream of changes`);
    }
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    for (let text = ""; ; ) {
      const { done, value } = await reader.read();
      if (done) return;
      clearTimeout(timer);
      timer = setTimeout(stop, SILENCE);
      text += decoder.decode(value, { stream: true });
      const lines = text.split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) {
        const at = /^id: ?(\d+\.\d+)\r?$/.exec(line)?.[1];
        if (at !== undefined) yield at;
      }
    }
  } finally {
    clearTimeout(timer);
    stopped.removeEventListener("abort", stop);
    silent.abort();
  }
}

/** Waits, and keeps the process alive meanwhile. */
function wait(time: number, signal: AbortSignal): Promise<void> {
  return new Promise((resume) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resume();
    };
    const timer = setTimeout(end, time);
    signal.addEventListener("abort", end);
    if (signal.aborted) end();
  });
}
