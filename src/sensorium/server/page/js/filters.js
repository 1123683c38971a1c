/** Filters: a line of the filter language, with a mistake shown at its column, and facets with counts. */

import { Problem } from "./api.js";
import { button, byId, el } from "./dom.js";
import { bytes, counted, visible } from "./words.js";

const LISTED = 8; // values of a facet that are offered

/** The panel at the side. Fires `change` when what is looked in changes. */
export class Filters extends EventTarget {
  #host = byId("filters");
  #toggle = byId("narrow");
  #chosen = new Map(); // name of an attribute -> map of a value's label -> the filter that leaves it
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
    const parts = [...this.#chosen.values()].filter((values) => values.size).map((values) => values.size > 1 ? `(${[...values.values()].join(" or ")})` : [...values.values()][0]);
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
    const column = error.column ?? (found ? Number(found[1]) - 1 : null); // words count from 1, the field from 0
    if (column == null) return false;
    const shift = this.where === this.#typed ? 0 : 1; // the bracket before it
    const at = Math.max(0, Math.min(column - shift, this.#typed.length));
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

  #facet({ name, kind, values, low, high }) {
    const chosen = this.#chosen.get(name) ?? new Map();
    const lost = [...chosen].filter(([label]) => !values.some((one) => one.label === label)).map(([label, where]) => ({ label, where, count: 0 }));
    const listed = [...values.slice(0, LISTED), ...values.slice(LISTED).filter(({ label }) => chosen.has(label)), ...lost];
    if (!listed.length && low == null) return null;
    const span = low == null ? null : el("p", { class: "span" }, [...new Set([low, high].map((number) => measure(number, name, kind)))].join(" to "));
    return el("fieldset", { class: "facet" }, el("legend", {}, visible(name.replaceAll("_", " "))), span, listed.map((one) => this.#choice(name, kind, one, chosen.has(one.label))));
  }

  #choice(name, kind, { label, count, where }, checked) {
    const change = (event) => {
      const chosen = this.#chosen.get(name) ?? new Map();
      if (event.target.checked) chosen.set(label, where);
      else chosen.delete(label);
      this.#chosen.set(name, chosen);
      this.#changed();
    };
    return el(
      "label", {}, el("input", { type: "checkbox", id: `facet-${name}-${label}`, checked, on: { change } }),
      el("span", { class: "value", dir: "auto", title: visible(label) }, shownValue(name, kind, label)),
      el("span", { class: "count", title: counted(count, "item") }, count.toLocaleString("en")),
    );
  }
}

/** The facets of the server as `[{name, values: [{label, count, where}], low, high}]`; `where` is in the filter language. */
function normal(facets) {
  const all = (facets?.facets ?? facets ?? []).filter(({ name }) => name !== "kind"); // the row of media is for that
  return all.map(({ name, kind, values = [], low = null, high = null }) => ({
    name, kind, low, high, values: values.map(({ label, count, where }) => ({ label: String(label), count, where: written(where) })),
  }));
}

/** A value of a facet as people write it: of sizes, the numbers in it as bytes. */
function shownValue(name, kind, label) {
  if (name !== "size" || kind !== "number") return visible(label);
  return visible(label.replace(/\d+(\.\d+)?(e[+-]?\d+)?/gi, (number) => bytes(Number(number))));
}

/** An end of a facet's range as people write it: dates come as Unix seconds, sizes as bytes. */
function measure(number, name, kind) {
  if (kind === "date") return new Date(number * 1000).toISOString().slice(0, 10);
  return name === "size" ? bytes(number) : Number(number.toFixed(2)).toLocaleString("en");
}

/** A predicate of the server (JSON) in the filter language. */
export function written(predicate) {
  if (predicate.and) return `(${predicate.and.map(written).join(" and ")})`;
  if (predicate.or) return `(${predicate.or.map(written).join(" or ")})`;
  if (predicate.not) return `not ${written(predicate.not)}`;
  const { op, value, values = [] } = predicate;
  const name = /^[^\W\d]\w*(?:\.\w+)*$/u.test(predicate.name) ? predicate.name : `\`${predicate.name.replaceAll("`", "")}\``;
  if (op === "in") return `${name} in (${values.map(said).join(", ")})`;
  if (op === "has") return `has(${name})`;
  if (op === "near") return `near(${name}, ${predicate.latitude}, ${predicate.longitude}, ${predicate.metres} m)`;
  return `${name} ${op === "starts" ? "starts with" : op} ${said(value)}`;
}

function said(value) {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return value?.date ?? `"${String(value).replace(/(["\\])/g, "\\$1")}"`;
}
