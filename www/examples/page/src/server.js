// Serves a page, and hands on what it asks of Rolewright: to a browser both are one origin, so that the session's cookie is sent.
import http from "node:http";
import https from "node:https";
import { pipeline } from "node:stream";
import { fileURLToPath } from "node:url";
import express from "express";

const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'";
const { ROLEWRIGHT_URL = "http://127.0.0.1:7420", PORT = "3002" } = process.env;
const client = { "http:": http, "https:": https }[URL.canParse(ROLEWRIGHT_URL) && new URL(ROLEWRIGHT_URL).protocol];
if (client === undefined) throw new TypeError(`\`ROLEWRIGHT_URL\` is no address: \`${ROLEWRIGHT_URL}\` does not begin with http:// or https://`);
const rolewright = fileURLToPath(new URL("dist/", import.meta.resolve("rolewright/package.json")));

/** Serves the files of a folder, and the checker's below `/rolewright/`. */
export function serve(folder) {
  // What fails is for the log: a stranger is told the status.
  const app = express().disable("x-powered-by").set("env", "production");
  app.use((request, response, next) => {
    response.set({ "content-security-policy": POLICY, "x-content-type-options": "nosniff" });
    // As it is written: a target that names a host is no path, and is not handed on.
    if (/^\/(api|\.well-known)\//.test(request.url)) handOn(request, response);
    else next();
  });
  app.use("/rolewright", express.static(rolewright, { redirect: false }));
  app.use(express.static(folder, { redirect: false }));
  const server = app.listen(Number(PORT), "127.0.0.1", () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
  process.once("SIGTERM", () => {
    server.close();
    server.closeAllConnections();
  });
}

/** What Rolewright reads of a request. */
const HEADERS = ["accept", "accept-encoding", "authorization", "content-length", "content-type", "cookie", "idempotency-key", "if-match", "if-none-match", "last-event-id", "origin", "prefer", "sec-fetch-site", "user-agent"];
/** What is said of a connection, and of that one alone. */
const CONNECTION = ["connection", "keep-alive", "transfer-encoding"];

function handOn(request, response) {
  const { method, url: path } = request;
  const headers = Object.fromEntries(HEADERS.filter((name) => name in request.headers).map((name) => [name, request.headers[name]]));
  // A body in chunks is read out of them: without this Node would write that of a GET or DELETE bare, and it would be read as requests.
  if ("transfer-encoding" in request.headers) headers["transfer-encoding"] = "chunked";
  // The host is always Rolewright's, whatever the path says; and no connection is two requests'.
  const asked = client.request(ROLEWRIGHT_URL, { method, path, headers, agent: false }, (answer) => {
    const said = Object.entries(answer.headers).filter(([name]) => !CONNECTION.includes(name));
    response.writeHead(answer.statusCode, { ...Object.fromEntries(said), "content-security-policy": POLICY });
    pipeline(answer, response, () => undefined);
  });
  asked.on("error", () => (response.headersSent ? response.destroy() : away(response)));
  response.on("close", () => asked.destroy());
  request.pipe(asked);
}

/** Rolewright does not answer: why is for whoever runs this. */
function away(response) {
  response.status(502).set("content-type", "application/problem+json");
  response.end(JSON.stringify({ title: "Rolewright does not answer", status: 502 }));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) serve(fileURLToPath(new URL("../public/", import.meta.url)));
