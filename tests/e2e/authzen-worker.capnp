using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "internet", network = (allow = ["public", "private", "local"])),
  ],
  sockets = [(name = "http", http = (), service = "main")]
);

const worker :Workerd.Worker = (
  modules = [
    (name = "worker.js", esModule = embed "worker.js"),
    (name = "rolewright_bg.wasm", wasm = embed "rolewright_bg.wasm"),
  ],
  compatibilityDate = "2026-01-01",
  bindings = [
    (name = "ROLEWRIGHT_URL", fromEnvironment = "ROLEWRIGHT_URL"),
    (name = "ROLEWRIGHT_KEY", fromEnvironment = "ROLEWRIGHT_KEY"),
  ],
);
