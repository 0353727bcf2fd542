// Builds dist/: the worker in one file, the WebAssembly module beside it, and the configuration that embeds both.
import { cp, mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));

await mkdir(join(here, "dist"), { recursive: true });
await Promise.all([
  build({
    absWorkingDir: here,
    entryPoints: ["src/worker.js"],
    outfile: "dist/worker.js",
    bundle: true,
    format: "esm",
    target: "es2022",
    conditions: ["workerd"],
    // The runtime compiles it: it stays a module of its own.
    external: ["*.wasm"],
    logLevel: "warning",
  }),
  cp(createRequire(import.meta.url).resolve("rolewright/rolewright_bg.wasm"), join(here, "dist/rolewright_bg.wasm")),
  cp(join(here, "config.capnp"), join(here, "dist/config.capnp")),
]);
