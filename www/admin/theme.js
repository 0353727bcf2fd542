// Runs before the first paint: how the app is to look on this device (`look.rs`), and which shell to paint until the app is there, with room
// for the banner of who views as somebody else.
(() => {
  const root = document.documentElement;
  try {
    for (const [look, values] of [["theme", ["light", "dark"]], ["contrast", ["standard", "more"]], ["density", ["compact"]]]) {
      const kept = localStorage.getItem(`rolewright.${look}`);
      if (values.includes(kept)) root.dataset[look] = kept;
    }
    const [, tenant, page] = /^(?:\/tenants\/([^/]+))?(.*)$/.exec(location.pathname);
    const outside = /^\/(setup|sign-in|invitation|password-reset)\/?$/.test(page);
    const key = !tenant || tenant === "default" ? "rolewright.signed_in" : `rolewright.signed_in.${tenant}`;
    const signedIn = localStorage.getItem(key);
    if (!outside && signedIn) root.dataset.shell = "frame";
    if (!outside && signedIn === "viewing") root.dataset.viewing = "";
  } catch {
    // The browser keeps nothing: the system's theme, and the plain shell.
  }
})();
