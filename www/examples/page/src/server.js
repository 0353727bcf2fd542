// Serves a page, and hands on what it asks of Rolewright: to a browser both are one origin, so that the session's cookie is sent.
import { request as ask } from "node:http";
import { pipeline } from "node:stream";
import { fileURLToPath } from "node:url";
import express from "express";

const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'";
const { ROLEWRIGHT_URL = "http://127.0.0.1:7420", PORT = "3002" } = process.env;
const rolewright = fileURLToPath(new URL("dist/", import.meta.resolve("rolewright/package.json")));

/** Serves the files of a folder, and the checker's below `/rolewright/`. */
export function serve(folder) {
  const app = express().disable("x-powered-by");
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
const HEADERS = ["accept", "accept-encoding", "authorization", "content-length", "content-type", "cookie", "host", "idempotency-key", "if-match", "if-none-match", "last-event-id", "origin", "prefer", "sec-fetch-site", "user-agent"];

function handOn(request, response) {
  const { method, url: path } = request;
  const headers = Object.fromEntries(HEADERS.filter((name) => name in request.headers).map((name) => [name, request.headers[name]]));
  // The host is always Rolewright's, whatever the path says.
  const asked = ask(ROLEWRIGHT_URL, { method, path, headers }, (answer) => {
    response.writeHead(answer.statusCode, { ...answer.headers, "content-security-policy": POLICY });
    pipeline(answer, response, () => undefined);
  });
  asked.on("error", () => (response.headersSent ? response.destroy() : response.sendStatus(502)));
  response.on("close", () => asked.destroy());
  request.pipe(asked);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) serve(fileURLToPath(new URL("../public/", import.meta.url)));
