import { connect } from "rolewright";
import { guard } from "rolewright/elements";

export async function start() {
  const rw = await connect({ url: location.origin, tenant: "acme", pass: "token", maxStale: 100 });
  guard(rw);
  globalThis.stop = () => guard(undefined);
}
