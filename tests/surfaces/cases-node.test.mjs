import { test } from "node:test";
import { ask } from "./ask.mjs";
import { run, signedCases } from "./cases.mjs";

test("the decision cases in Node", async (context) => {
  await run(context, await signedCases(), ask);
});
