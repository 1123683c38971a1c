/** Which medium is looked in: all of them mixed, or one. */

import { byId, el } from "./dom.js";
import { MEDIA } from "./words.js";

/** The row of media. Fires `change`. `value`: "" for everything. */
export class Media extends EventTarget {
  #value = "";
  #buttons = new Map();

  constructor() {
    super();
    for (const { id, name } of MEDIA) {
      const one = el("button", { type: "button", "aria-pressed": String(id === ""), on: { click: () => this.#press(id) } }, name, el("span", { class: "count" }));
      this.#buttons.set(id, one);
      byId("media").append(one);
    }
  }

  get value() { return this.#value; }
  set value(id) {
    this.#value = this.#buttons.has(id) ? id : "";
    for (const [one, button] of this.#buttons) button.setAttribute("aria-pressed", String(one === this.#value));
  }

  /** items: how many there are of each; a medium without any is not offered. */
  count(items) {
    for (const [id, button] of this.#buttons) {
      if (!id) continue;
      const number = items?.[id] ?? 0;
      button.lastElementChild.textContent = number ? number.toLocaleString("en") : "";
      button.hidden = Boolean(items) && !number && id !== this.#value;
    }
  }

  #press(id) {
    if (id === this.#value) return;
    this.value = id;
    this.dispatchEvent(new Event("change"));
  }
}
