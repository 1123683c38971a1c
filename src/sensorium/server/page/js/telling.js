/** What the page says about a question besides its hits: how it goes, what went wrong, what else may have been meant. */

import { explained } from "./api.js";
import { byId, el, icon } from "./dom.js";
import { visible } from "./words.js";

/** Something is on its way. */
export function busy(text) {
  byId("status").textContent = text;
  byId("status").classList.add("busy");
}

/** Nothing is on its way any more. */
export function calm(text = "") {
  byId("status").textContent = text;
  byId("status").classList.remove("busy");
}

/** What went wrong, and what to do. */
export function notice(error) {
  byId("notice").replaceChildren(icon("warning"), el("div", {}, explained(error).filter(Boolean).map((text) => el("p", {}, text))));
  byId("notice").hidden = false;
}

/** Other ways to put the question; `ask(words)` asks one of them. */
export function offer(suggestions, ask) {
  byId("meant").hidden = !suggestions.length;
  byId("meant").replaceChildren("Did you mean ", ...suggestions.flatMap((one, place) => [place ? " or " : "", el("button", { type: "button", class: "link", dir: "auto", on: { click: () => ask(one.words) } }, visible(one.words))]), "?");
}
