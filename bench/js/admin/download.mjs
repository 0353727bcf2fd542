// What the app downloads: the bodies that a cold visit in fact transfers, and what it may come to load after that.
import { readdirSync } from "node:fs";
import { request } from "node:http";
import { figure } from "../measure.mjs";
import { begin, rest } from "./app.mjs";

const [, , folder] = process.argv;
const app = await begin();
try {
  const signIn = await visit(app.openOutside, "/sign-in", shown);
  const overview = await visit(app.open, "/", shown);
  const users = await visit(app.open, "/users", async (page) => {
    await page.waitForLoadState("networkidle");
    await rest(page, 2_000);
  });
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".br"))
    .map((entry) => `/${[entry.parentPath.slice(folder.length), entry.name].join("/")}`.replace(/\/+/g, "/"));
  const strange = [...users.keys()].filter((path) => !files.includes(path));
  if (strange.length > 0) throw new Error(`a visit loads what is no file of the app: ${strange.join(", ")}`);
  const later = await Promise.all(files.filter((path) => !users.has(path)).map((path) => body(app.url + path)));
  figure("admin/download", (sum(users) + later.reduce((all, one) => all + one, 0)) / 1e3, "kB");
  figure("admin/download, sign-in", sum(signIn) / 1e3, "kB");
  figure("admin/download, overview", sum(overview) / 1e3, "kB");
  figure("admin/download, cold visit", sum(users) / 1e3, "kB");
} finally {
  await app.stop();
}

/** The bodies, by the file, that are transferred to who opens a page with nothing cached, until it is `ready`. */
async function visit(open, address, ready) {
  const sizes = [];
  const take = (sent) => {
    const { pathname } = new URL(sent.url());
    if (!pathname.startsWith("/api/")) {
      // The page's own address names no file.
      const file = pathname === address ? "/index.html" : pathname;
      sizes.push(sent.sizes().then(({ responseBodySize }) => [file, responseBodySize]));
    }
  };
  const { page, close } = await open(address, { prepare: (page) => page.on("requestfinished", take) });
  await ready(page);
  page.off("requestfinished", take);
  const visited = new Map(await Promise.all(sizes));
  await close();
  return visited;
}

/** Resolves when a page has its head. */
function shown(page) {
  return page.getByRole("heading", { level: 1 }).waitFor();
}

function sum(visited) {
  return [...visited.values()].reduce((all, one) => all + one, 0);
}

/** How many bytes a body has as it is sent to a browser. */
function body(url) {
  return new Promise((resolve, reject) => {
    request(url, { headers: { "accept-encoding": "br" } }, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`${url} answers ${answer.statusCode}`));
      let bytes = 0;
      answer.on("data", (part) => (bytes += part.length)).on("end", () => resolve(bytes));
    })
      .on("error", reject)
      .end();
  });
}
