import { CanElement, UNKNOWN, askBy } from "./elements/can.js";
import type { Rolewright } from "./rolewright.js";
import type { Subject } from "./subject.js";
import { watch } from "./watch.js";

export type { CanElement } from "./elements/can.js";

declare global {
  interface HTMLElementTagNameMap {
    "rw-can": CanElement;
  }
}

let stop: (() => void) | undefined;

/**
 * Has the elements `<rw-can>` of the page ask a checker from now on, those that are there and those that come; another call puts
 * another checker or subject in its place, and `undefined` hides everything. Until the first call nothing is shown: write
 * `<rw-can hidden>`, or `rw-can:not(:defined) { display: none }` in the page's style, for the time before the script is there.
 *
 * @param subject who asks; the person of a subject snapshot where it is not said
 * @throws TypeError where there is no page
 */
export function guard(rw: Rolewright | null | undefined, subject?: Subject | string | null): void {
  stop?.();
  stop = undefined;
  if (typeof customElements === "undefined") throw new TypeError("`guard` is for pages: there are no elements here");
  if (customElements.get("rw-can") === undefined) customElements.define("rw-can", CanElement);
  if (rw === undefined || rw === null) {
    askBy(UNKNOWN);
    return;
  }
  const update = () =>
    askBy((permission, resource) => {
      const who = subject ?? rw.self;
      return who === undefined ? "hidden" : rw.ui(who, permission, resource);
    });
  stop = watch(rw, update);
  update();
}
