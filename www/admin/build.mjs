// Prepares the admin app's static assets: one stylesheet, one icon sprite, the fonts. Run by Trunk before each build.
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { transform } from "esbuild";
import subsetFont from "subset-font";

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
function write(path, content) {
  const file = join(out, path);
  const bytes = Buffer.from(content);
  mkdirSync(dirname(file), { recursive: true });
  if (!existsSync(file) || !readFileSync(file).equals(bytes)) writeFileSync(file, bytes);
}

const layers = ["reset", "base", "layout", "components", "pages"];
const sheets = [
  `@layer tokens, ${layers.join(", ")};`,
  readFileSync(join(here, "tokens.css"), "utf8"),
  ...layers.map((layer) => `@layer ${layer} {\n${readFileSync(join(here, `css/${layer}.css`), "utf8")}\n}`),
  // A page's own, in a file of its name.
  ...readdirSync(join(here, "css/pages")).sort().map((file) => `@layer pages {\n${readFileSync(join(here, "css/pages", file), "utf8")}\n}`),
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

/** Every character between two. */
const range = (first, last) => {
  const [from, to] = [first.codePointAt(0), last.codePointAt(0)];
  return String.fromCodePoint(...Array.from({ length: to - from + 1 }, (_, n) => from + n));
};
const latin = range(" ", "~") + range("\u00a0", "\u00ff");
const signs = "ıŁłŒœŠšŸŽžƒȷ‐–—‘’‚“”„†‡•…‰‹›€™−×→←↑↓∞≤≥≠·";
// What the stylesheet uses of each font: weights, and features by their OpenType names. Without ligatures an id in the monospace font
// shows just the characters that it has. A character that is not here is drawn by the next font of the stack.
const fonts = [
  { font: "inter", text: latin + signs, weights: { min: 400, max: 600 }, features: ["kern", "mark", "ccmp", "locl", "tnum", "cv11", "ss03"] },
  { font: "jetbrains-mono", text: latin, weights: 400, features: ["mark", "ccmp"] },
];
for (const { font, text, weights, features } of fonts) {
  const file = `${font}-latin-wght-normal.woff2`;
  const whole = readFileSync(packaged(`@fontsource-variable/${font}`, `files/${file}`));
  const options = { targetFormat: "woff2", variationAxes: { wght: weights }, keepFeatures: features };
  write(`fonts/${file}`, await subsetFont(whole, text, options));
}
