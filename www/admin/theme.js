// Runs before the first paint: the theme that was chosen on this device, and which shell to paint until the app is there, with room
// for the banner of who views as somebody else.
(() => {
  const root = document.documentElement;
  try {
    const theme = localStorage.getItem("rolewright.theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
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
