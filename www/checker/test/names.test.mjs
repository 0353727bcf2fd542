import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { transform } from "esbuild";

const source = await readFile(new URL("../src/names.ts", import.meta.url), "utf8");
const { code } = await transform(source, { loader: "ts", format: "esm", target: "es2022" });
const { Names } = await import(`data:text/javascript,${encodeURIComponent(code)}`);

/** More often than names are asked for before they are arranged. */
const OFTEN = 40_000;

/** The same text as a string of its own. */
const own = (text) => Buffer.from(text, "utf16le").toString("utf16le");

/** Asks for each of them, and for strangers, until they were arranged and ever again after; a plain `Map` knows what is right. */
function agrees(known, strangers = []) {
  const names = new Names();
  const right = new Map();
  const asked = [...known, ...strangers];
  const check = (name) => assert.equal(names.numberOf(own(name)), right.get(name) ?? 0, JSON.stringify(name));
  // Half of them come after the others were arranged.
  for (const part of [known.slice(0, known.length / 2), known.slice(known.length / 2)]) {
    for (const name of part) {
      names.add(own(name));
      right.set(name, right.size + 1);
    }
    asked.forEach(check);
    for (let at = 0; at < OFTEN; at++) names.numberOf(known[at % right.size]);
    asked.forEach(check);
  }
}

const many = (count, name) => Array.from({ length: count }, (_, at) => name(at));
/** The same numbers on every run. */
function random(seed) {
  return (below) => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
}

const SETS = {
  "ids with a random end": many(3_000, (at) => `usr_${(Math.imul(at, 0x9e3779b1) >>> 0).toString(16).padStart(12, "0")}`),
  "permissions": many(600, (at) => `module_${Math.floor(at / 20)}.permission_${at % 20}`),
  "numbers": many(3_000, String),
  "names of every length": many(300, (at) => "x".repeat(at + 1)),
  "one name": ["the only one there is"],
  "names that are alike at their ends": many(2_000, (at) => `${at}${"b".repeat(40)}`),
  "names that are alike but in one place": many(2_000, (at) => `${"a".repeat(40)}${String.fromCharCode(at + 256)}${"b".repeat(40)}`),
  "what objects have": ["__proto__", "constructor", "hasOwnProperty", "toString", "valueOf", "__defineGetter____"],
  "letters beyond ASCII": many(2_000, (at) => `${"ж".repeat(at % 7)}${"😀".repeat(12)}${at}é`),
  "halves of pairs": many(500, (at) => `${String.fromCharCode(0xd800 + at)}${"-".repeat(20)}`),
};

for (const [what, names] of Object.entries(SETS)) {
  test(`names are numbered in their order, and others are not known: ${what}`, () => {
    agrees(names, [...names.map((name) => `${name}.`), ...names.map((name) => name.slice(1)).filter((name) => !names.includes(name)), ""]);
  });
}

test("random names are found as a `Map` finds them", () => {
  for (let seed = 1; seed <= 12; seed++) {
    const next = random(seed);
    const letters = ["ab", "0123456789", "abcdefghijklmnopqrstuvwxyz-_.", "aжé\u{ffff}\ud800"][next(4)];
    const word = () => many(1 + next(30), () => letters[next(letters.length)]).join("");
    const [known, strangers] = [new Set(many(1 + next(2_000), word)), new Set(many(500, word))];
    agrees([...known], [...strangers].filter((name) => !known.has(name)));
  }
});

test("a million names are found", () => {
  const names = new Names();
  const name = (at) => `user-${at.toString().padStart(9, "0")}`;
  for (let at = 0; at < 1_000_000; at++) names.add(name(at));
  for (let at = 0; at < 1_000_000; at += 7) assert.equal(names.numberOf(name(at)), at + 1);
  assert.equal(names.numberOf(name(1_000_000)), 0);
});

test("what is no text is no name", () => {
  const names = new Names();
  SETS.permissions.forEach((name) => names.add(name));
  const ask = () => {
    for (const what of [undefined, null, 0, 1, NaN, true, Symbol("x"), {}, ["module_0.permission_0"], new String("module_0.permission_0"), { length: 99 }]) {
      assert.equal(names.numberOf(what), 0);
    }
  };
  ask();
  for (let at = 0; at < OFTEN; at++) names.numberOf("module_0.permission_0");
  ask();
});
