# For `workerd serve dist/config.capnp`. The bindings come from the environment.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    # `local` is for a Rolewright server on this machine; leave it out in production.
    (name = "internet", network = (allow = ["public", "private", "local"], tlsOptions = (trustBrowserCas = true))),
  ],
  sockets = [(name = "http", address = "127.0.0.1:8787", http = (), service = "main")],
);

const worker :Workerd.Worker = (
  modules = [
    (name = "worker.js", esModule = embed "worker.js"),
    (name = "rolewright_bg.wasm", wasm = embed "rolewright_bg.wasm"),
  ],
  compatibilityDate = "2026-01-01",
  bindings = [
    (name = "ROLEWRIGHT_URL", fromEnvironment = "ROLEWRIGHT_URL"),
    (name = "ROLEWRIGHT_TENANT", fromEnvironment = "ROLEWRIGHT_TENANT"),
    (name = "ROLEWRIGHT_KEY", fromEnvironment = "ROLEWRIGHT_KEY"),
    (name = "CONTACT", fromEnvironment = "CONTACT"),
  ],
);
