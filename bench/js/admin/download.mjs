// What the app downloads: the bodies that a cold visit in fact transfers, and what it may come to load after that.
import { readdirSync } from "node:fs";
import { request } from "node:http";
import { figure } from "../measure.mjs";
import { begin, rest } from "./app.mjs";

const [, , folder] = process.argv;
const app = await begin();
try {
  const visited = new Map();
  const sizes = [];
  const take = (sent) => {
    const { pathname } = new URL(sent.url());
    if (!pathname.startsWith("/api/")) sizes.push(sent.sizes().then(({ responseBodySize }) => visited.set(pathname, responseBodySize)));
  };
  const { page } = await app.open("/users", { prepare: (page) => page.on("requestfinished", take) });
  await page.waitForLoadState("networkidle");
  await rest(page, 2_000);
  await Promise.all(sizes);
  // Its address names no file.
  visited.set("/index.html", visited.get("/users"));
  visited.delete("/users");
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".br"))
    .map((entry) => `/${[entry.parentPath.slice(folder.length), entry.name].join("/")}`.replace(/\/+/g, "/"));
  const strange = [...visited.keys()].filter((path) => !files.includes(path));
  if (strange.length > 0) throw new Error(`a visit loads what is no file of the app: ${strange.join(", ")}`);
  const sum = (values) => values.reduce((all, one) => all + one, 0);
  const later = await Promise.all(files.filter((path) => !visited.has(path)).map((path) => body(app.url + path)));
  figure("admin/download", (sum([...visited.values()]) + sum(later)) / 1e3, "kB");
  figure("admin/download, cold visit", sum([...visited.values()]) / 1e3, "kB");
} finally {
  await app.stop();
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
