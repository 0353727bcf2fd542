// An API of reports: every route asks Rolewright first, and an administrator's edit is enforced at once.
import express from "express";
import { connect } from "rolewright";
import { PUBLIC, gate } from "rolewright/express";
import { follow } from "rolewright/live";

const { ROLEWRIGHT_URL: url, ROLEWRIGHT_TENANT: tenant = "default", ROLEWRIGHT_KEY: key, CONTACT: contact, PORT = "3000" } = process.env;

const rw = await connect({ url, tenant, key });
const stop = follow(rw, { url, key });

/** What each route needs. What is not here is refused. */
const ROUTES = {
  "GET /health": PUBLIC,
  "GET /reports": "reports.view",
  "POST /reports": "reports.manage",
  "GET /reports/:report": "reports.view",
  "DELETE /reports/:report": "reports.manage",
  "POST /reports/:report/run": "reports.run",
};

const reports = new Map([["weekly", { id: "weekly", runs: 0 }]]);

const app = express();
app.use(gate(rw, ROUTES, { contact, wait: 1_000 }));
app.use(express.json());

app.get("/health", (_, response) => response.json({ at: rw.freshness.at }));
app.get("/reports", (_, response) => response.json([...reports.values()]));
app.post("/reports", ({ body }, response) => {
  const report = { id: String(body?.id ?? ""), runs: 0 };
  reports.set(report.id, report);
  response.status(201).json(report);
});

app.param("report", (request, response, next, id) => {
  request.report = reports.get(id);
  return request.report ? next() : response.status(404).json({ title: "There is no such report" });
});
app.get("/reports/:report", ({ report }, response) => response.json(report));
app.delete("/reports/:report", ({ report }, response) => {
  reports.delete(report.id);
  response.status(204).end();
});
app.post("/reports/:report/run", ({ report, rolewright }, response) => {
  report.runs++;
  response.json({ ...report, by: rolewright.subject.id });
});

const server = app.listen(Number(PORT), "127.0.0.1", () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
process.once("SIGTERM", () => {
  stop();
  rw.dispose();
  server.close();
  server.closeAllConnections();
});
