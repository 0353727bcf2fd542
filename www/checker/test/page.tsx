// Compiled, never run: the element in a page of React's.
import type {} from "rolewright/react";

export const part = (
  <rw-can permission="reports.run" resource="servers/prod" hidden>
    <button>Run</button>
  </rw-can>
);

// @ts-expect-error what guards it must be said
export const unguarded = <rw-can />;
