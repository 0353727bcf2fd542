// What the examples of pages hand on to Rolewright: each request whole, framed anew, and over a connection of its own.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createSecure } from "node:https";
import { connect } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { buildFolder, root } from "./places.mjs";

const PATH = "/api/v1/tenants/default/session";
const INNER = "DELETE /api/v1/tenants/default/keys/1 HTTP/1.1\r\nX-Smuggled: 1\r\n\r\n";

/** What Rolewright was asked: method, path, body. */
const asked = [];
const running = [];
let upstream, port;

/** Answers what it was asked. */
const answer = async (request, response) => {
  const body = (await request.toArray()).join("");
  asked.push([request.method, request.url, body]);
  response.setHeader("content-type", "application/json").end(JSON.stringify({ body, host: request.headers.host }));
};

/** The page's server, before a Rolewright at that address. */
async function page(url, more = {}) {
  const env = { PATH: process.env.PATH, ROLEWRIGHT_URL: url, PORT: "0", ...more };
  const child = spawn(process.execPath, ["src/server.js"], { cwd: join(root, "www/examples/page"), env, stdio: ["ignore", "pipe", "pipe"] });
  running.push(child);
  for await (const line of createInterface({ input: child.stdout })) {
    const [, at] = /listening on (\S+)/.exec(line) ?? [];
    if (at !== undefined) return at;
  }
  throw new Error("the page's server ended before it listened");
}

/** What is answered to bytes as they are. */
async function raw(bytes) {
  const socket = connect(port, "127.0.0.1");
  socket.setTimeout(2_000, () => socket.destroy(new Error("no answer")));
  socket.write(bytes);
  return (await socket.toArray()).join("");
}

before(async () => {
  upstream = createServer(answer).listen(0, "127.0.0.1");
  await once(upstream, "listening");
  port = Number(new URL(await page(`http://127.0.0.1:${upstream.address().port}`)).port);
});
after(() => {
  for (const child of running) child.kill("SIGTERM");
  upstream.close();
  upstream.closeAllConnections();
});

test("a body is one request's body, by whatever method it comes and however it is framed", async () => {
  for (const method of ["GET", "DELETE", "OPTIONS", "POST", "PUT", "PATCH"]) {
    for (const framed of [
      `Transfer-Encoding: chunked\r\n\r\n${INNER.length.toString(16)}\r\n${INNER}\r\n0\r\n\r\n`,
      `Content-Length: ${INNER.length}\r\n\r\n${INNER}`,
    ]) {
      asked.length = 0;
      const said = await raw(`${method} ${PATH} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${framed}`);
      assert.match(said, /^HTTP\/1\.1 200 /, `${method} ${framed}`);
      await raw(`GET ${PATH}/next HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      assert.deepEqual(asked, [[method, PATH, INNER], ["GET", `${PATH}/next`, ""]], `${method} ${framed}`);
    }
  }
});

test("a request that says its length twice is not handed on", async () => {
  asked.length = 0;
  const twice = await raw(`DELETE ${PATH} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`);
  assert.match(twice, /^HTTP\/1\.1 400 /);
  assert.deepEqual(asked, []);
});

test("Rolewright may stand behind https, under a name of its own", async (context) => {
  const folder = buildFolder("handed-on");
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const words = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", cert];
  try {
    execFileSync("openssl", words, { stdio: "ignore" });
  } catch {
    return context.skip("there is no openssl to make a certificate");
  }
  const secure = createSecure({ key: readFileSync(key), cert: readFileSync(cert) }, answer).listen(0);
  await once(secure, "listening");
  try {
    const name = `localhost:${secure.address().port}`;
    const url = await page(`https://${name}`, { NODE_EXTRA_CA_CERTS: cert });
    const response = await fetch(url + PATH, { method: "DELETE", body: "{}" });
    assert.deepEqual([response.status, await response.json()], [200, { body: "{}", host: name }]);
  } finally {
    secure.close();
    secure.closeAllConnections();
  }
});

test("where Rolewright does not answer it is a 502, and no stranger is told what failed", async () => {
  for (const url of ["http://127.0.0.1:1", "https://127.0.0.1:1", `https://127.0.0.1:${upstream.address().port}`]) {
    const response = await fetch((await page(url)) + PATH);
    assert.equal(response.status, 502, url);
    assert.equal(response.headers.get("content-type"), "application/problem+json", url);
    assert.deepEqual(await response.json(), { title: "Rolewright does not answer", status: 502 });
  }
});

test("an address that is none is told when the server starts", async () => {
  for (const url of ["access.example.org", "ftp://access.example.org"]) {
    const child = spawn(process.execPath, ["src/server.js"], { cwd: join(root, "www/examples/page"), env: { PATH: process.env.PATH, ROLEWRIGHT_URL: url, PORT: "0" }, stdio: ["ignore", "ignore", "pipe"] });
    const said = (await child.stderr.toArray()).join("");
    assert.match(said, /`ROLEWRIGHT_URL` is no address/, url);
  }
});
