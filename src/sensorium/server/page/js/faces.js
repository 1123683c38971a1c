/** The face of a hit in each medium: a picture, a moment, a page with its box, a sound, a passage. */

import { el, icon } from "./dom.js";
import { passage, highlighted, flowing, belowTitle } from "./passages.js";
import { playOnPoint, soundPlayer } from "./playing.js";
import { clock, nameOf, visible } from "./words.js";

const NARROWEST = 0.68;
const WIDEST = 2.4;
const PASSAGE = 2.2;
const BESIDE = 1.15; // how much wider a page gets by the passage beside it, in heights

const isMoving = (hit) => hit.kind === "video";
const isSound = (hit) => hit.kind === "audio";
const hasPicture = (hit) => Boolean(hit.links?.preview);
const isLeaf = (hit) => hit.kind === "document" && hit.text != null && hasPicture(hit); // a page, beside it what it says

/** Whether a hit is shown as words alone. */
export function isPassage(hit) {
  const placed = hit.place?.page || hit.place?.seconds || hit.place?.box;
  return !isSound(hit) && !isMoving(hit) && (!hasPicture(hit) || (hit.text != null && !placed));
}

/** The shape of a hit's view, width / height. width: of the grid, in pixels; on a phone passages are higher. */
export function ratioOf(hit, width) {
  const phone = width < 560;
  if (isSound(hit)) return phone ? width / (hit.text ? 170 : 110) : PASSAGE;
  if (isPassage(hit)) return phone ? width / 205 : PASSAGE;
  const shape = Math.min(WIDEST, Math.max(NARROWEST, wide(hit)));
  return isLeaf(hit) ? Math.max(shape + BESIDE, phone ? width / 205 : 0) : shape;
}

function wide(hit) {
  const [width, height] = hit.preview_size ?? (isMoving(hit) ? [16, 9] : hit.kind === "document" ? [3, 4] : [4, 3]);
  return width / height;
}

/** What shows `hit`: `{view, toggle(), leave()}`. card: what is pointed at. words: of the question, to be marked. */
export function faceOf(hit, card, words) {
  if (isSound(hit)) return soundFace(hit, words);
  if (isMoving(hit)) return filmFace(hit, card, words);
  if (isPassage(hit)) return passageFace(hit, words);
  const beside = isLeaf(hit) ? el("div", { class: "passage" }, ...passage(hit, words)) : said(hit, words);
  const view = el("div", { class: `view${isLeaf(hit) ? " leaf" : ""}` }, pictureWithBox(hit), beside);
  return { view, toggle() {}, leave() {} };
}

function filmFace(hit, card, words) {
  const seconds = hit.place?.seconds;
  const time = el("span", { class: "time", "aria-hidden": "true" }, icon("play"), seconds ? clock(seconds[0]) : "");
  const view = el("div", { class: "view film" }, hasPicture(hit) ? image(hit) : blank(hit), said(hit, words), time);
  return { view, ...playOnPoint(card, view, hit) };
}

function soundFace(hit, words) {
  const player = soundPlayer(hit, nameOf(hit));
  const heard = hit.text ? el("p", { class: "heard", dir: "auto" }, ...highlighted(hit.text, words)) : null;
  return { view: el("div", { class: "view sound" }, player.node, heard), toggle: player.toggle, leave: player.leave };
}

function passageFace(hit, words) {
  const body = hit.text == null ? blank(hit) : el("div", { class: "passage" }, ...passage(hit, words));
  return { view: el("div", { class: "view text" }, body), toggle() {}, leave() {} };
}

/** A picture and, where the hit is a part of the page or picture that it shows, a box around that part. */
export function pictureWithBox(hit) {
  const box = hit.place?.box;
  if (!box || hit.aspect === "figure" || !hit.preview_size) return image(hit); // a figure's preview shows the figure alone
  return el("div", { class: "sheet", style: { "aspect-ratio": hit.preview_size.join(" / ") } }, image(hit), boxMark(box));
}

/** The mark around a part. box: left, top, right, bottom, as shares. */
export function boxMark([left, top, right, bottom]) {
  const share = (number) => `${(100 * number).toFixed(2)}%`;
  return el("i", { class: "box", style: { left: share(left), top: share(top), width: share(right - left), height: share(bottom - top) } });
}

function image(hit) {
  return el("img", { src: hit.links.preview, alt: nameOf(hit), loading: "eager", decoding: "async", draggable: "false" });
}

function said(hit, words) {
  if (hit.text == null || !hit.text.trim()) return null;
  return el("p", { class: "said" }, el("span", { dir: "auto" }, ...highlighted(flowing(belowTitle(hit.title, hit.text)), words)));
}

function blank(hit) {
  return el("div", { class: "blank" }, hit.title ? el("strong", { dir: "auto" }, visible(hit.title)) : null, el("span", {}, "no preview"));
}
