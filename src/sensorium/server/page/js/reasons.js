/** What the server says of a hit, drawn: the part of a picture that fits, and the words of the question in a text. */

import { boxMark } from "./faces.js";
import { el } from "./dom.js";
import { nameOf, visible } from "./words.js";

const AROUND = 60; // characters before and after the words that are shown
const LONGEST = 420;

/** The picture with a frame around what fits best, or null where none can be shown. */
export function regionFigure(hit) {
  const region = hit.explanation?.region;
  const source = hit.links?.region ?? (region?.piece === hit.piece ? hit.links?.preview : null);
  if (!region?.box || !source) return null;
  const part = region.name || "the part that fits best";
  const img = el("img", { src: source, alt: `${nameOf(hit)}, with ${part} framed`, draggable: "false" });
  return el("figure", { class: "region" }, el("div", { class: "sheet" }, img, boxMark(region.box)), el("figcaption", { class: "unseen" }, `Framed: ${part}`));
}

/** The text around the words that were matched, each marked, or null where none was. */
export function markedPassage(hit) {
  const terms = hit.explanation?.terms ?? [];
  if (!terms.length || !hit.text) return null;
  const letters = Array.from(hit.text); // the server counts code points
  const first = Math.max(0, terms[0].characters[0] - AROUND);
  const last = Math.min(letters.length, first + LONGEST, terms.at(-1).characters[1] + AROUND);
  const piece = (from, to) => visible(letters.slice(from, to).join(""), "\n\t");
  const parts = [];
  let at = first;
  for (const { characters: [start, end] } of terms) {
    if (start < at || end > last) continue;
    parts.push(piece(at, start), el("mark", {}, piece(start, end)));
    at = end;
  }
  parts.push(piece(at, last));
  return el("blockquote", { class: "matched", dir: "auto" }, first > 0 ? "… " : null, ...parts, last < letters.length ? " …" : null);
}
