import type { PermissionId } from "../catalogue.js";
import type { UiState } from "../types.js";
import { CONTROLS, hold, isDisabled } from "./controls.js";
import type { Hold } from "./controls.js";

/** What a part of the page is told of what guards it. */
export type Ask = (permission: PermissionId, resource: string | undefined) => UiState;

/** Asks for nothing: nobody is known yet. */
export const UNKNOWN: Ask = () => "hidden";

/** Every element that is in a page. */
const connected = new Set<CanElement>();
let ask: Ask = UNKNOWN;

/** Has every element ask so from now on. */
export function askBy(next: Ask): void {
  ask = next;
  for (const element of connected) element.update();
}

/** Where a page is rendered on a server there are no elements, and the module must still be importable. */
const Base = globalThis.HTMLElement ?? (class {} as typeof HTMLElement);

/**
 * `<rw-can permission="reports.run" resource="servers/prod">`: a part of a page that is hidden, disabled or read-only as the
 * permission's level says, and says which in its attribute `ui`. Until that is known it is hidden.
 *
 * Disabled are its controls (`disabled`, and `aria-disabled` for links and what has a role), read-only what is typed into, of
 * which the other controls are disabled. What the page itself disables stays so.
 */
export class CanElement extends Base {
  static readonly observedAttributes = ["permission", "resource"];

  #ui: UiState = "hidden";
  #observer: MutationObserver | undefined;

  /** What is done with the part. */
  get ui(): UiState {
    return this.#ui;
  }

  connectedCallback(): void {
    connected.add(this);
    for (const event of ["click", "keydown", "submit"]) this.addEventListener(event, this, true);
    // What comes in later is guarded too, before it is painted; what leaves is free.
    this.#observer ??= new MutationObserver((changes) => {
      for (const node of changes.flatMap(({ removedNodes }) => [...removedNodes])) {
        if (node instanceof Element && !this.contains(node)) this.#release(node);
      }
      this.#apply();
    });
    this.#observer.observe(this, { childList: true, subtree: true });
    this.update();
  }

  disconnectedCallback(): void {
    connected.delete(this);
    this.#observer?.disconnect();
    this.#release(this);
  }

  attributeChangedCallback(): void {
    if (connected.has(this)) this.update();
  }

  /** Asks anew, and shows what is answered. */
  update(): void {
    const permission = this.getAttribute("permission");
    this.#ui = permission === null ? "hidden" : ask(permission as PermissionId, this.getAttribute("resource") ?? undefined);
    this.#apply();
  }

  /** Stops what a held link would do: `aria-disabled` says it, and does not do it. */
  handleEvent(event: Event): void {
    const path = event.composedPath();
    const within = path.slice(0, path.indexOf(this)).filter((target) => target instanceof Element);
    const isHeld = within.some(isDisabled) || (event.type === "submit" && this.#ui !== "enabled");
    // Who comes by the keyboard must get on.
    if (!isHeld || (event instanceof KeyboardEvent && event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  #release(root: Element): void {
    for (const control of [root, ...root.querySelectorAll(CONTROLS)]) hold(control, this, undefined);
  }

  #apply(): void {
    const ui = this.#ui;
    const isHidden = ui === "hidden";
    if (this.getAttribute("ui") !== ui) this.setAttribute("ui", ui);
    this.toggleAttribute("hidden", isHidden);
    this.toggleAttribute("inert", isHidden);
    // The page's own style for the element would win over the attribute.
    if (isHidden) this.style.setProperty("display", "none", "important");
    else this.style.removeProperty("display");
    const how: Hold | undefined = ui === "disabled" || ui === "read_only" ? ui : isHidden ? "disabled" : undefined;
    for (const control of this.querySelectorAll(CONTROLS)) hold(control, this, how);
  }
}
