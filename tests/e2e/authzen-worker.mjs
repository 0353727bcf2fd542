// A decision point in an edge worker, over the server's full snapshot.
import { connect } from "rolewright";
import { authzen } from "rolewright/authzen";

let held;
const point = authzen(
  async (_, { ROLEWRIGHT_URL: url, ROLEWRIGHT_KEY: key }) => (held ??= await connect({ url, key, tenant: "default", kind: "full", maxStale: 0 })),
  {
    url: "https://edge.example.com",
    people: true,
    authorize: (request, { ROLEWRIGHT_KEY: key }) => request.headers.get("authorization") === `Bearer ${key}` || undefined,
  },
);

export default {
  fetch: async (request, env) => (await point(request, env)) ?? new Response("nothing here", { status: 404 }),
};
