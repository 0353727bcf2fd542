// One kept connection that asks one thing after the other: as little as can be beside what is measured.
import { connect } from "node:net";
import { once } from "node:events";

/** A connection to a port of loopback; `ask(head)` resolves to the time of one answer, in microseconds. */
export async function connection(port) {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  let told;
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk.toString("latin1");
    const head = text.indexOf("\r\n\r\n");
    if (head < 0) return;
    const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
    if (text.length < head + 4 + length) return;
    const answer = text;
    text = "";
    told?.(answer);
  });
  return {
    async ask(head, status = 200) {
      const start = process.hrtime.bigint();
      const answer = await new Promise((resolve) => {
        told = resolve;
        socket.write(head);
      });
      const time = Number(process.hrtime.bigint() - start) / 1e3;
      if (!answer.startsWith(`HTTP/1.1 ${status} `)) throw new Error(`answered ${answer.split("\r\n")[0]}`);
      return time;
    },
    close: () => socket.destroy(),
  };
}

/** A request without a body, as text. */
export const request = (method, path, headers = {}) =>
  `${method} ${path} HTTP/1.1\r\nhost: x\r\n${Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
