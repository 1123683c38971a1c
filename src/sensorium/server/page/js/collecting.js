/** The collections that an item is in: shown as chips, changed where the key allows it. */

import { explained, get, post } from "./api.js";
import { el, iconButton } from "./dom.js";
import { visible } from "./words.js";

let count = 0; // of lists of names, each of which needs an id of its own

/** A section about the collections of `item`, which is as `/v1/items/{id}` gives it. */
export function collecting(item) {
  const held = [].concat(item.attributes?.collections ?? []);
  const chips = el("ul", { class: "chips", "aria-label": "Collections that hold it" });
  const told = el("p", { role: "status", class: "told" });
  const known = el("datalist", { id: `collections-${(count += 1)}` });
  const input = el("input", { type: "text", list: known.id, maxlength: "100", placeholder: "Name of a collection", "aria-label": "Name of a collection", autocomplete: "off", enterkeyhint: "done" });

  const show = () => chips.replaceChildren(...held.map((name) => el("li", {}, el("span", { dir: "auto" }, visible(name)), iconButton("close", `Take it out of ${visible(name)}`, () => change(name, "remove")))));

  async function change(name, how) {
    told.textContent = "";
    try {
      await post("v1/collections", { name, [how]: [item.id] });
    } catch (error) {
      told.textContent = explained(error).join(" ");
      return;
    }
    const place = held.findIndex((one) => one.toLowerCase() === name.toLowerCase());
    if (how === "remove" && place >= 0) held.splice(place, 1);
    if (how === "add" && place < 0) held.push(name);
    show();
    input.focus();
    input.dispatchEvent(new CustomEvent("collected", { bubbles: true }));
  }

  const form = el("form", { class: "collect", on: { submit: (event) => {
    event.preventDefault();
    const name = input.value.trim().replaceAll(/\s+/g, " ");
    if (!name) return;
    input.value = "";
    change(name, "add");
  } } }, input, known, el("button", { type: "submit" }, "Add"));
  input.addEventListener("focus", async () => {
    const answer = await get("v1/collections").catch(() => ({ collections: [] })); // without them a name is typed whole
    known.replaceChildren(...answer.collections.map(({ name }) => el("option", { value: name })));
  });
  show();
  return [el("h3", {}, "Collections"), chips, form, told];
}
