// The world that the native side has written: its questions, and Rolewright with its snapshot loaded.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "../../www/checker/dist/entry.node.js";
import { Signer } from "../../www/checker/test/fixtures.mjs";
import { own } from "./measure.mjs";

export const folder = process.argv[2];
const file = (name) => readFileSync(join(folder, name));
export const json = (name) => JSON.parse(file(name));

const { users, permissions, held, asked, placed } = json("questions.json");
export { held, permissions, users };
const named = ([user, permission, resource, allowed]) => [own(users[user]), own(permissions[permission]), own(resource), allowed];
/** Questions as a program asks them, each with strings of its own, and the right answer. */
export const questions = asked.map(named);
export const placedQuestions = placed.map(named);

/** A snapshot, signed as the server signs it, and the keys to load it with. */
export async function signed(name) {
  const signer = await Signer.create();
  return { bytes: await signer.snapshot(file(name)), keys: signer.keys };
}

export async function rolewright() {
  const { bytes, keys } = await signed("world.snapshot");
  return load(bytes, { keys });
}
