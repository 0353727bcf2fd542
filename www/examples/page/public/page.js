// A page without a framework and without a bundler: its elements show what the person who is signed in may do.
import { RolewrightError, connect } from "/rolewright/entry.browser.js";
import { guard } from "/rolewright/elements.js";
import { follow } from "/rolewright/live.js";

const TENANT = "default";
const form = document.querySelector("#sign-in");

/** Shows what the session's person may do; a form to sign in where there is no session. */
async function show() {
  try {
    const rw = await connect({ url: location.origin, tenant: TENANT });
    follow(rw, { url: location.origin });
    guard(rw);
    form.hidden = true;
  } catch (error) {
    if (!(error instanceof RolewrightError) || error.code !== "unauthorized") throw error;
    form.hidden = false;
  }
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = JSON.stringify(Object.fromEntries(new FormData(form)));
  const headers = { "content-type": "application/json" };
  const response = await fetch(`/api/v1/tenants/${TENANT}/session`, { method: "POST", headers, body });
  form.querySelector("[role=alert]").textContent = response.ok ? "" : (await response.json()).detail;
  if (response.ok) await show();
});

await show();
