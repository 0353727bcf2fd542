// What the gate adds to a request in workerd, and how long the first decision of an isolate takes that has answered nothing yet.
import { Signer, passOf, snapshot } from "../../../www/checker/test/fixtures.mjs";
import { figure, keepAwake, median } from "../measure.mjs";
import { connection, request } from "./client.mjs";
import { start } from "./workerd.mjs";

/** Each turn is a request with the gate and one without: so little apart that the machine is the same to both. */
const TURNS = 20_000;
/** By then both are compiled as they stay. */
const WARM_UP = 10_000;
const COLD = 25;
const PROCESSES = 9;

const signer = await Signer.create();
const mayDoze = keepAwake();
const signed = async (kind) => ({ snapshot: await signer.snapshot(snapshot(kind)), keys: signer.keys });

{
  const { ports, stop } = await start(["bare", "gated"], await signed("policy"));
  const now = Date.now();
  const pass = await signer.pass(passOf(), { now, issued: now - 1_000, expires: now + 10 * 60_000 });
  const asked = request("POST", "/reports/weekly/run", { authorization: `Bearer ${pass}` });
  const [bare, gated] = await Promise.all(ports.map(connection));
  const without = [];
  const differences = [];
  for (let turn = 0; turn < WARM_UP + TURNS; turn++) {
    // Neither always follows the other.
    const isFirst = turn % 2 === 0;
    const before = isFirst ? await bare.ask(asked) : undefined;
    const withIt = await gated.ask(asked);
    const time = before ?? (await bare.ask(asked));
    if (turn < WARM_UP) continue;
    without.push(time);
    differences.push(withIt - time);
  }
  figure("edge/gate adds", median(differences), "us");
  figure("edge/request without the gate", median(without), "us");
  bare.close();
  gated.close();
  await stop();
}

/** How much longer the first answer takes where it is a decision, by isolates that have answered nothing yet. */
async function firstDecision(processes, isolates) {
  const state = await signed("full");
  const asked = request("GET", "/");
  const first = [[], []];
  for (let process = 0; process < processes; process++) {
    const shapes = Array.from({ length: 2 * isolates }, (_, at) => (at % 2 === 0 ? "bare" : "cold"));
    const { ports, stop } = await start(shapes, state);
    for (const [at, port] of ports.entries()) {
      const worker = await connection(port);
      first[at % 2].push((await worker.ask(asked)) / 1e3);
      worker.close();
    }
    await stop();
  }
  const [bare, cold] = first.map(median);
  return { bare, more: Math.max(0, cold - bare) };
}

{
  const { bare, more } = await firstDecision(1, COLD);
  figure("edge/first decision", more, "ms");
  figure("edge/first answer of a bare worker", bare, "ms");
  // There the engine has not met the module in another isolate either.
  figure("edge/first decision of a process", (await firstDecision(PROCESSES, 1)).more, "ms");
}

mayDoze();
