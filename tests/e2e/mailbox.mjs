// A real mail server for the end-to-end tests: aiosmtpd, which keeps what it is sent in a folder.

import { spawn } from "node:child_process";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually, freePort } from "./rolewright.mjs";

const python = process.env.PYTHON ?? "/usr/bin/python3";

/** Starts the mail server; `url` is its address, and `mail(n)` the n-th mail that it was sent, once it is there. */
export async function startMailbox() {
  const folder = await mkdtemp(join(tmpdir(), "rolewright-mail-"));
  const port = await freePort();
  const at = `127.0.0.1:${port}`;
  const args = ["-m", "aiosmtpd", "-n", "-l", at, "-c", "aiosmtpd.handlers.Mailbox", join(folder, "box")];
  const server = spawn(python, args, { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  server.stderr.on("data", (text) => (said += text));
  const exited = new Promise((resolve) => server.once("exit", resolve));
  await eventually("the mail server answers", () => {
    if (server.exitCode !== null) throw new Error(said);
    return answers(port);
  }).catch((error) => {
    throw new Error(`${error.message}\n${said}`);
  });
  const seen = [];
  return {
    url: `smtp://${at}`,
    /** The next mail that comes in: `to`, `subject`, `text`, and the first `link` in it. */
    next() {
      return eventually("a mail arrives", async () => {
        const names = await readdir(join(folder, "box/new")).catch(() => []);
        const name = names.find((name) => !seen.includes(name));
        if (!name) return undefined;
        seen.push(name);
        return read(await readFile(join(folder, "box/new", name), "utf8"));
      });
    },
    async stop() {
      server.kill("SIGTERM");
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function answers(port) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("data", () => (socket.destroy(), resolve(true)));
    socket.once("error", () => resolve(false));
  });
}

/** Its headers, and the plain text of its first part. */
function read(raw) {
  const lines = raw.replaceAll("\r\n", "\n");
  const header = (name) => new RegExp(`^${name}: (.*)$`, "mi").exec(lines)?.[1];
  const [part, ...rest] = lines.slice(lines.indexOf("\n\n") + 2).split("\n\n");
  let text = rest.join("\n\n").split("\n--")[0];
  if (/quoted-printable/i.test(part)) {
    text = text.replaceAll("=\n", "").replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  }
  return { to: header("To"), from: header("From"), subject: header("Subject"), text, link: /https?:\/\/\S+/.exec(text)?.[0] };
}
