import { RolewrightError } from "./error.js";
import { init as start } from "./host.js";
import { setPortableHost } from "./portable.js";
import type { ModuleSource } from "./portable.js";

let given: ModuleSource | Promise<ModuleSource> | undefined;

setPortableHost(() => {
  if (!given) throw new RolewrightError("misuse", "init needs the module");
  return given;
});

export * from "./index.js";
export type { ModuleSource };

/**
 * Makes the WebAssembly module ready, which this entry does not find by itself. Calling it again does nothing; after a failure
 * the next call tries again, with what it is given.
 *
 * @throws RolewrightError `misuse` where it was never given; and where it cannot be read or compiled
 */
export async function init(module?: ModuleSource | Promise<ModuleSource>): Promise<void> {
  given = module ?? given;
  await start();
}
