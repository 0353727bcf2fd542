// Runtimes other than Node, as npm brings them, with the checker installed as in any project.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { buildFolder, root } from "./places.mjs";

const require = createRequire(import.meta.url);

/**
 * The program of an npm package that brings one for each system in a package of its own: npm installs the one that fits.
 * Where there is none for this system, a variable names it: `DENO`, `BUN`.
 */
export function program(name) {
  const variable = name.toUpperCase();
  if (process.env[variable]) return process.env[variable];
  for (const system of Object.keys(require(`${name}/package.json`).optionalDependencies)) {
    for (const path of [name, `${name}.exe`, `bin/${name}`, `bin/${name}.exe`]) {
      const file = join(root, "node_modules", system, path);
      if (existsSync(file)) return file;
    }
  }
  throw new Error(`npm has no ${name} for this system: install it, and name it in the variable ${variable}`);
}

/** A project of its own, with the checker installed from what would be published, and these files of this folder. */
export function project(name, files) {
  const folder = buildFolder(name);
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
  const options = ["--install-links", "--ignore-scripts", "--offline", "--no-audit", "--no-fund", "--loglevel=error"];
  execFileSync("npm", ["install", ...options, join(root, "www/checker")], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  for (const file of files) copyFileSync(join(root, "tests/surfaces", file), join(folder, file));
  return folder;
}

/** Starts a program that answers each line with a line. Answers how to ask it, and how to stop it. */
export function converse(command, options, cwd) {
  const child = spawn(command, options, { cwd, stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "exit");
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(question) {
      child.stdin.write(`${JSON.stringify(question)}\n`);
      const { value, done } = await answers.next();
      if (done) throw new Error(`${command} ended instead of answering`);
      return JSON.parse(value);
    },
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}
