// Prepares the admin app's static assets: one stylesheet, one icon sprite, the fonts. Run by Trunk before each build.
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { transform } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");
const out = join(root, "target/admin-assets");
const modules = createRequire(import.meta.url);

/** A file of an npm package, wherever npm put it. */
function packaged(name, path) {
  for (const folder of modules.resolve.paths(name) ?? []) {
    const file = join(folder, name, path);
    if (existsSync(file)) return file;
  }
  throw new Error(`${name}/${path} is not installed: run npm ci`);
}

/** Writes a file only where it differs: what watches the folder is left in peace. */
function write(path, text) {
  const file = join(out, path);
  mkdirSync(dirname(file), { recursive: true });
  if (!existsSync(file) || readFileSync(file, "utf8") !== text) writeFileSync(file, text);
}

const layers = ["reset", "base", "layout", "components", "pages"];
const sheets = [
  `@layer tokens, ${layers.join(", ")};`,
  readFileSync(join(here, "tokens.css"), "utf8"),
  ...layers.map((layer) => `@layer ${layer} {\n${readFileSync(join(here, `css/${layer}.css`), "utf8")}\n}`),
];
// `light-dark()` and nesting are understood by every browser that the app supports.
const { code } = await transform(sheets.join("\n"), { loader: "css", minify: true, target: ["chrome123", "firefox120", "safari17.5"] });
write("admin.css", code);

const symbols = JSON.parse(readFileSync(join(here, "icons.json"), "utf8")).map((name) => {
  const svg = readFileSync(packaged("lucide-static", `icons/${name}.svg`), "utf8");
  const inside = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
  return `<symbol id="i-${name}" viewBox="0 0 24 24">${inside.replace(/\s*\n\s*/g, "").replaceAll(" />", "/>")}</symbol>`;
});
// Rolewright's own mark: a tick that grows out of a tree's root.
symbols.push(
  '<symbol id="i-mark" viewBox="0 0 24 24"><rect class="mark__ground" x="1" y="1" width="22" height="22" rx="6"/><path class="mark__line" d="M7 6.5v7a3 3 0 0 0 3 3h1.5l5.5-7"/><circle class="mark__dot" cx="17.2" cy="8.6" r="1.9"/></symbol>',
);
write("icons.svg", `<svg xmlns="http://www.w3.org/2000/svg" hidden="">${symbols.join("")}</svg>\n`);

mkdirSync(join(out, "fonts"), { recursive: true });
for (const font of ["inter", "jetbrains-mono"]) {
  const file = `${font}-latin-wght-normal.woff2`;
  copyFileSync(packaged(`@fontsource-variable/${font}`, `files/${file}`), join(out, "fonts", file));
}
