/** Filters: a line of the filter language, with a mistake shown at its column, and facets with counts. */

import { Problem } from "./api.js";
import { button, byId, el } from "./dom.js";
import { counted, visible } from "./words.js";

const LISTED = 8; // values of a facet that are offered

/** The panel at the side. Fires `change` when what is looked in changes. */
export class Filters extends EventTarget {
  #host = byId("filters");
  #toggle = byId("narrow");
  #chosen = new Map(); // name of an attribute -> set of values
  #typed = "";
  #field; #wrong; #facets;

  constructor() {
    super();
    this.#toggle.addEventListener("click", () => this.toggle());
    this.#field = el("input", { type: "text", id: "where", spellcheck: "false", autocapitalize: "off", "aria-describedby": "where-hint where-wrong", placeholder: "price < 50 and not sold" });
    this.#wrong = el("p", { class: "wrong", id: "where-wrong", role: "alert", hidden: true });
    this.#facets = el("div", { class: "facets" });
    const form = el(
      "form", { on: { submit: (event) => { event.preventDefault(); this.#apply(); } } },
      el("label", { for: "where" }, "Where"), this.#field, this.#wrong,
      el("p", { class: "hint", id: "where-hint" }, "Attributes of items, joined by and, or, not."),
      el("div", { class: "row" }, button("Apply", () => {}, { type: "submit" }), button("Clear", () => this.clear())),
    );
    this.#field.addEventListener("change", () => this.#apply());
    this.#host.append(form, this.#facets);
  }

  /** The whole filter as one line, "" for none. */
  get where() {
    const parts = [...this.#chosen].filter(([, values]) => values.size).map(([name, values]) => `${named(name)} in (${[...values].map(said).join(", ")})`);
    if (this.#typed) parts.unshift(parts.length ? `(${this.#typed})` : this.#typed);
    return parts.join(" and ");
  }

  toggle(open = this.#host.hidden) {
    this.#host.hidden = !open;
    this.#toggle.setAttribute("aria-expanded", String(open));
    if (open) this.#field.focus();
  }

  clear() {
    this.#field.value = "";
    this.#chosen.clear();
    this.#apply(true);
  }

  /** Sets the line without firing, as when an address is opened. */
  set typed(text) { this.#typed = this.#field.value = text; this.#mark(); }
  get typed() { return this.#typed; }

  /** Shows what is wrong with the filter. Returns whether `error` is about it. */
  blame(error) {
    if (!(error instanceof Problem) || !this.where) return false;
    const found = /\bat column (\d+): ?/.exec(error.message);
    const column = error.column ?? (found ? Number(found[1]) : null); // counted from 1
    if (column == null) return false;
    const shift = this.where.startsWith("(") && this.where !== this.#typed ? 1 : 0;
    const at = Math.max(0, Math.min(column - 1 - shift, this.#typed.length));
    const text = `${this.#typed} `;
    const word = /^[\p{L}\p{N}_.]+|^./u.exec(text.slice(at))?.[0] ?? " ";
    const line = el("code", { class: "where", data: { column: String(column) } }, text.slice(0, at), el("mark", {}, word === " " ? "\u00a0" : word), text.slice(at + word.length));
    this.#wrong.replaceChildren(line, visible(error.message.replace(found?.[0] ?? "", "")));
    this.#wrong.hidden = false;
    this.#field.setAttribute("aria-invalid", "true");
    if (this.#host.hidden) this.toggle(true);
    return true;
  }

  /** Shows facets as the server gives them; what is chosen stays listed. */
  show(facets) {
    const held = document.activeElement?.id;
    this.#facets.replaceChildren(...normal(facets).map((facet) => this.#facet(facet)).filter(Boolean));
    if (held?.startsWith("facet-")) byId(held)?.focus();
  }

  #apply(always = false) {
    const typed = this.#field.value.trim();
    if (typed === this.#typed && !always) return;
    this.#typed = typed;
    this.#changed();
  }

  #changed() {
    this.#wrong.hidden = true;
    this.#field.removeAttribute("aria-invalid");
    this.#mark();
    this.dispatchEvent(new Event("change"));
  }

  #mark() {
    const number = [...this.#chosen.values()].reduce((sum, values) => sum + values.size, this.#typed ? 1 : 0);
    this.#toggle.querySelector("span").textContent = number ? `Filter, ${number}` : "Filter";
  }

  #facet({ name, values, low, high }) {
    const chosen = this.#chosen.get(name) ?? new Set();
    const lost = [...chosen].filter((value) => !values.some((one) => one.value === value)).map((value) => ({ value, count: 0 }));
    const listed = [...values.slice(0, LISTED), ...values.slice(LISTED).filter(({ value }) => chosen.has(value)), ...lost];
    if (!listed.length && low == null) return null;
    const span = low == null ? null : el("p", { class: "span" }, low === high ? String(low) : `${low} to ${high}`);
    return el("fieldset", { class: "facet" }, el("legend", {}, visible(name)), span, listed.map(({ value, count }) => this.#choice(name, value, count, chosen.has(value))));
  }

  #choice(name, value, count, checked) {
    const change = (event) => {
      const chosen = this.#chosen.get(name) ?? new Set();
      if (event.target.checked) chosen.add(value);
      else chosen.delete(value);
      this.#chosen.set(name, chosen);
      this.#changed();
    };
    return el(
      "label", {}, el("input", { type: "checkbox", id: `facet-${name}-${value}`, checked, on: { change } }),
      el("span", { class: "value", dir: "auto", title: visible(String(value)) }, visible(String(value))),
      el("span", { class: "count", title: counted(count, "item") }, count.toLocaleString("en")),
    );
  }
}

/** The same facets as `[{name, values: [{value, count}], low, high}]`, whichever way they are written. */
export function normal(facets) {
  const list = Array.isArray(facets) ? facets : (facets?.facets ?? Object.entries(facets ?? {}).map(([name, one]) => (Array.isArray(one) ? { name, values: one } : { name, ...one })));
  return list.map((facet) => ({
    name: facet.name ?? facet.attribute ?? facet.field,
    values: pairs(facet.values ?? facet.counts ?? []),
    low: facet.low ?? facet.min ?? null,
    high: facet.high ?? facet.max ?? null,
  })).filter(({ name }) => name);
}

const pairs = (values) => (Array.isArray(values) ? values.map((one) => (Array.isArray(one) ? { value: one[0], count: one[1] } : { value: one.value ?? one.name, count: one.count ?? 0 })) : Object.entries(values).map(([value, count]) => ({ value, count })));

const named = (name) => (/^[^\W\d]\w*(?:\.\w+)*$/u.test(name) ? name : `\`${name.replaceAll("`", "")}\``);
const said = (value) => (typeof value === "number" || typeof value === "boolean" ? String(value) : `"${String(value).replace(/(["\\])/g, "\\$1")}"`);
