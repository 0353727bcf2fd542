// A service in Deno: alerts, behind the gate for whatever has `Request` and `Response`.
import { connect } from "rolewright";
import { gate } from "rolewright/gate";
import { follow } from "rolewright/live";

const url = Deno.env.get("ROLEWRIGHT_URL") ?? "http://127.0.0.1:7420";
const key = Deno.env.get("ROLEWRIGHT_KEY") ?? "";
const contact = Deno.env.get("CONTACT") ?? "your administrator";

const rw = await connect({ url, tenant: Deno.env.get("ROLEWRIGHT_TENANT") ?? "default", key });
const stop = follow(rw, { url, key });

const guard = gate(rw, { "GET /alerts": "alerts.view", "PUT /alerts/:alert": "alerts.manage" }, { contact, wait: 1_000 });
const alerts = new Map<string, string>();

const server = Deno.serve(
  {
    hostname: "127.0.0.1",
    port: Number(Deno.env.get("PORT") ?? 3004),
    onListen: ({ port }) => console.log(`listening on http://127.0.0.1:${port}`),
  },
  async (request) => {
    const { refused, variables } = await guard(request);
    if (refused) return refused;
    if (request.method === "PUT") alerts.set(variables["alert"] ?? "", await request.text());
    return Response.json(Object.fromEntries(alerts));
  },
);

Deno.addSignalListener("SIGTERM", () => {
  stop();
  rw.dispose();
  server.shutdown();
});
