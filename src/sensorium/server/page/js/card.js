/** One card of the grid: the face of a hit, how well it fits, where it is from, and what can be done with it. */

import { el, iconButton } from "./dom.js";
import { faceOf } from "./faces.js";
import { fileName, kindWords, nameOf } from "./words.js";

const TAIL = 9; // the end of a file name that stays when a card is too narrow for all of it

/**
 * `{node, leave()}` for `hit`. words: of the question. does: `{open, more, less, why, unfold}`, each `(hit, index)`.
 * plain: without score and acts, as for what was added lately.
 */
export function makeCard(hit, index, { words, does, plain = false }) {
  const name = nameOf(hit);
  const node = el("article", { class: `card${hit.matches === false ? " far" : ""}${plain ? " plain" : ""}`, tabindex: "-1", "aria-label": spoken(hit, index, plain), data: { piece: hit.piece } });
  const face = faceOf(hit, node, words);
  node.toggle = face.toggle;
  const folded = !plain && hit.folded?.length ? fold(hit, index, name, does) : null;
  node.append(...[face.view, folded, caption(hit, index, { name, does, plain })].filter(Boolean));
  face.view.addEventListener("click", () => does.open(hit, index));
  return { node, leave: face.leave };
}

/** A hit without its fold, and what was in it as hits: `[hit, others]`. */
export function unfolded(hit) {
  const shared = { place: {}, attributes: {}, text: null, modality: hit.modality, aspect: "content", matches: hit.matches, rank: "=" };
  return [{ ...hit, folded: [] }, hit.folded.map((one) => ({ ...shared, ...one }))];
}

function caption(hit, index, { name, does, plain }) {
  return el("div", { class: "caption" }, plain ? null : fit(hit, index, name, does), file(hit), el("p", { class: "kind" }, kindWords(hit)));
}

function fold(hit, index, name, does) {
  return el("button", { type: "button", class: "fold", "aria-label": `Show ${hit.folded.length} like ${name}`, on: { click: () => does.unfold(hit, index) } }, `${hit.folded.length} like it`);
}

function fit(hit, index, name, does) {
  const share = Math.round(100 * Math.min(1, Math.max(0, hit.score)));
  return el(
    "div", { class: "fit" },
    el("span", { class: "rank" }, hit.rank ?? String(index + 1)),
    el("span", { class: "meter", "aria-hidden": "true" }, el("span", { style: { width: `${share}%` } })),
    el("span", { class: "score", title: "How well it fits, 0 to 1" }, hit.score.toFixed(2)),
    el(
      "div", { class: "acts" },
      iconButton("plus", `More like ${name}`, () => does.more(hit, index)),
      iconButton("minus", `Not ${name}`, () => does.less(hit, index)),
      iconButton("why", `Why ${name}?`, () => does.why(hit, index), { class: "ask-why" }),
    ),
  );
}

function file(hit) {
  const name = fileName(hit);
  const cut = Math.max(0, name.length - TAIL);
  return el("p", { class: "file", title: name }, el("span", { class: "stem" }, name.slice(0, cut)), el("span", { class: "tail" }, name.slice(cut)));
}

function spoken(hit, index, plain) {
  const parts = [nameOf(hit), kindWords(hit)];
  if (!plain) parts.unshift(String(index + 1));
  if (!plain) parts.push(`fits ${Math.round(100 * hit.score)} of 100${hit.matches === false ? ", does not match" : ""}`);
  return parts.join(", ");
}
