// Runs before the first paint: the theme that was chosen on this device, and which shell to paint until the app is there.
(() => {
  const root = document.documentElement;
  try {
    const theme = localStorage.getItem("rolewright.theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    const outside = /^\/(setup|sign-in|invitation)\/?$/.test(location.pathname);
    if (!outside && localStorage.getItem("rolewright.signed_in")) root.dataset.shell = "frame";
  } catch {
    // The browser keeps nothing: the system's theme, and the plain shell.
  }
})();
