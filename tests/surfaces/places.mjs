import { mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The top of the checkout. */
export const root = join(dirname(fileURLToPath(import.meta.url)), "../..");

/** An empty folder below `target/`. */
export function buildFolder(name) {
  const folder = join(root, "target/surfaces", name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}
