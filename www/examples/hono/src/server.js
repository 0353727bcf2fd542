// Templates behind Hono. The app knows its people by sessions of its own, and asks by their ids: it holds the full snapshot.
import { randomUUID } from "node:crypto";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { connect } from "rolewright";
import { KNOWN, PUBLIC, gate } from "rolewright/hono";

const { ROLEWRIGHT_URL: url, ROLEWRIGHT_TENANT: tenant = "default", ROLEWRIGHT_KEY: key, CONTACT: contact, PORT = "3001" } = process.env;

const rw = await connect({ url, tenant, key, kind: "full", maxStale: 500 });

/** Who is signed in, by the session's id. */
const sessions = new Map();

/** Whom a pass names: a person signs in to the app by a pass, once. */
const personOf = async (context) => (await rw.open((await context.req.json()).pass)).id;

const app = new Hono();
app.use(
  gate(
    rw,
    {
      "POST /session": PUBLIC,
      "GET /session": KNOWN,
      "GET /templates": "templates.view",
      "PUT /templates/:template": "templates.manage",
    },
    { contact, subject: (context) => sessions.get(getCookie(context, "app")) },
  ),
);

app.post("/session", async (context) => {
  try {
    const id = randomUUID();
    sessions.set(id, await personOf(context));
    setCookie(context, "app", id, { httpOnly: true, sameSite: "Strict" });
    return context.body(null, 204);
  } catch {
    return context.json({ title: "The pass is not good" }, 401);
  }
});
app.get("/session", (context) => {
  const { subject } = context.get("rolewright");
  return context.json({ subject, may: rw.permissions(subject).map(({ permission }) => permission) });
});

const templates = new Map();
app.get("/templates", (context) => context.json([...templates.values()]));
app.put("/templates/:template", async (context) => {
  const { template } = context.get("rolewright").variables;
  templates.set(template, { id: template, text: await context.req.text() });
  return context.json(templates.get(template));
});

const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: Number(PORT) }, ({ port }) => console.log(`listening on http://127.0.0.1:${port}`));
process.once("SIGTERM", () => {
  rw.dispose();
  server.close();
  server.closeAllConnections();
});
