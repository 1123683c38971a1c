/** The desk: where a question, the filters, the results and the answer meet. */

import * as address from "./address.js";
import * as api from "./api.js";
import { Answer, FORMS } from "./answering.js";
import { byId, el, icon } from "./dom.js";
import { ratioOf } from "./faces.js";
import { Filters } from "./filters.js";
import { Finding, facetsOf, feedback } from "./finding.js";
import { Grid } from "./grid.js";
import { makeCard, unfolded } from "./card.js";
import { singleKeys } from "./keys.js";
import { Media } from "./media.js";
import { wordsOf } from "./passages.js";
import { Question } from "./question.js";
import { Sorting } from "./sorting.js";
import { infoOf, lately, showNothing, showStart } from "./start.js";
import { busy, calm, notice, offer } from "./telling.js";
import { view } from "./viewer.js";
import { hideWhy, showWhy } from "./why.js";
import { counted, nameOf } from "./words.js";

const NOTHING_MATCHES = "Nothing here matches; the nearest are:";
const PLAIN_CAPTION = 48;
const CAPTION = 72;

export class Desk {
  question = new Question();
  filters = new Filters();
  sorting = new Sorting();
  media = new Media();
  finding = new Finding();
  #answer = new Answer({ go: (number) => this.#follow(number), point: (number, on) => this.#point(number, on), cancel: () => this.#asking?.abort() });
  #asking = null;
  #form = "answer";
  #last = null; // what the server answered last
  #words = [];
  #plain = true;
  #shownAt = 0;

