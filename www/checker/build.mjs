// Builds dist/ from src/ and from wasm/, which `cargo xtask build` has made of crates/checker.
import { execFileSync } from "node:child_process";
import { cp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "dist");

await rm(dist, { recursive: true, force: true });
await mkdir(dist);

// Each entry is whole, so that none can meet another's copy of a class by way of a shared file.
const shared = {
  absWorkingDir: here,
  bundle: true,
  target: "es2022",
  external: ["node:*", "*.wasm"],
  minify: true,
  legalComments: "none",
  logLevel: "warning",
};
await Promise.all([
  build({
    ...shared,
    format: "esm",
    outdir: "dist",
    entryPoints: ["src/entry.node.ts", "src/entry.browser.ts", "src/entry.workerd.ts"],
  }),
  build({
    ...shared,
    format: "esm",
    outdir: "dist",
    // Younger than the target, and known to both.
    supported: { "import-source": true, "import-attributes": true },
    entryPoints: ["src/entry.deno.js", "src/entry.bun.js"],
  }),
  build({ ...shared, format: "cjs", outfile: "dist/entry.node.cjs", entryPoints: ["src/entry.commonjs.ts"] }),
  cp(join(here, "wasm/rolewright_bg.wasm"), join(dist, "rolewright_bg.wasm")),
]);

const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
execFileSync(process.execPath, [tsc, "--project", here], { stdio: "inherit" });

// `require` takes types of its own: the same, by other names.
const isOurs = (name) => name.endsWith(".d.ts") && !name.startsWith("entry.");
for (const name of await readdir(dist)) {
  if (name.startsWith("entry.") && name.endsWith(".d.ts")) await rm(join(dist, name));
  if (!isOurs(name)) continue;
  const text = await readFile(join(dist, name), "utf8");
  const renamed = text.replaceAll(/(from "\.\/[^"]+)\.js"/g, '$1.cjs"');
  await writeFile(join(dist, name.replace(/\.d\.ts$/, ".d.cts")), renamed);
}
