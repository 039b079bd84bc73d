// Light or dark: as chosen, or as the system says.

const DARK = "(prefers-color-scheme: dark)";

/** Show the theme that `preferences` name, from now on. */
export function followTheme(preferences) {
  const system = window.matchMedia(DARK);
  const apply = () => {
    const chosen = preferences.get("theme");
    const theme = chosen === "system" ? (system.matches ? "dark" : "light") : chosen;
    document.documentElement.setAttribute("data-bs-theme", theme);
  };
  preferences.on("change:theme", apply);
  system.addEventListener("change", apply);
  apply();
}
