import type { Store, Stored } from "./store.js";

export type { Store, Stored };

const STAMP = "rolewright-stamp";
/** How long each part is: the snapshot and the deltas, one after the other. */
const PARTS = "rolewright-parts";

/** What a host's cache must be able to do: `caches.default` of a worker, or what `caches.open` gives. */
export interface HostCache {
  match(request: string): Promise<Response | undefined>;
  put(request: string, response: Response): Promise<void>;
}

/**
 * Keeps a checker's last state in the host's cache, which isolates of one place share: one that starts downloads nothing that
 * another has, and asks the server only whether it is current. What is read is verified as if the server had sent it.
 *
 * @param address what it is kept under: an address of your own, another for each tenant and kind of snapshot
 */
export function cacheStore(cache: HostCache | (() => HostCache | Promise<HostCache>), address: string): Store {
  const open = async () => (typeof cache === "function" ? cache() : cache);
  return {
    async get(): Promise<Stored | undefined> {
      const kept = await (await open()).match(address);
      if (kept === undefined) return undefined;
      const bytes = new Uint8Array(await kept.arrayBuffer());
      let at = 0;
      const parts = (kept.headers.get(PARTS) ?? "").split(",").map((length) => bytes.subarray(at, (at += Number(length))));
      const [snapshot, ...deltas] = parts;
      return snapshot && { snapshot, deltas, stamp: kept.headers.get(STAMP) ?? "" };
    },
    async put({ snapshot, deltas = [], stamp }: Stored): Promise<void> {
      const parts = [snapshot, ...deltas] as Uint8Array<ArrayBuffer>[];
      const headers = {
        [STAMP]: stamp,
        [PARTS]: parts.map(({ length }) => length).join(","),
        "content-type": "application/octet-stream",
        // A cache keeps nothing that does not say so; the stamp says how long it is good.
        "cache-control": "public, max-age=86400",
      };
      await (await open()).put(address, new Response(new Blob(parts), { headers }));
    },
  };
}
