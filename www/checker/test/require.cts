// Compiled, never run: the same types for `require`.
import rolewright = require("rolewright");

async function uses(): Promise<boolean> {
  const rw: rolewright.Rolewright = await rolewright.load(new Uint8Array(), { keys: { keys: [] } });
  return rw.can("ana", "reports.run");
}

export = uses;
