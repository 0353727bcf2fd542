// Serves a page, and hands on what it asks of Rolewright: to a browser both are one origin, so that the session's cookie is sent.
import { readFile } from "node:fs/promises";
import { createServer, request as ask } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".wasm": "application/wasm", ".css": "text/css" };
const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'";
const { ROLEWRIGHT_URL = "http://127.0.0.1:7420", PORT = "3002" } = process.env;
const rolewright = fileURLToPath(new URL("dist/", import.meta.resolve("rolewright/package.json")));

/** Serves the files of a folder, and the checker's below `/rolewright/`. */
export function serve(folder) {
  const fileOf = (path) => (path.startsWith("/rolewright/") ? join(rolewright, path.slice(12)) : join(folder, path === "/" ? "index.html" : path));
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url, "http://page").pathname);
    if (path.startsWith("/api/") || path.startsWith("/.well-known/")) return handOn(request, response);
    try {
      const headers = { "content-type": TYPES[extname(fileOf(path))] ?? "text/plain", "content-security-policy": POLICY };
      response.writeHead(200, headers).end(await readFile(fileOf(path)));
    } catch {
      response.writeHead(404).end();
    }
  });
  server.listen(Number(PORT), "127.0.0.1", () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
  process.once("SIGTERM", () => {
    server.close();
    server.closeAllConnections();
  });
}

function handOn(request, response) {
  const { method, headers, url } = request;
  const asked = ask(new URL(url, ROLEWRIGHT_URL), { method, headers }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    answer.pipe(response);
  });
  asked.on("error", () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
  response.on("close", () => asked.destroy());
  request.pipe(asked);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) serve(fileURLToPath(new URL("../public/", import.meta.url)));
