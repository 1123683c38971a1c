/** The API key: asked for when the server wants one, kept for as long as the tab is open. */

import { onKeyWanted } from "./api.js";
import { button, byId, el, fillWindow } from "./dom.js";

let asking = null;

/** Asks the user when the server answers that it does not know who asks. Several calls wait for one answer. */
export function startKey() {
  onKeyWanted(() => (asking ??= asked().finally(() => { asking = null; })));
}

function asked() {
  const dialog = byId("key");
  return new Promise((resolve) => {
    const field = el("input", { type: "password", id: "key-field", autocomplete: "off", spellcheck: "false", required: true });
    const form = el("form", { on: { submit: (event) => { event.preventDefault(); dialog.close(field.value.trim()); } } },
      el("label", { for: "key-field", class: "lead" }, "This library asks who you are. Give the key that its owner made for you."), field,
      el("div", { class: "row end" }, button("Use this key", () => {}, { class: "button main", type: "submit" })));
    dialog.returnValue = "";
    dialog.addEventListener("close", () => resolve(dialog.returnValue || null), { once: true });
    fillWindow(dialog, "A key is needed", form);
    field.focus();
  });
}
