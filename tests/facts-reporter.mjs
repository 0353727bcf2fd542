// A line for each test whose name begins with the number of a fact of the acceptance list: what came of it, its file, its name.
// `cargo xtask acceptance` reads them; whatever else there is to say the other reporter says.

import { relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const CAME = { "test:pass": "passed", "test:fail": "failed" };

export default async function* facts(events) {
  for await (const { type, data } of events) {
    if (!(type in CAME) || !/^S\d+-\d+/.test(data.name)) continue;
    const came = data.skip === undefined && data.todo === undefined ? CAME[type] : "left-out";
    yield `fact ${came} ${relative(root, data.file)} ${data.name}\n`;
  }
}
