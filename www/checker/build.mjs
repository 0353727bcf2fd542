// Builds dist/ from src/ and from wasm/, which `cargo xtask build` has made of crates/checker.
import { execFileSync } from "node:child_process";
import { cp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { minify } from "terser";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "dist");

await rm(dist, { recursive: true, force: true });
await mkdir(dist);

/** A constant as Rust says it, the one place that keeps it. */
async function kept(path, name) {
  const said = new RegExp(`^pub const ${name}: usize = ([\\d_]+);$`, "m").exec(await readFile(join(here, "../../crates", path), "utf8"));
  if (!said) throw new Error(`${path} has no \`${name}\`: name the place that keeps it now`);
  return said[1].replaceAll("_", "");
}

// What the glue does for engines before the target, for callers who are not ours, and so that texts need not be copied once more. Each is
// found, or it is other glue.
const CUT = [
  [/(function passStringToWasm0\(arg), malloc, realloc\) \{\n[^]*?\n\}\n/, "$1) {\n    return passArray8ToWasm0(cachedTextEncoder.encode(arg));\n}\n"],
  [/if \(!\('encodeInto' in cachedTextEncoder\)\) \{[^]*?\n\}\n/, ""],
  [/ {4}if \(module !== undefined\) \{[^]*?\n {4}\}\n/, "    ({module} = module);\n"],
  [/if \(Symbol\.dispose\) .*\n/, ""],
  // None is a number beyond every other.
  [/ === Number\.MAX_SAFE_INTEGER/, " > 2 ** 32"],
  [/__destroy_into_raw\(\) \{\n[^]*?(wasm\.\w+)\(ptr, 0\);\n/, "free() {\n        CheckerFinalization.unregister(this);\n        $1(this.__wbg_ptr, 0);\n        this.__wbg_ptr = 0;\n"],
  [/^ +__proto__: null,\n/gm, ""],
  [/const (\w+) = \+(\w+);\n/g, "const $1 = $2;\n"],
  // What makes room is always the same.
  [/(pass\w+ToWasm0\(\w+), wasm\.\w+(, wasm\.\w+)?\)/g, "$1)"],
  [/(function passArray8ToWasm0\(arg), malloc\)/, "$1)"],
  [/cachedUint8ArrayMemory0 === null \|\| cachedUint8ArrayMemory0\.byteLength === 0/, "!cachedUint8ArrayMemory0?.byteLength"],
  [/(__wbg_finalize_init\(instance), module\)/g, "$1)"],
  [/( {4}wasm\.\w+\(\);\n) {4}return wasm;\n/, "$1"],
  [/return (__wbg_finalize_init\(instance\);\n\}\n\nlet)/, "$1"],
  [/( [*/] 1)\b/g, ""],
  // Not every engine has it.
  [/const CheckerFinalization = \(typeof FinalizationRegistry === 'undefined'\)\n[^]*?: (new FinalizationRegistry\(.*\);)\n/, "const CheckerFinalization = globalThis.FinalizationRegistry && $1\n"],
  [/CheckerFinalization\./g, "CheckerFinalization?."],
  // Constants of which none is told but that of nothing.
  [/ +table\.set\(102[567], \w+\);\n/g, ""],
  // Made once, see `host.ts`.
  [/ {4}if \(wasm !== undefined\) return wasm;\n/, ""],
  [/ +wasm(Instance|Module) = .*\n/g, ""],
  // A decoder for each text: in Safari one fails after two gigabytes.
  [/let cachedTextDecoder = [^]*?return cachedTextDecoder\.decode\(bytes\);\n\}/, ""],
  [/( {4})ptr = ptr >>> 0;\n {4}return decodeText\(getUint8ArrayMemory0\(\)\.subarray\(ptr, ptr \+ len\)\)/, "$1return new TextDecoder().decode(getArrayU8FromWasm0(ptr, len))"],
  [/( \w+: )function(\(.*\)) \{/g, "$1$2 => {"],
  [/ +try \{\n([^]*?)\} catch \(e\) \{[^]*?throw e;\n +\}\n/, "$1"],
];

