// Templates behind Hono. The app knows its people by sessions of its own: it holds the full snapshot.
import { randomUUID } from "node:crypto";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { connect } from "rolewright";
import { KNOWN, PUBLIC, gate } from "rolewright/hono";

const { ROLEWRIGHT_URL: url, ROLEWRIGHT_TENANT: tenant = "default", ROLEWRIGHT_KEY: key, CONTACT: contact, PORT = "3001" } = process.env;

const rw = await connect({ url, tenant, key, kind: "full", maxStale: 500 });

/** The sessions that there are at most: the oldest ends first. */
const MOST = 10_000;
/** Who is signed in, by the session's id: as of its beginning, so that what waits for the next login does. */
const sessions = new Map();

/** What `open` throws where the pass is not to be taken. Whatever else it throws is not the person's to mend. */
const NOT_GOOD = ["malformed", "unknown_key", "bad_signature", "wrong_audience", "wrong_tenant", "not_yet_valid", "expired"];

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

// A person signs in to the app by a pass, once.
app.post("/session", async (context) => {
  const { pass } = (await context.req.json().catch(() => undefined)) ?? {};
  if (typeof pass !== "string") return context.json({ title: "Send a pass as JSON" }, 400);
  try {
    const { id } = await rw.open(pass);
    const person = rw.subject(id, rw.freshness.at);
    if (person === undefined) return context.json({ title: "There is no such person" }, 401);
    if (sessions.size >= MOST) sessions.delete(sessions.keys().next().value);
    const session = randomUUID();
    sessions.set(session, person);
    setCookie(context, "app", session, { httpOnly: true, sameSite: "Strict" });
    return context.body(null, 204);
  } catch ({ code }) {
    if (NOT_GOOD.includes(code)) return context.json({ title: "The pass is not good" }, 401);
    return context.json({ title: "Who may do what cannot be asked at the moment" }, 503);
  }
});
app.get("/session", (context) => {
  const { subject } = context.get("rolewright");
  return context.json({ subject: subject.id, may: rw.permissions(subject).map(({ permission }) => permission) });
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
