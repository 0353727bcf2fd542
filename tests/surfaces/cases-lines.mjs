// Asks the decision cases that come in, a file a line, and answers a line for each.
import process from "node:process";
import { createInterface } from "node:readline";
import { ask } from "./ask.mjs";

for await (const line of createInterface({ input: process.stdin })) console.log(JSON.stringify(await ask(JSON.parse(line))));
