import type { Rolewright } from "./rolewright.js";

/** How often it is looked whether the clock alone has changed an answer, in milliseconds. */
const TICK = 1_000;

/** Who watches one checker, by one subscription and one timer. */
interface Watched {
  readonly watchers: Set<() => void>;
  readonly stop: () => void;
}

const all = new WeakMap<Rolewright, Watched>();

/** Calls back whenever the answers of a checker may be others, by what the server says or by the clock. Answers how to stop it. */
export function watch(rw: Rolewright, watcher: () => void): () => void {
  const own = () => watcher();
  const { watchers } = all.get(rw) ?? begin(rw);
  watchers.add(own);
  return () => {
    if (watchers.delete(own) && watchers.size === 0) {
      all.get(rw)?.stop();
      all.delete(rw);
    }
  };
}

function begin(rw: Rolewright): Watched {
  const watchers = new Set<() => void>();
  const tell = () => {
    // One that throws, which is the host's to report, keeps no other from being told.
    for (const watcher of watchers) queueMicrotask(() => watchers.has(watcher) && watcher());
  };
  const unsubscribe = rw.subscribe(tell);
  const timer = setInterval(tell, TICK);
  const watched = {
    watchers,
    stop: () => {
      unsubscribe();
      clearInterval(timer);
    },
  };
  all.set(rw, watched);
  return watched;
}
