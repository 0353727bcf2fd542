import { cacheStore } from "rolewright/stores";

const bytes = (...all) => new Uint8Array(all);

export default {
  async fetch() {
    const store = cacheStore(caches.default, "https://cache.test/default/policy");
    const before = (await store.get()) ?? null;
    await store.put({ snapshot: bytes(1, 2, 3), deltas: [bytes(4), bytes(5, 6)], stamp: "stamp" });
    const { snapshot, deltas, stamp } = await store.get();
    return Response.json({ before, after: [[...snapshot], deltas.map((delta) => [...delta]), stamp] });
  },
};
