/** Light or dark: as the system has it, or as the user chose. */

import { byId, icon } from "./dom.js";

const KEPT = "sensorium.theme";
const ORDER = ["system", "light", "dark"];
const PICTURES = { system: "halfmoon", light: "sun", dark: "moon" };
const SAYS = { system: "Colours: as the system has them", light: "Colours: light", dark: "Colours: dark" };

const dark = matchMedia("(prefers-color-scheme: dark)");
let chosen = ORDER.includes(localStorage.getItem(KEPT)) ? localStorage.getItem(KEPT) : "system";

function show() {
  const theme = chosen === "system" ? (dark.matches ? "dark" : "light") : chosen;
  document.documentElement.dataset.theme = theme;
  const button = byId("theme");
  button.replaceChildren(icon(PICTURES[chosen]));
  button.setAttribute("aria-label", SAYS[chosen]);
  button.title = SAYS[chosen];
  dispatchEvent(new Event("themechange")); // canvases are drawn anew
}

/** Shows the theme and listens to the button. */
export function startTheme() {
  byId("theme").addEventListener("click", () => {
    chosen = ORDER[(ORDER.indexOf(chosen) + 1) % ORDER.length];
    localStorage.setItem(KEPT, chosen);
    show();
  });
  dark.addEventListener("change", show);
  show();
}
