import { createElement as h } from "react";
import { Can, useCan, useLevel } from "rolewright/react";

const ask = h("p", { id: "ask" }, "Ask for access");

function Edit({ ui }) {
  globalThis.renders = (globalThis.renders ?? 0) + 1;
  return h("p", { id: "edit" }, `${ui} ${useLevel("reports.edit")}`);
}

export function App() {
  return [
    h(Can, { key: "run", permission: "reports.run", fallback: ask }, h("button", { id: "run" }, "Run")),
    h(Can, { key: "edit", permission: "reports.edit" }, (ui) => h(Edit, { ui })),
    h(Can, { key: "unknown", permission: "no.such" }, h("b", { id: "unknown" }, "Unknown")),
    useCan("tasks.run", "servers/prod/tasks/t1") && h("b", { key: "there", id: "there" }, "There"),
  ];
}