/** A method that says each argument where it passes it: of a text its place first, which says how long it is. */
function passing(method) {
  const said = new Map();
  const rest = method
    .replaceAll(/^ +(?:const )?((?:ptr|len|val)\d) = (.*);\n/gm, (_, name, what) => (said.set(name, what), ""))
    .replace(/^ +let ptr0.*\n/m, "");
  return rest.replaceAll(/\b(?:ptr|len|val)\d\b/g, (name) => said.get(name));
}

const glue = {
  name: "glue",
  setup(build) {
    build.onLoad({ filter: /wasm[\\/]rolewright\.js$/ }, async ({ path }) => {
      const cut = (text, [what, by]) => {
        if (text.search(what) < 0) throw new Error(`${path} holds nothing like ${what}: was it made by another wasm-bindgen?`);
        return text.replace(what, by);
      };
      const text = await readFile(path, "utf8");
      const [, malloc] = /, wasm\.(\w+), wasm\.\w+\)/.exec(text);
      const called = CUT.reduce(cut, text).replaceAll(/\bmalloc\(/g, `wasm.${malloc}(`);
      return { contents: called.replaceAll(/ {4}(?:static )?\w+\(.*\) \{\n[^]*?\n {4}\}\n/g, passing), loader: "js" };
    });
  },
};

// Names of properties that are met nowhere but inside: none that callers, hosts or Rust's JSON say.
const INSIDE = [
  ["__wbg_ptr", "__wrap", "about", "adopt", "holder", "is_place", "listeners", "open_pass", "why_not"],
  ["expire", "forAnswer", "hold", "inRow", "isDisposed", "isStale", "learn", "onRead", "expireBy", "numberOf", "rowOf", "openPass", "row"],
  ["claims", "generation", "lengths", "owner", "root", "what"],
  ["catchUp", "isGood", "look", "mustBeOpen", "trust", "start", "browser", "close", "scopes", "places", "ask"],
  ["apply", "confirm", "free", "make", "target"],
  ["bearer", "crypto", "ensure", "longLived", "payload", "poll", "refresh", "sha256", "signature", "signed", "verifier"],
];

// Each entry is whole, so that none can meet another's copy of a class by way of a shared file.
const shared = {
  absWorkingDir: here,
  bundle: true,
  target: "es2022",
  external: ["node:*", "*.wasm"],
  minify: true,
  legalComments: "none",
  mangleProps: new RegExp(`^(${INSIDE.flat().join("|")})$`),
  plugins: [glue],
  logLevel: "warning",
};

/** What one minifier has made smaller, by another that looks further. Import of a source it does not know. */
async function smaller(text, format) {
  const SOURCE = /\bimport source\b/;
  const { code } = await minify(text.replace(SOURCE, "import"), {
    module: true,
    ecma: 2022,
    compress: { passes: 3, lhs_constants: false },
    format,
  });
  return SOURCE.test(text) ? code.replace(/\bimport\b/, "import source") : code;
}

/** What stands beside the checker and is given one: no WebAssembly, and nothing of the checker itself. */
const BESIDE = ["authzen", "elements", "express", "gate", "hono", "live", "react", "stores"];
const { mangleProps: _, plugins: __, ...plain } = shared;
const define = {
  MOST_SAID: await kept("model/src/condition.rs", "MOST_SAID"),
  MOST_EVALUATIONS: await kept("server/src/authzen/evaluations.rs", "MOST"),
};
const beside = { ...plain, define, external: ["react"] };
/** Whatever renders on a server alone takes hooks from here, and leaves them to the browser. */
const directive = (name) => (name === "react" ? '"use client";' : "");
/** The module within the JavaScript. */
const inline = { ...shared, external: [], loader: { ".wasm": "binary" } };

/** Of a file that throws, Node shows the line. */
const LINES = { max_line_len: 1000 };
/** Younger than the target, and known to Deno and Bun. */
const young = { ...shared, supported: { "import-source": true, "import-attributes": true } };

