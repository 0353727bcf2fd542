import type { PermissionId } from "../catalogue.js";
import type { UiState } from "../types.js";
import { CONTROLS, OURS, claim, hold, isDisabled, isOurs, keep, leave, wish } from "./controls.js";
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

/** What uses a control, or begins to. Beside these, a form is not sent. */
const USES = ["click", "auxclick", "dblclick", "pointerdown", "pointerup", "mousedown", "mouseup", "touchstart", "touchend", "beforeinput", "input", "change", "dragstart", "drop", "paste"];

/** Where a page is rendered on a server there are no elements, and the module must still be importable. */
const Base = globalThis.HTMLElement ?? (class {} as typeof HTMLElement);

/**
 * `<rw-can permission="reports.run" resource="servers/prod">`: a part of a page that is hidden, disabled or read-only as the
 * permission's level says, and says which in its attribute `ui`. Until that is known it is hidden.
 *
 * Disabled are its controls (`disabled`, and `aria-disabled` for links and what has a role), and nothing in it can be used, of
 * whatever it is made. Read-only is what is typed into; other controls are disabled then, and what leads on does. What the page
 * itself sets meanwhile is had again when that ends.
 */
export class CanElement extends Base {
  static readonly observedAttributes = ["permission", "resource"];

  #ui: UiState = "hidden";
  /** The page's own `display` while ours hides it: its value and its priority. */
  #display: readonly [string, string] = ["", ""];
  #isHiding = false;

  /** What is done with the part. */
  get ui(): UiState {
    return this.#ui;
  }

  connectedCallback(): void {
    connected.add(this);
    for (const event of [...USES, "keydown", "keyup", "submit"]) this.addEventListener(event, this, true);
    // A clone of a hidden one is hidden by us, too.
    this.#isHiding ||= isOurs(this, "hidden");
    // As it is written for the time before the script.
    claim(this, "hidden");
    // What comes in later is guarded too, before it is painted; what leaves is free.
    observer?.observe(this, { childList: true, subtree: true, attributes: true, attributeFilter: [...OURS, "style", "role", "href"] });
    // That a frame takes the focus is told to the window that loses it alone.
    addEventListener("blur", leaveFrames);
    this.update();
  }

  disconnectedCallback(): void {
    connected.delete(this);
    byUs(observer?.takeRecords() ?? [], () => settle(this));
  }

  attributeChangedCallback(): void {
    if (connected.has(this)) this.update();
  }

  /** Asks anew, and shows what is answered. */
  update(): void {
    const permission = this.getAttribute("permission");
    this.#ui = permission === null ? "hidden" : ask(permission as PermissionId, this.getAttribute("resource") ?? undefined);
    byUs(observer?.takeRecords() ?? [], () => {
      this.show();
      settle(this);
    });
  }

  /** Stops what a held control would do: `aria-disabled` says it, and does not do it. */
  handleEvent(event: Event): void {
    const path = event.composedPath();
    const within = path.slice(0, path.indexOf(this)).filter((target) => target instanceof Element);
    const isAll = this.#ui === "disabled" || this.#ui === "hidden";
    const isHeld = within.some(isDisabled) || (within.length > 0 && isAll) || (event.type === "submit" && this.#ui !== "enabled");
    if (!isHeld || (event instanceof KeyboardEvent && !isUse(event))) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  /** Shows what was answered. */
  show(): void {
    const ui = this.#ui;
    const isHidden = ui === "hidden";
    if (this.getAttribute("ui") !== ui) this.setAttribute("ui", ui);
    keep(this, isHidden ? { hidden: "", inert: "" } : {});
    // The page's own style for the element would win over the attribute.
    const { style } = this;
    const [value, priority] = [style.getPropertyValue("display"), style.getPropertyPriority("display")];
    const isNone = value === "none" && priority === "important";
    if (isHidden && !(this.#isHiding && isNone)) {
      this.#display = [value, priority];
      style.setProperty("display", "none", "important");
    } else if (!isHidden && this.#isHiding && isNone) {
      style.setProperty("display", ...this.#display);
    }
    this.#isHiding = isHidden;
  }
}

/** The keys that do something, beside those of characters: by these a slider, a list or a grid is moved. */
const KEYS = /^(Enter|Backspace|Delete|Home|End|F2|(Arrow|Page)(Up|Down|Left|Right))$/;

/** Whether a key does something: who comes by the keyboard must get on, and may copy. */
function isUse({ key, ctrlKey, metaKey }: KeyboardEvent): boolean {
  return KEYS.test(key) || (key.length === 1 && !ctrlKey && !metaKey);
}

/** Holds every control within as the parts say in which it stands, and lets those go that stand in none. */
function settle(root: Element): void {
  for (const control of [root, ...root.querySelectorAll(CONTROLS)]) {
    if (!(control instanceof CanElement)) hold(control, howHeld(control));
  }
}

/** Takes the focus from a frame that is held, once it has it: the window is told before that. */
function leaveFrames(): void {
  setTimeout(() => {
    for (const part of connected) for (const control of part.querySelectorAll(CONTROLS)) leave(control);
  });
}

/** How the parts in which a control stands hold it: the strictest counts. */
function howHeld(control: Element): Hold | undefined {
  let how: Hold | undefined;
  for (let part = control.closest("rw-can"); part !== null; part = part.parentElement?.closest("rw-can") ?? null) {
    const ui = part instanceof CanElement && connected.has(part) ? part.ui : "enabled";
    if (ui === "hidden" || ui === "disabled") return "disabled";
    if (ui === "read_only") how = "read_only";
  }
  return how;
}

/** One for all parts, so that what is ours is told from what is the page's. */
const observer = typeof MutationObserver === "undefined" ? undefined : new MutationObserver(answer);

/** How often a page may answer what we do at once: what puts back each time what we have set must not hold the page up for ever. */
const ROUNDS = 100;
let rounds = 0;

/** Sees to what the page has changed, at once unless it has just done so too often. */
function answer(theirs: readonly MutationRecord[]): void {
  if (rounds++ === 0) setTimeout(() => (rounds = 0));
  if (rounds <= ROUNDS) byUs(theirs);
  else setTimeout(() => byUs(theirs));
}

/** Sees to what the page has changed, and makes a change of ours, of which there is nothing to see. */
function byUs(theirs: readonly MutationRecord[], change: () => void = () => undefined): void {
  const changed = new Set<Element>();
  for (const { target, attributeName, addedNodes, removedNodes } of theirs) {
    if (attributeName !== null && target instanceof Element) {
      wish(target, attributeName);
      changed.add(target);
    }
    for (const node of [...addedNodes, ...removedNodes]) if (node instanceof Element) changed.add(node);
  }
  change();
  for (const element of changed) {
    if (element instanceof CanElement && connected.has(element)) element.show();
    settle(element);
  }
  observer?.takeRecords();
}
