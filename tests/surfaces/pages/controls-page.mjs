import { guard } from "rolewright/elements";

/** What a part is for: `ui` says it, for every permission alike. */
let ui = "hidden";
const listeners = new Set();
const rw = { self: "ana", ui: () => ui, subscribe: (listener) => (listeners.add(listener), () => listeners.delete(listener)) };

class OwnButton extends HTMLElement {
  constructor() {
    super();
    this.attachShadow({ mode: "open" }).innerHTML = "<button>Own</button>";
    this.shadowRoot.firstChild.addEventListener("click", () => globalThis.used.push("own"));
  }
}

export function start() {
  globalThis.used = [];
  customElements.define("own-button", OwnButton);
  guard(rw);
  for (const event of ["click", "auxclick", "mousedown", "change"]) {
    document.querySelector("#plain").addEventListener(event, () => globalThis.used.push("plain"));
  }
  for (const event of ["click", "keydown", "keyup"]) {
    document.querySelector("#role").addEventListener(event, () => globalThis.used.push("role"));
  }
}

/** Says what the parts are for from now on. */
export function say(next) {
  ui = next;
  for (const listener of listeners) listener();
  return new Promise((resume) => setTimeout(resume, 0));
}
