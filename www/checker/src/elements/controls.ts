/** What a guarded part of a page lets be done with its controls. */
export type Hold = "disabled" | "read_only";

/** What has `disabled`. */
const NATIVE = "button, fieldset, input, select, textarea, optgroup, option";
/** What can be used although it has no `disabled`. */
const OTHER = "a[href], area[href], summary, [contenteditable], [role], [tabindex]";
/** What holds a page of its own, of whose events nothing is seen here. */
const FRAME = "iframe, embed, object";
/** Everything that may be held. */
export const CONTROLS = `${NATIVE}, ${OTHER}, ${FRAME}, [rw-held]`;
/** What has `readonly`: what is typed into. */
const TYPED =
  'textarea, input:not([type]), input:is([type="text"], [type="search"], [type="url"], [type="tel"], [type="email"], [type="password"], [type="number"], [type="date"], [type="month"], [type="week"], [type="time"], [type="datetime-local"])';
/** Roles of what does something: others only lead on. */
const ACTING =
  '[role="button"], [role="checkbox"], [role="combobox"], [role="menuitem"], [role="menuitemcheckbox"], [role="menuitemradio"], [role="option"], [role="radio"], [role="slider"], [role="spinbutton"], [role="switch"]';

/** What is ours on a control, as JSON: each attribute by name, with what the page has it be. So a clone tells it too. */
const HELD = "rw-held";
/** Every attribute that may be ours. */
export const OURS = ["disabled", "readonly", "contenteditable", "aria-disabled", "aria-readonly", "hidden", "inert", HELD];

/** The same, for what the page takes from a control because it does not know it. */
const remembered = new WeakMap<Element, string>();

type Attributes = Record<string, string | null>;

/** Holds a control, or lets it go. */
export function hold(control: Element, how: Hold | undefined): void {
  keep(control, how === undefined ? {} : attributesOf(control, how));
  leave(control);
}

/** Takes the focus from a frame that is held: of the keys that it is given nothing is seen here, and `inert` does not take it. */
export function leave(control: Element): void {
  const { activeElement } = control.getRootNode() as Document;
  if (activeElement === control && control.matches(FRAME) && isOurs(control, "inert")) (control as HTMLElement).blur();
}

/** Keeps attributes as they are given, whatever the page has them be, and gives the page's back where they are not given. */
export function keep(element: Element, wanted: Attributes): void {
  const ours = read(element);
  for (const [name, wish] of Object.entries(ours)) {
    if (name in wanted) continue;
    set(element, name, wish);
    delete ours[name];
  }
  for (const [name, value] of Object.entries(wanted)) {
    if (!(name in ours)) ours[name] = element.getAttribute(name);
    set(element, name, value);
  }
  remember(element, ours);
}

/** The page has written an attribute: what is ours stays so, and what it wishes is had when that ends. */
export function wish(element: Element, name: string): void {
  const ours = read(element);
  if (!(name in ours)) return;
  ours[name] = element.getAttribute(name);
  remember(element, ours);
}

/** Takes an attribute, which the page has written for the time before, for ours. */
export function claim(element: Element, name: string): void {
  if (!element.hasAttribute(HELD) && element.hasAttribute(name)) remember(element, { [name]: null });
}

/** Whether a control is held so that it must not be used. */
export function isDisabled(control: Element): boolean {
  return isOurs(control, "aria-disabled");
}

/** Whether an attribute is ours on an element. */
export function isOurs(element: Element, name: string): boolean {
  return name in read(element);
}

function read(element: Element): Attributes {
  try {
    return { ...(JSON.parse(element.getAttribute(HELD) ?? remembered.get(element) ?? "{}") as Attributes | null) };
  } catch {
    return {};
  }
}

function remember(element: Element, ours: Attributes): void {
  const held = JSON.stringify(ours);
  const isNone = held === "{}";
  if (isNone) remembered.delete(element);
  else remembered.set(element, held);
  set(element, HELD, isNone ? null : held);
}

function set(element: Element, name: string, value: string | null): void {
  if (element.getAttribute(name) === value) return;
  if (value === null) element.removeAttribute(name);
  else element.setAttribute(name, value);
}

/** What holds a control. */
function attributesOf(control: Element, how: Hold): Attributes {
  const disabled = { "aria-disabled": "true" };
  const isEditable = control.matches("[contenteditable]");
  if (control.matches(NATIVE)) {
    if (how === "disabled") return { ...disabled, disabled: "" };
    if (control.matches(TYPED)) return { readonly: "", "aria-readonly": "true" };
    // A fieldset would disable what may still be read and copied.
    return control.matches("fieldset, optgroup, option") ? {} : { ...disabled, disabled: "" };
  }
  // What stands in it is its own where it may be read.
  if (control.matches(FRAME)) return how === "disabled" ? { inert: "" } : {};
  if (how === "disabled") return control.matches(OTHER) ? { ...disabled, ...(isEditable && { contenteditable: "false" }) } : {};
  if (isEditable) return { contenteditable: "false", "aria-readonly": "true" };
  return control.matches(ACTING) ? disabled : {};
}