await Promise.all([
  ...["browser", "workerd"].map((name) => entry(shared, `src/entry.${name}.ts`, `dist/entry.${name}.js`)),
  ...["deno", "bun"].map((name) => entry(young, `src/entry.${name}.js`, `dist/entry.${name}.js`)),
  entry(shared, "src/entry.node.ts", "dist/entry.node.js", LINES),
  entry(shared, "src/entry.commonjs.ts", "dist/entry.node.cjs", LINES),
  ...[["slim", shared], ["inline", inline]].flatMap(([name, options]) =>
    ["js", "cjs"].map((kind) => entry(options, `src/${name}.ts`, `dist/${name}.${kind}`)),
  ),
  ...BESIDE.map((name) => build({ ...beside, format: "esm", outdir: "dist", entryPoints: [`src/${name}.ts`], banner: { js: directive(name) } })),
  ...BESIDE.map(async (name) => save(`dist/${name}.cjs`, await bundled(beside, `src/${name}.ts`), directive(name))),
  cp(join(here, "wasm/rolewright_bg.wasm"), join(dist, "rolewright_bg.wasm")),
]);

async function bundled(options, from) {
  const { outputFiles } = await build({ ...options, format: "esm", write: false, outfile: "dist/bundled.js", entryPoints: [from] });
  return outputFiles[0].text;
}

async function entry(options, from, to, format = {}) {
  await save(to, await smaller(await bundled(options, from), format));
}

/** As a module, or as CommonJS where the name ends so: what esbuild puts around that is for modules that are made piece by piece. */
async function save(to, text, directive = "") {
  await writeFile(join(here, to), to.endsWith(".cjs") ? commonJs(to, text, directive) : text);
}

/** Takes what it needs at its beginning, and says at its end what it gives. */
function commonJs(to, module, directive) {
  const pairs = (names) => names.replaceAll(/([\w$]+) as ([\w$]+)/g, "$1:$2");
  const given = (names) => names.replaceAll(/([\w$]+) as ([\w$]+)/g, "$2:$1");
  const text = module
    .replaceAll(/\bimport\{([^}]*)\}from("[^"]*");/g, (_, names, from) => `const{${pairs(names)}}=require(${from});`)
    .replace(/\bexport\{([^}]*)\};/, (_, names) => `module.exports={${given(names)}};`);
  if (/\b(im|ex)port[ {"]/.test(text)) throw new Error(`${to} is not all CommonJS: was it written by another esbuild?`);
  return `"use strict";${directive}${text}`;
}

const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
execFileSync(process.execPath, [tsc, "--project", here], { stdio: "inherit" });

// What the exports' types lead to is given away; `require` takes types of its own: the same, by other names.
const FROM = /(from "\.{1,2}\/[^"]+)\.js"/g;
const declared = new Map();
const reach = async (path) => {
  if (declared.has(path)) return;
  const text = await readFile(path, "utf8");
  declared.set(path, text);
  for (const [from] of text.matchAll(FROM)) await reach(join(dirname(path), `${from.slice(6, -4)}.d.ts`));
};
for (const name of ["index", "inline", "slim", ...BESIDE]) await reach(join(dist, `${name}.d.ts`));
for (const name of await readdir(dist, { recursive: true })) {
  const path = join(dist, name);
  if (name.endsWith(".d.ts") && !declared.has(path)) await rm(path);
}
// But the catalogue is one: who registers theirs does so for `import` and for `require`.
const ONE = "export type * from \"./catalogue.js\" with { \"resolution-mode\": \"import\" };\n";
for (const [path, text] of declared) {
  const required = path.endsWith("catalogue.d.ts") ? ONE : text.replaceAll(FROM, '$1.cjs"');
  await writeFile(path.replace(/\.d\.ts$/, ".d.cts"), required);
}
// As edge workers import it, for `rolewright/slim`.
await writeFile(join(dist, "rolewright_bg.wasm.d.ts"), "declare const module: WebAssembly.Module;\nexport default module;\n");
