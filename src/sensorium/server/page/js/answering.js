/** An answer: its sentences as they come, each with the numbers of what it stands on. */

import { button, byId, el } from "./dom.js";
import { counted, placeWords, nameOf, visible } from "./words.js";

export const FORMS = [["answer", "Answer"], ["summary", "Summary"], ["brief", "Brief"], ["comparison", "Comparison"], ["table", "Table"]];

/** Shows one answer. `go(number)` is called when a citation is followed, `point(number, on)` while it is pointed at. */
export class Answer {
  #host = byId("answer");
  #prose; #foot; #waiting;
  #sentences = 0;
  #doubtful = 0;
  #evidence = [];

  constructor({ go, point, cancel }) { Object.assign(this, { go, point, cancel }); }

  /** An empty answer to `question`. */
  begin(question) {
    this.#sentences = this.#doubtful = 0;
    this.#evidence = [];
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
      this.#evidence.push({ score: 0, evidence: [], matches: true, ...hit, rank: String(number), number });
    }
    this.#waiting.textContent = `Reading ${counted(this.#evidence.length, "place")} …`;
    return this.#evidence;
  }

  /** One sentence: `{text, citations, supported}`. */
  sentence({ text, citations = [], supported = true }) {
    this.#waiting.hidden = true;
    this.#sentences += 1;
    if (!supported) this.#doubtful += 1;
    const block = /^\s*(?:[-*•]|\d+[.)])\s|^\s*\|/.test(text) || text.startsWith("\n") || !this.#prose.lastElementChild;
    if (block) this.#prose.append(el("p", { dir: "auto" }));
    const doubt = supported ? null : el("span", { class: "doubt" }, " (not shown by what was found)");
    this.#prose.lastElementChild.append(
      el("span", { class: `sentence${supported ? "" : " doubtful"}` }, visible(text.trim(), "\n\t")), ...citations.map((one) => this.#cite(one)).filter(Boolean), ...(doubt ? [doubt] : []), " ",
    );
  }

  /** The end. data: `{answer}`, of which the receipt and a refusal are told. */
  done(data = {}) {
    const answer = data.answer ?? data;
    this.#waiting.hidden = true;
    if (!this.#sentences) this.#prose.append(el("p", {}, visible(typeof answer === "string" && answer ? answer : "Nothing here answers that; the nearest are below.")));
    const told = [this.#sentences ? `${counted(this.#sentences, "sentence")}, ${this.#doubtful ? `${this.#doubtful} not supported` : "all of them with what they stand on"}` : null, answer.model ? `by ${visible(answer.model)}` : "nothing left this machine"];
    if (answer.left?.length || answer.sent) told[1] = `${told[1]}; text was sent to ${visible(String(answer.sent ?? answer.left))}`;
    this.#foot.replaceChildren(el("span", {}, told.filter(Boolean).join(" · ")));
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
