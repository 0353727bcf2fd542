// Workers in workerd, each a service and a port of its own.
import { mkdtemp, rm, writeFile, cp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import workerd from "workerd";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Starts workers of these shapes over one signed snapshot; answers their ports in that order, and how to stop. */
export async function start(shapes, { snapshot, keys }) {
  const folder = await mkdtemp(join(tmpdir(), "rolewright-bench-"));
  await build({
    entryPoints: [here("worker.js")],
    outfile: join(folder, "worker.js"),
    bundle: true,
    format: "esm",
    target: "es2022",
    conditions: ["workerd"],
    external: ["*.wasm", "keys.json", "policy.snapshot"],
    logLevel: "warning",
  });
  await cp(here("../../../www/checker/dist/rolewright_bg.wasm"), join(folder, "rolewright_bg.wasm"));
  await writeFile(join(folder, "policy.snapshot"), snapshot);
  await writeFile(join(folder, "keys.json"), JSON.stringify(keys));
  await writeFile(join(folder, "config.capnp"), config(shapes));
  const options = ["serve", join(folder, "config.capnp"), "--control-fd=3"];
  const child = spawn(workerd.default ?? workerd, options, { stdio: ["ignore", "inherit", "inherit", "pipe"] });
  const ports = new Map();
  for await (const line of createInterface({ input: child.stdio[3] })) {
    const { event, socket, port } = JSON.parse(line);
    if (event === "listen") ports.set(socket, port);
    if (ports.size === shapes.length) break;
  }
  return {
    ports: shapes.map((_, at) => ports.get(`s${at}`)),
    async stop() {
      const ended = once(child, "exit");
      child.kill();
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const config = (shapes) => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [${shapes.map((shape, at) => `
    (name = "w${at}", worker = (
      modules = [
        (name = "worker.js", esModule = embed "worker.js"),
        (name = "rolewright_bg.wasm", wasm = embed "rolewright_bg.wasm"),
        (name = "policy.snapshot", data = embed "policy.snapshot"),
        (name = "keys.json", text = embed "keys.json"),
      ],
      compatibilityDate = "2026-01-01",
      bindings = [(name = "SHAPE", text = "${shape}")],
    )),`).join("")}
  ],
  sockets = [${shapes.map((_, at) => `
    (name = "s${at}", address = "127.0.0.1:0", http = (), service = "w${at}"),`).join("")}
  ],
);
`;
