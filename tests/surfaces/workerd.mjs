// The Workers runtime, as npm brings it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import workerd from "workerd";

/** How long it has to come up, in milliseconds. */
const PATIENCE = 20_000;

/**
 * Starts workerd with a configuration whose one socket is called `http`, on a port of loopback that is free. Answers its
 * address, and how to stop it.
 */
export async function serve(config, env = {}) {
  const options = ["serve", config, "--socket-addr=http=127.0.0.1:0", "--control-fd=3"];
  const child = spawn(workerd.default ?? workerd, options, {
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  const ended = once(child, "exit");
  const stop = async () => {
    child.kill();
    await ended;
  };
  const listening = (async () => {
    for await (const line of createInterface({ input: child.stdio[3] })) {
      const { event, socket, port } = JSON.parse(line);
      if (event === "listen" && socket === "http") return port;
    }
    throw new Error("workerd ended before it listened");
  })();
  const late = new Promise((_, reject) => setTimeout(reject, PATIENCE, new Error("workerd did not come up")).unref());
  try {
    return { url: `http://127.0.0.1:${await Promise.race([listening, late])}`, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
