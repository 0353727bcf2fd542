// From the acknowledged change to enforced: a real server, 200 checkers that follow it, and a grant that comes and goes.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { connect } from "../../../www/checker/dist/entry.node.js";
import { follow } from "../../../www/checker/dist/live.js";
import { figure, median } from "../measure.mjs";

const CHECKERS = 200;
const CHANGES = 60;
/** These come first and count for nothing: by then what is compiled is compiled. */
const WARM_UP = 10;
const LATE = 30_000;
/** By then every stream is open. */
const SETTLED = 2_000;
const PERMISSION = "reports.run";

const [, , program] = process.argv;
const data = await mkdtemp(join(tmpdir(), "rolewright-bench-"));
const server = spawn(program, ["serve", "--data", data, "--template", "mailer", "--demo", "--port", "0", "--json"], {
  stdio: ["ignore", "pipe", "ignore"],
});
try {
  const url = await listening(server);
  const key = keyWith(["snapshot.full", "roles.view", "roles.manage", "users.view", "users.assign_roles", "access.check", PERMISSION]);
  const api = async (method, path, body, headers = {}) => {
    const response = await fetch(`${url}/api/v1/tenants/default${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
    return { answer, etag: response.headers.get("etag"), time: performance.now() };
  };

  const role = (grants) => ({ id: "runner", name: "Runner", kind: "custom", grants });
  const { etag } = await api("POST", "/roles", role({}));
  const user = await nobodyWho(api);
  await api("POST", "/assignments", { principal: { user }, role: "runner", scope: "/" });

  const checkers = await Promise.all(
    Array.from({ length: CHECKERS }, () => connect({ url, tenant: "default", key, kind: "full" })),
  );
  const stops = checkers.map((rw) => follow(rw, { url, key }));
  await new Promise((resume) => setTimeout(resume, SETTLED));
  const may = (rw) => rw.can(user, PERMISSION);
  const times = [];
  const slowest = [];
  let version = etag ?? (await api("GET", "/roles/runner")).etag;
  let before = process.cpuUsage();
  for (let change = 0; change < WARM_UP + CHANGES; change++) {
    if (change === WARM_UP) before = process.cpuUsage();
    const granted = change % 2 === 0;
    const enforced = checkers.map((rw) => seen(rw, () => may(rw) === granted));
    const made = await api("PUT", "/roles/runner", role(granted ? { [PERMISSION]: "allowed" } : {}), { "if-match": version });
    version = made.etag;
    // What was there before the answer was read took no time.
    const late = (await Promise.all(enforced)).map((time) => Math.max(0, time - made.time));
    if (change >= WARM_UP) {
      times.push(...late);
      slowest.push(Math.max(...late));
    }
  }
  const { user: own, system } = process.cpuUsage(before);
  const sorted = times.toSorted((a, b) => a - b);
  figure("edge/propagation, p99", sorted[Math.floor(sorted.length * 0.99)], "ms");
  figure("edge/propagation, median", median(times), "ms");
  figure("edge/propagation, last of all", median(slowest), "ms");
  figure("edge/propagation, work", (own + system) / 1e3 / CHANGES / CHECKERS, "ms");
  for (const stop of stops) stop();
  for (const rw of checkers) rw.dispose();
} finally {
  const ended = once(server, "exit");
  server.kill();
  await ended;
  await rm(data, { recursive: true, force: true });
}

async function listening(child) {
  for await (const line of createInterface({ input: child.stdout })) {
    const event = JSON.parse(line);
    if (event.event === "listening") return event.url;
  }
  throw new Error("the server ended before it listened");
}

function keyWith(permissions) {
  const words = permissions.flatMap((permission) => ["--permission", permission]);
  const made = execFileSync(program, ["key", "create", "--data", data, "--name", "bench", ...words, "--json"], { encoding: "utf8" });
  return JSON.parse(made).key;
}

/** Somebody active who does not hold the permission. */
async function nobodyWho(api) {
  const { answer } = await api("GET", "/users?status=active&limit=200");
  for (const { id } of answer.items) {
    const { answer: decision } = await api("POST", "/check", { subject: id, permission: PERMISSION }).catch(() => ({ answer: {} }));
    if (decision.allowed === false) return id;
  }
  throw new Error(`everybody holds ${PERMISSION}`);
}

/** When a checker's answers have come to be so. */
function seen(rw, isSo) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => end(() => reject(new Error("a checker did not follow"))), LATE);
    const look = () => isSo() && end(() => resolve(performance.now()));
    const unsubscribe = rw.subscribe(look);
    const end = (then) => {
      clearTimeout(timer);
      unsubscribe();
      then();
    };
    look();
  });
}
