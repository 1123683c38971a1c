/** An answer: its sentences as they come, each with the numbers of what it stands on. */

import { button, byId, el } from "./dom.js";
import { bytes, counted, nameOf, placeWords, visible } from "./words.js";

export const FORMS = [["answer", "Answer"], ["summary", "Summary"], ["brief", "Brief"], ["comparison", "Comparison"], ["table", "Table"]];

/** Shows one answer. `go(number)` is called when a citation is followed, `point(number, on)` while it is pointed at. */
export class Answer {
  #host = byId("answer");
  #prose; #foot; #waiting;
  #sentences = 0;
  #heading = "";
  #doubtful = 0;
  #evidence = [];

  constructor({ go, point, cancel }) { Object.assign(this, { go, point, cancel }); }

  /** An empty answer to `question`. */
  begin(question) {
    this.#sentences = this.#doubtful = 0;
    this.#evidence = [];
    this.#heading = "";
    this.#prose = el("div", { class: "prose", "aria-live": "polite" });
    this.#waiting = el("p", { class: "waiting" }, "Looking for what it can stand on …");
    this.#foot = el("div", { class: "foot" }, button("Stop", this.cancel));
    this.#host.replaceChildren(el("h2", { dir: "auto" }, visible(question)), this.#prose, this.#waiting, this.#foot);
    this.#host.hidden = false;
  }

  hide() { this.#host.hidden = true; }

  /** What the answer may stand on. Returns hits that can be shown as cards, each with its `rank` being its number. */
  evidence(data) {
    const list = Array.isArray(data) ? data : (data.pieces ?? data.evidence ?? data.hits ?? [data]);
    for (const one of list) {
      const hit = one.hit ?? one;
      const number = one.number ?? this.#evidence.length + 1;
      const [kind, aspect] = (hit.kind ?? "").split(", "); // an exhibit says both in one: "video, speech"
      const known = { score: 0, evidence: [], matches: true, modality: kind, attributes: {}, place: {}, links: {} };
      this.#evidence.push({ ...known, ...hit, kind, aspect: aspect ?? hit.aspect ?? "content", rank: String(number), number });
    }
    this.#waiting.textContent = `Reading ${counted(this.#evidence.length, "place")} …`;
    return this.#evidence;
  }

  /** One sentence: `{text, heading, cells, citations, supported}`. */
  sentence({ text, heading = "", cells = [], citations = [], supported = true }) {
    this.#waiting.hidden = true;
    this.#sentences += 1;
    if (!supported) this.#doubtful += 1;
    const marks = [...citations.map((one) => this.#cite(one)), supported ? null : el("span", { class: "doubt" }, " (not shown by what was found)")].filter(Boolean);
    const kind = `sentence${supported ? "" : " doubtful"}`;
    if (cells.length) {
      const words = cells.map((cell) => el("td", { class: kind }, visible(cell)));
      this.#table().append(el("tr", {}, words, el("td", {}, marks)));
      return;
    }
    if (heading && heading !== this.#heading) this.#prose.append(el("h3", { dir: "auto" }, visible(heading)), el("p", { dir: "auto" }));
    else if (this.#prose.lastElementChild?.tagName !== "P") this.#prose.append(el("p", { dir: "auto" }));
    this.#heading = heading;
    this.#prose.lastElementChild.append(el("span", { class: kind }, visible(text.trim(), "\n\t")), ...marks, " ");
  }

  /** The body of the table that rows go into. */
  #table() {
    if (this.#prose.lastElementChild?.tagName !== "TABLE") this.#prose.append(el("table", {}, el("tbody")));
    return this.#prose.lastElementChild.tBodies[0];
  }

  /** The end. data: `{answer}`, of which the receipt and a refusal are told. */
  done(data = {}) {
    const answer = data.answer ?? data;
    this.#waiting.hidden = true;
    if (!this.#sentences) this.#prose.append(el("p", {}, visible(typeof answer === "string" && answer ? answer : "Nothing here answers that; the nearest are below.")));
    if (answer.columns?.length) this.#prose.querySelector("table")?.prepend(el("thead", {}, el("tr", {}, [...answer.columns, "Sources"].map((name) => el("th", { scope: "col" }, visible(name))))));
    const told = [this.#sentences ? `${counted(this.#sentences, "sentence")}, ${this.#doubtful ? `${this.#doubtful} not supported` : "all of them with what they stand on"}` : null, answer.answerer ? `written by ${visible(answer.answerer)}` : null, left(answer.left ?? []), ...(answer.notes ?? []).map((note) => visible(note))];
    this.#foot.replaceChildren(el("p", {}, told.filter(Boolean).join(" · ")), hops(answer.path ?? []));
  }

  /** It ended early. */
  stopped(why) {
    this.#waiting.hidden = true;
    this.#foot.replaceChildren(el("span", {}, why));
  }

  /** The hit with a number, or undefined. */
  hit(number) { return this.#evidence.find((one) => one.number === number); }

  #cite(citation) {
    const number = typeof citation === "number" ? citation : (citation.number ?? citation.evidence ?? this.#evidence.find((one) => one.piece === (citation.piece ?? citation))?.number);
    const hit = this.hit(number);
    if (!hit) return null;
    const where = placeWords(hit.place);
    const label = `Source ${number}: ${nameOf(hit)}${where ? `, ${where}` : ""}`;
    const pointed = (on) => () => this.point(number, on);
    return el("button", { type: "button", class: "cite", "aria-label": label, title: label, on: { click: () => this.go(number), pointerenter: pointed(true), pointerleave: pointed(false), focus: pointed(true), blur: pointed(false) } }, String(number));
  }
}

/** What left the machine, in words. */
function left(departures) {
  if (!departures.length) return "nothing left this machine";
  const hosts = [...new Set(departures.map((one) => one.host))].map((host) => visible(host));
  return `${bytes(departures.reduce((sum, one) => sum + one.bytes, 0))} went to ${hosts.join(", ")}`;
}

/** The questions that were asked on the way, each below the one it came from; nothing where there was but one. */
function hops(path) {
  if (path.length < 2) return "";
  const depth = (hop) => (hop.parent == null || !path[hop.parent] ? 0 : 1 + depth(path[hop.parent]));
  return el("details", { class: "hops" }, el("summary", {}, `${path.length} questions on the way`), el("ol", {}, path.map((hop) => el("li", { style: { "margin-inline-start": `${1.25 * Math.min(6, depth(hop))}rem` }, dir: "auto" }, visible(hop.question), el("span", {}, ` found ${hop.found.join(", ") || "nothing"}`)))));
}
