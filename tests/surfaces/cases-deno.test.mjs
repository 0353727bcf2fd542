import { test } from "node:test";
import { run, signedCases } from "./cases.mjs";
import { converse, program, project } from "./runtime.mjs";

test("the decision cases in Deno, which is permitted nothing", async (context) => {
  const folder = project("cases-deno", ["ask.mjs", "ask-by.mjs", "cases-lines.mjs"]);
  const deno = converse(program("deno"), ["run", "--no-prompt", "cases-lines.mjs"], folder);
  try {
    await run(context, await signedCases(), deno.ask);
  } finally {
    await deno.stop();
  }
});
