import { createElement as h, useEffect, useState } from "react";
import { hydrateRoot } from "react-dom/client";
import { connect } from "rolewright";
import { RolewrightProvider } from "rolewright/react";
import { App } from "./react-app.mjs";

let shared;

/** The checker is there before the first rendering, or comes later: either way that is what the server rendered. */
function Page() {
  const [rw, setRw] = useState(shared);
  useEffect(() => void (globalThis.stop = () => setRw(undefined)), []);
  return h(RolewrightProvider, { rw }, h(App));
}

export async function start() {
  shared = await connect({ url: location.origin, tenant: "acme", pass: "token", maxStale: 100 });
  hydrateRoot(document.getElementById("root"), h(Page), { onRecoverableError: (error) => console.error(error) });
}
