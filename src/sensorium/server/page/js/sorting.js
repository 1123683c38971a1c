/** The order of the hits: the best first, the newest, or by a number or a date that the items have. */

import { byId, el } from "./dom.js";
import { visible } from "./words.js";

const ALWAYS = [["", "Best first"], ["added_at:desc", "Newest first"]];
const DIRECTIONS = { number: [["desc", "high to low"], ["asc", "low to high"]], date: [["desc", "latest first"], ["asc", "earliest first"]] };
const UNTOLD = new Set(["added", "size", "modified"]); // what every item has: "Newest first" says it

/** The list beside the filters. Fires `change` when another order is chosen. */
export class Sorting extends EventTarget {
  #list = byId("sort");
  #offered = [];

  constructor() {
    super();
    this.#fill();
    this.#list.addEventListener("change", () => this.dispatchEvent(new Event("change")));
  }

  get value() { return this.#list.value; }

  /** Sets the order without firing, as when an address is opened; one that is not offered yet is offered. */
  set value(said) {
    this.#fill(said);
    this.#list.value = said;
  }

  /** Offers the numbers and dates among the facets of the server; what is chosen stays. */
  offer(facets) {
    const all = facets?.facets ?? facets ?? [];
    this.#offered = all
      .filter(({ name, kind }) => DIRECTIONS[kind] && !UNTOLD.has(name))
      .flatMap(({ name, kind }) => DIRECTIONS[kind].map(([way, words]) => [`${name}:${way}`, `${visible(name.replaceAll("_", " "))}, ${words}`]));
    this.#fill(this.value);
  }

  #fill(chosen = "") {
    const choices = [...ALWAYS, ...this.#offered];
    if (!choices.some(([value]) => value === chosen)) choices.push([chosen, visible(chosen.replace(":", ", "))]);
    this.#list.replaceChildren(...choices.map(([value, words]) => el("option", { value }, words)));
    this.#list.value = chosen;
  }
}
