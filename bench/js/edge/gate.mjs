// What the gate adds to a request in workerd, and how long the first decision of an isolate takes that has answered nothing yet.
import { Signer, passOf, snapshot } from "../../../www/checker/test/fixtures.mjs";
import { figure, median } from "../measure.mjs";
import { connection, request } from "./client.mjs";
import { start } from "./workerd.mjs";

const ROUNDS = 200;
const EACH = 50;
const COLD = 25;

const signer = await Signer.create();
const signed = async (kind) => ({ snapshot: await signer.snapshot(snapshot(kind)), keys: signer.keys });

{
  const { ports, stop } = await start(["bare", "gated"], await signed("policy"));
  const now = Date.now();
  const pass = await signer.pass(passOf(), { now, issued: now - 1_000, expires: now + 10 * 60_000 });
  const asked = request("POST", "/reports/weekly/run", { authorization: `Bearer ${pass}` });
  const [bare, gated] = await Promise.all(ports.map(connection));
  const times = [[], []];
  const differences = [];
  for (let round = 0; round < ROUNDS; round++) {
    const medians = [];
    for (const [at, worker] of [bare, gated].entries()) {
      const each = [];
      for (let n = 0; n < EACH; n++) each.push(await worker.ask(asked));
      medians.push(median(each));
      times[at].push(median(each));
    }
    // The first rounds are warm-up.
    if (round >= ROUNDS / 4) differences.push(medians[1] - medians[0]);
  }
  figure("edge/gate adds", Math.max(0, median(differences)), "us");
  figure("edge/request without the gate", median(times[0].slice(ROUNDS / 4)), "us");
  bare.close();
  gated.close();
  await stop();
}

{
  const shapes = Array.from({ length: 2 * COLD }, (_, at) => (at % 2 === 0 ? "bare" : "cold"));
  const { ports, stop } = await start(shapes, await signed("full"));
  const asked = request("GET", "/");
  const first = [[], []];
  for (const [at, port] of ports.entries()) {
    const worker = await connection(port);
    first[at % 2].push((await worker.ask(asked)) / 1e3);
    worker.close();
  }
  const [bare, cold] = first.map(median);
  figure("edge/first decision", Math.max(0, cold - bare), "ms");
  figure("edge/first answer of a bare worker", bare, "ms");
  await stop();
}
