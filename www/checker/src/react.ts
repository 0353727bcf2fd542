import { createContext, createElement, useCallback, useContext, useMemo, useSyncExternalStore } from "react";
import type { Context, DetailedHTMLProps, HTMLAttributes, ReactElement, ReactNode } from "react";
import type { LevelId, PermissionId } from "./catalogue.js";
import type { Rolewright } from "./rolewright.js";
import type { Subject } from "./subject.js";
import type { UiState } from "./types.js";
import { watch } from "./watch.js";

/** What the element `<rw-can>` of `rolewright/elements` is given. */
export type CanElementProps = DetailedHTMLProps<HTMLAttributes<HTMLElement>, HTMLElement> & {
  permission: PermissionId;
  resource?: string | undefined;
};

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "rw-can": CanElementProps;
    }
  }
}

/** Who asks, and what answers. */
interface Asking {
  readonly rw: Rolewright | undefined;
  readonly subject: Subject | string | undefined;
  readonly server: boolean;
}

const NOBODY: Asking = { rw: undefined, subject: undefined, server: false };
const asking: Context<Asking> = createContext(NOBODY);

/** What {@link RolewrightProvider} is given. */
export interface RolewrightProviderProps {
  /** The checker; as long as there is none yet, every answer is no. */
  readonly rw: Rolewright | null | undefined;
  /** Who asks; the person of a subject snapshot where it is not said. */
  readonly subject?: Subject | string | null | undefined;
  /**
   * Whether what the server renders, and the first rendering in the browser, holds the answers: then both are given a checker of
   * the same snapshot. Else both render as if every answer were no.
   */
  readonly server?: boolean;
  readonly children?: ReactNode;
}

/** Says who asks, to everything below. */
export function RolewrightProvider({ rw, subject, server = false, children }: RolewrightProviderProps): ReactElement {
  const value = useMemo(() => ({ rw: rw ?? undefined, subject: subject ?? undefined, server }), [rw, subject, server]);
  return createElement(asking.Provider, { value }, children);
}

/** One answer, asked anew whenever it may be another. */
function useAnswer<T>(ask: (rw: Rolewright, subject: Subject | string) => T, no: T): T {
  const { rw, subject, server } = useContext(asking);
  const subscribe = useCallback((changed: () => void) => (rw === undefined ? () => undefined : watch(rw, changed)), [rw]);
  const answer = (): T => {
    const who = subject ?? rw?.self;
    return rw === undefined || who === undefined ? no : ask(rw, who);
  };
  return useSyncExternalStore(subscribe, answer, server ? answer : () => no);
}

/** Whether the person may: holds the permission at its scale's `can` level or above. */
export function useCan(permission: PermissionId, resource?: string): boolean {
  return useAnswer((rw, who) => rw.can(who, permission, resource), false);
}

/** The id of the level that the person holds; empty where that is not known. */
export function useLevel<P extends PermissionId>(permission: P, resource?: string): LevelId<P> | "" {
  return useAnswer<LevelId<P> | "">((rw, who) => rw.level(who, permission, resource), "");
}

/** What to do with what a permission guards. */
export function useUi(permission: PermissionId, resource?: string): UiState {
  return useAnswer((rw, who) => rw.ui(who, permission, resource), "hidden");
}

/** The checker and who asks, for the other questions. These are not asked anew by themselves. */
export function useRolewright(): { readonly rw: Rolewright | undefined; readonly subject: Subject | string | undefined } {
  const { rw, subject } = useContext(asking);
  return { rw, subject: subject ?? rw?.self };
}

/** What {@link Can} is given. */
export interface CanProps {
  readonly permission: PermissionId;
  /** The resource; the whole tenant where it is not said. */
  readonly resource?: string;
  /** What is rendered instead where the permission is not held. */
  readonly fallback?: ReactNode;
  /**
   * What the permission guards. A function is given what to do with it, and is asked at every level that is not `hidden`; all else
   * is rendered from the `can` level on.
   */
  readonly children?: ReactNode | ((ui: Exclude<UiState, "hidden">) => ReactNode);
}

/** Renders what a permission guards where the person may see it, and nothing until that is known. */
export function Can({ permission, resource, fallback, children }: CanProps): ReactNode {
  const can = useCan(permission, resource);
  const ui = useUi(permission, resource);
  if (typeof children === "function") return ui === "hidden" ? fallback : children(ui);
  return can ? children : fallback;
}