  constructor() {
    const does = { open: (hit, index) => this.#open(index), more: (hit) => this.#nearer(hit), less: (hit, index) => this.#farther(hit, index), why: (hit, index) => this.#why(index), unfold: (hit, index) => this.#unfold(hit, index) };
    this.grid = new Grid(byId("grid"), {
      make: (hit, index) => makeCard(hit, index, { words: this.#words, does, plain: this.#plain }),
      ratioOf,
      onNearEnd: () => this.#more(),
      onKey: (event, index) => this.#key(event, index, does),
    });
    this.question.addEventListener("ask", () => this.run());
    this.question.addEventListener("mode", () => this.#modeShown());
    this.filters.addEventListener("change", () => this.#again());
    this.media.addEventListener("change", () => this.#again());
    this.sorting.addEventListener("change", () => this.#again());
    for (const [form, name] of FORMS) byId("forms").append(el("button", { type: "button", "aria-pressed": String(form === this.#form), data: { form }, on: { click: () => this.#choose(form) } }, name));
    addEventListener("popstate", () => this.restore());
  }

  /** Puts back what the address says, and asks it. */
  async restore() {
    const said = address.read();
    this.question.clear();
    this.question.text = said.text;
    this.question.mode = said.mode;
    this.media.value = said.medium;
    this.filters.typed = said.where;
    this.sorting.value = said.sort;
    this.#form = said.form;
    if (said.text) await Promise.all([this.run(true), infoOf().then((info) => this.media.count(info?.items))]);
    else await this.start();
  }

  /** The page before a question. */
  async start() {
    calm();
    document.body.classList.add("start");
    byId("bar").hidden = true;
    this.#clear();
    const info = await infoOf();
    this.media.count(info?.items);
    if (!this.question.isEmpty) return;
    showStart(info);
    this.#plain = true;
    const hits = await lately();
    if (this.question.isEmpty && this.#plain && hits.length) {
      byId("status").textContent = "Added lately";
      this.grid.show(hits, PLAIN_CAPTION);
    }
  }

  /** Asks what stands in the form. again: the address says it already. */
  async run(again = false) {
    address.write({ text: this.question.text, medium: this.media.value, where: this.filters.where, sort: this.sorting.value, mode: this.question.mode, form: this.#form }, again);
    document.title = `${this.question.title} · Sensorium`;
    document.body.classList.remove("start");
    byId("bar").hidden = false;
    byId("heading").textContent = this.question.title;
    this.#modeShown();
    hideWhy();
    this.#asking?.abort();
    this.#words = wordsOf(this.question.text);
    if (this.question.mode === "ask" && this.question.text) await this.#ask();
    else await this.#find();
  }

  // -- finding ---------------------------------------------------------------------------------------------------

  #query() {
    const { query, files } = this.question.asked();
    if (this.media.value) query.modalities = [this.media.value];
    if (this.filters.where) query.where = this.filters.where;
    return { query, files };
  }

  async #find() {
    this.#answer.hide();
    const { query, files } = this.#query();
    query.fold = true;
    if (this.sorting.value) query.sort = this.sorting.value;
    const began = performance.now();
    busy("Looking …");
    try {
      const answer = await this.finding.begin(query, files);
      this.#clear();
      this.#last = answer;
      this.#plain = false;
      this.grid.show(answer.hits, CAPTION);
      if (scrollY > this.#shownAt) scrollTo(0, 0);
      this.#tell(performance.now() - began);
      this.#painted();
      this.#offerFacets(answer);
    } catch (error) {
      this.#failed(error);
    }
  }

  async #more() {
    if (!this.finding.hasMore) return;
    try {
      const answer = await this.finding.more();
      if (answer?.hits.length) { this.grid.append(answer.hits); this.#tell(); }
    } catch (error) {
      if (error.name !== "AbortError") notice(error);
    }
  }

  /** When the first cards are on the screen, for those who measure. */
  #painted() {
    if (!performance.getEntriesByName("asked").length) return;
    requestAnimationFrame(() => setTimeout(() => { performance.measure("first result", "asked"); performance.clearMarks("asked"); }));
  }

  #tell(milliseconds) {
    const hits = this.grid.hits;
    const matching = hits.filter((hit) => hit.matches !== false).length;
    if (milliseconds !== undefined) this.took = milliseconds;
    const parts = [`${counted(hits.length, "hit")}${this.finding.hasMore ? ", more below" : ""}`];
    if (hits.length && matching < hits.length) parts.push(matching ? `${matching} match` : "none matches");
    parts.push(`${Math.round(this.took)} ms`);
    calm(parts.join(" · "));
    const none = hits.length > 0 && matching === 0;
    offer(this.#last?.suggestions ?? [], (words) => { this.question.text = words; this.run(); });
    byId("verdict").hidden = !none;
    byId("verdict").textContent = none ? NOTHING_MATCHES : "";
    if (!hits.length) this.#nothing();
  }

  #nothing() {
    const acts = [];
    if (this.media.value) acts.push(["Look in everything", () => { this.media.value = ""; this.run(); }]);
    if (this.filters.where) acts.push(["Without the filter", () => this.filters.clear()]);
    showNothing(acts.length ? "Nothing of what is here fits where you looked." : "There is nothing here to look at yet.", acts);
  }

  async #offerFacets(answer) {
    const facets = answer.facets ?? (await facetsOf(this.filters.where));
    if (this.#last !== answer) return;
    this.filters.show(facets);
    this.sorting.offer(facets);
  }

  // -- asking ----------------------------------------------------------------------------------------------------

  async #ask() {
    this.finding.cancel();
    this.#clear();
    const { query } = this.#query();
    const controller = new AbortController();
    this.#asking = controller;
    this.#answer.begin(this.question.text);
    const { text, ...rest } = query;
    try {
      for await (const { event, data } of api.ask({ ...rest, question: text, form: this.#form }, controller.signal)) {
        if (event === "evidence") this.#evidence(data);
        else if (event === "sentence") this.#answer.sentence(data);
        else if (event === "done") this.#answer.done(data);
        else if (event === "error") throw new api.Problem(data.status ?? 500, data);
      }
      calm(this.grid.hits.length ? "What it stands on" : "");
    } catch (error) {
      if (this.#asking !== controller) return; // another question was put
      this.#answer.stopped(controller.signal.aborted ? "Stopped." : "The answer broke off.");
      this.#failed(error);
    }
  }

  #evidence(data) {
    this.#plain = false;
    this.grid.show([...this.#answer.evidence(data)], CAPTION);
  }

  #follow(number) {
    const index = this.grid.hits.findIndex((hit) => hit.number === number);
    if (index >= 0) this.#open(index);
  }

  #point(number, on) {
    const index = this.grid.hits.findIndex((hit) => hit.number === number);
    this.grid.card(index)?.classList.toggle("pointed", on);
  }

  #choose(form) {
    this.#form = form;
    this.run();
  }

  // -- what is done with a hit -----------------------------------------------------------------------------------

  #open(index) {
    const hit = this.grid.hits[index];
    feedback(this.#last, hit, "click");
    view(this.grid.hits, index, { words: this.#words, moved: (at) => this.grid.focus(at) });
  }

  #nearer(hit) {
    feedback(this.#last, hit, "more");
    this.question.mode = "find";
    this.question.addPiece(hit, nameOf(hit));
  }

  #farther(hit, index) {
    feedback(this.#last, hit, "less");
    if (this.question.isEmpty) { this.grid.remove(index); return; }
    this.question.mode = "find";
    this.question.addPiece(hit, nameOf(hit), true);
  }

  /** What is folded under a hit stands behind it from now on. */
  #unfold(hit, index) {
    this.grid.insert(index, ...unfolded(hit));
    this.grid.focus(index + 1);
  }

  #why(index) {
    const hit = this.grid.hits[index];
    showWhy(hit, { words: this.#words, ask: () => this.finding.why(hit, index) }, () => this.grid.card(index));
  }

  #key(event, index, does) {
    const hit = this.grid.hits[index];
    const card = this.grid.card(index);
    if (event.target !== card) return;
    const singles = { m: does.more, n: does.less, w: does.why };
    if (event.key === "Enter") does.open(hit, index);
    else if (event.key === " ") card.toggle();
    else if (singles[event.key] && singleKeys() && !this.#plain) singles[event.key](hit, index);
    else return;
    event.preventDefault();
  }

  // -- what is told ----------------------------------------------------------------------------------------------

  #again() {
    if (!this.question.isEmpty) this.run();
  }

  #modeShown() {
    const asks = this.question.mode === "ask";
    byId("forms").hidden = !asks;
    byId("sort").hidden = asks;
    for (const one of byId("forms").children) one.setAttribute("aria-pressed", String(one.dataset.form === this.#form));
    byId("go").replaceChildren(icon(asks ? "arrow" : "search"));
  }

  #clear() {
    for (const id of ["notice", "verdict", "empty", "meant"]) byId(id).hidden = true;
    if (this.question.isEmpty || this.question.mode !== "ask") this.#answer.hide();
    this.grid.show([]);
  }

  #failed(error) {
    if (error.name === "AbortError") return;
    calm();
    if (this.filters.blame(error)) return;
    this.#clear();
    notice(error);
  }
}
