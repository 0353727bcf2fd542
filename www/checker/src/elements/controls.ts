/** What a guarded part of a page lets be done with its controls. */
export type Hold = "disabled" | "read_only";

/** Who holds a control, and how; one control may stand in several guarded parts. */
const holders = new WeakMap<Element, Map<object, Hold>>();
/** What of a control was ours to set, and is ours to take back: an attribute by name, as it was. */
const taken = new WeakMap<Element, Map<string, string | null>>();

/** What has `disabled`. */
const NATIVE = "button, fieldset, input, select, textarea, optgroup, option";
/** What can be used although it has no `disabled`. */
const OTHER = "a[href], area[href], summary, [contenteditable], [role], [tabindex]";
/** Everything that may be held. */
export const CONTROLS = `${NATIVE}, ${OTHER}`;
/** What has `readonly`: what is typed into. */
const TYPED =
  'textarea, input:not([type]), input:is([type="text"], [type="search"], [type="url"], [type="tel"], [type="email"], [type="password"], [type="number"], [type="date"], [type="month"], [type="week"], [type="time"], [type="datetime-local"])';

/** Holds a control for a holder, or lets it go. */
export function hold(control: Element, holder: object, how: Hold | undefined): void {
  const held = holders.get(control) ?? new Map<object, Hold>();
  if (how === undefined ? !held.delete(holder) : held.get(holder) === how) return;
  if (how !== undefined) held.set(holder, how);
  holders.set(control, held);
  release(control);
  const all = [...held.values()];
  if (all.length > 0) seize(control, all.includes("disabled") ? "disabled" : "read_only");
}

/** Whether a control is held so that it must not be used. */
export function isDisabled(control: Element): boolean {
  return control.getAttribute("aria-disabled") === "true" && taken.get(control)?.has("aria-disabled") === true;
}

function seize(control: Element, how: Hold): void {
  const native = control.matches(NATIVE);
  if (how === "read_only" && control.matches(TYPED)) {
    take(control, "readonly", "");
    take(control, "aria-readonly", "true");
  } else if (native) {
    // A fieldset would disable what may still be read and copied.
    if (how === "disabled" || !control.matches("fieldset, optgroup, option")) {
      take(control, "disabled", "");
      take(control, "aria-disabled", "true");
    }
  } else if (how === "disabled") {
    take(control, "aria-disabled", "true");
    if (control.matches("[contenteditable]")) take(control, "contenteditable", "false");
  } else if (control.matches("[contenteditable]")) {
    take(control, "contenteditable", "false");
    take(control, "aria-readonly", "true");
  }
}

/** Sets an attribute, and remembers how it was. What the page has set already stays the page's. */
function take(control: Element, name: string, value: string): void {
  const ours = taken.get(control) ?? new Map<string, string | null>();
  taken.set(control, ours);
  ours.set(name, control.getAttribute(name));
  control.setAttribute(name, value);
}

function release(control: Element): void {
  for (const [name, before] of taken.get(control) ?? []) {
    if (before === null) control.removeAttribute(name);
    else control.setAttribute(name, before);
  }
  taken.delete(control);
}
