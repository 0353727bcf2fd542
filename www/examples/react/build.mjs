// Builds dist/: the page in one file, the WebAssembly module beside it.
import { cp, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));

await mkdir(join(here, "dist"), { recursive: true });
await Promise.all([
  build({
    absWorkingDir: here,
    entryPoints: ["src/page.jsx"],
    outfile: "dist/page.js",
    bundle: true,
    format: "esm",
    target: "es2022",
    jsx: "automatic",
    minify: true,
    define: { "process.env.NODE_ENV": '"production"' },
    logLevel: "warning",
  }),
  cp(fileURLToPath(import.meta.resolve("rolewright/rolewright_bg.wasm")), join(here, "dist/rolewright_bg.wasm")),
  cp(join(here, "src/index.html"), join(here, "dist/index.html")),
]);
