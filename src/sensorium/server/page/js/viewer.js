/** One item looked at: its picture, film, sound, page or text, at the place that was found. */

import { get } from "./api.js";
import { collecting } from "./collecting.js";
import { byId, el, iconButton } from "./dom.js";
import { boxMark } from "./faces.js";
import { flowing, highlighted } from "./passages.js";
import { momentOf } from "./playing.js";
import { drawWave, waveOf } from "./waveform.js";
import { fileName, kindWords, nameOf, placeWords, visible } from "./words.js";

const SIDE = 1600; // pixels of a page that is read
const INSIDE = 300; // places of an item that are listed

let now = null; // {hit, list, index, words, moved, item}

/**
 * Opens `list[index]`. words: of the question, to be marked. moved(index): called at the end, with the last one seen.
 */
export function view(list, index, { words, moved = () => {} }) {
  now = { list, index, words, moved, hit: list[index] };
  show(now.hit);
}

/** Sets up the window once: its keys, and that films end with it. */
export function startViewer() {
  const dialog = byId("viewer");
  dialog.addEventListener("close", () => {
    const { moved, index } = now ?? {};
    dialog.replaceChildren();
    now = null;
    moved?.(index); // the focus goes to what was looked at last
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.target.closest("video, audio, input, [role=listbox]")) return;
    if (event.key === "ArrowRight") step(1);
    else if (event.key === "ArrowLeft") step(-1);
  });
}

function step(by) {
  const index = now.index + by;
  if (!now.list[index]) return;
  now = { ...now, index, hit: now.list[index] };
  show(now.hit);
}

async function show(hit) {
  const dialog = byId("viewer");
  const { list, index } = now;
  const stage = el("div", { class: "stage", tabindex: "0", role: "group", "aria-label": "The item" });
  const inside = el("div", { class: "inside", tabindex: "0", role: "group", "aria-label": "What was found in it" });
  const turn = (name, label, by) => iconButton(name, label, () => step(by), { class: "close", disabled: !list[index + by] });
  dialog.replaceChildren(
    el("header", {}, el("div", {}, el("h2", { id: "viewer-title", dir: "auto" }, nameOf(hit)), el("p", {}, [fileName(hit), kindWords(hit)].join(" · "))), turn("left", "The one before", -1), turn("right", "The next one", 1), iconButton("close", "Close", () => dialog.close(), { class: "close" })),
    stage, inside,
  );
  place(stage, hit, null);
  inside.replaceChildren(...quoted(hit));
  if (!dialog.open) dialog.showModal();
  const item = await get(hit.links?.item ?? `v1/items/${hit.item}`).catch(() => null); // without it the hit itself is shown
  if (now?.hit !== hit || !item) return;
  if (hit.kind === "text" || !stage.childElementCount || item.links?.media) place(stage, hit, item);
  inside.replaceChildren(...quoted(hit), ...collecting(item), ...places(stage, hit, item));
}

function quoted(hit) {
  if (!hit.text) return [];
  return [el("h3", {}, "What it says"), el("blockquote", { dir: "auto" }, ...highlighted(flowing(hit.text), now.words))];
}

/** Puts on the stage what `hit` is of. item: the whole of it, once it is there. */
function place(stage, hit, item) {
  const media = item?.links?.media ?? hit.links?.media;
  const make = { video: film, audio: sound, text: reading }[hit.kind] ?? picture;
  const node = make(hit, media, item);
  if (node && !(stage.firstElementChild?.isEqualNode(node) ?? false)) stage.replaceChildren(node);
}

function picture(hit, media) {
  const isImage = hit.kind === "image";
  const source = (isImage && media) || hit.links?.preview;
  if (!source) return hit.text ? reading(hit) : null;
  const img = el("img", { src: source, alt: nameOf(hit) });
  if (source === hit.links?.preview) enlarge(img, source);
  if (isImage && media && hit.links?.preview) img.addEventListener("error", () => { img.src = hit.links.preview; }, { once: true });
  const box = hit.place?.box;
  if (isImage && !box) return img;
  const leaf = el("div", { class: "leaf" }, img, box && hit.aspect !== "figure" ? boxMark(box) : null);
  const fit = () => {
    const shape = img.naturalWidth / img.naturalHeight || 0.75;
    const stage = leaf.parentElement;
    if (stage) leaf.style.setProperty("width", `${Math.min(stage.clientWidth, stage.clientHeight * shape)}px`);
  };
  img.addEventListener("load", fit);
  new ResizeObserver(fit).observe(img);
  return leaf;
}

/** Shows the small picture at once and, when it is there, the same drawn so large that it can be read. */
function enlarge(img, source) {
  const larger = new Image();
  larger.addEventListener("load", () => { img.src = larger.src; }, { once: true });
  larger.src = `${source}${source.includes("?") ? "&" : "?"}side=${SIDE}`;
}

/** A film from the second that was found: the whole of it where the server gives it, else the moment. */
function film(hit, media) {
  const moment = media ? { url: media, from: hit.place?.seconds?.[0] ?? 0 } : momentOf(hit);
  if (!moment) return picture(hit, null);
  const video = el("video", { controls: true, playsinline: true, poster: hit.links?.preview, src: moment.url, "aria-label": nameOf(hit) });
  video.addEventListener("loadedmetadata", () => { video.currentTime = moment.from; }, { once: true });
  video.addEventListener("error", () => { const clip = hit.links?.clip; if (clip && !video.src.endsWith(clip)) { moment.from = 0; video.src = clip; } }, { once: true });
  return video;
}

function sound(hit, media) {
  const moment = media ? { url: media, from: hit.place?.seconds?.[0] ?? 0 } : momentOf(hit);
  if (!moment) return null;
  const canvas = el("canvas", { "aria-hidden": "true" });
  const audio = el("audio", { controls: true, src: moment.url, "aria-label": nameOf(hit) });
  let wave = null;
  const along = () => drawWave(canvas, wave?.bars, audio.duration ? audio.currentTime / audio.duration : 0);
  audio.addEventListener("loadedmetadata", () => { audio.currentTime = moment.from; }, { once: true });
  for (const event of ["timeupdate", "seeked"]) audio.addEventListener(event, along);
  canvas.addEventListener("click", (event) => { if (audio.duration) audio.currentTime = (event.offsetX / canvas.clientWidth) * audio.duration; });
  new ResizeObserver(along).observe(canvas);
  // The canvas is in the page from the next frame on; before, the wave would not be wanted.
  requestAnimationFrame(() => waveOf(moment.url, () => canvas.isConnected).then((found) => { wave = found; along(); }));
  return el("div", { class: "listening" }, canvas, audio);
}

/** A text whole, the passage that was found marked and in view. */
function reading(hit, _media, item) {
  const pieces = (item?.pieces ?? []).filter((piece) => piece.text != null && piece.place?.characters).sort((a, b) => a.place.characters[0] - b.place.characters[0]);
  if (!pieces.length) return el("div", { class: "reading", dir: "auto" }, visible(hit.text ?? "", "\n\t"));
  const node = el("div", { class: "reading", dir: "auto" });
  let end = 0; // pieces overlap: of each only what is new is put in
  for (const piece of pieces) {
    const [from, until] = piece.place.characters;
    const letters = [...piece.text].slice(Math.max(0, end - from)).join("");
    end = Math.max(end, until);
    const found = (piece.piece ?? piece.id) === hit.piece && pieces.length > 1;
    node.append(found ? el("mark", { id: "found" }, visible(letters, "\n\t")) : visible(letters, "\n\t"));
  }
  requestAnimationFrame(() => node.querySelector("#found")?.scrollIntoView({ block: "center" }));
  return node;
}

/** The other places of the item, to go to. */
function places(stage, hit, item) {
  const found = (item.pieces ?? []).filter((piece) => placeWords(piece.place)).slice(0, INSIDE);
  if (found.length < 2) return [];
  const list = el("ol", {}, found.map((piece) => {
    const id = piece.piece ?? piece.id;
    const go = (event) => {
      const there = { ...hit, piece: id, place: piece.place, text: piece.text, aspect: piece.aspect, modality: piece.modality, links: { ...hit.links, ...piece.links } };
      list.querySelectorAll("[aria-current]").forEach((one) => one.removeAttribute("aria-current"));
      event.currentTarget.setAttribute("aria-current", "true");
      jump(stage, there, item);
    };
    const words = piece.text ? flowing(piece.text).slice(0, 160) : piece.aspect;
    return el("li", {}, el("button", { type: "button", "aria-current": id === hit.piece ? "true" : null, on: { click: go } }, el("b", {}, placeWords(piece.place)), el("span", { dir: "auto" }, visible(words))));
  }));
  return [el("h3", {}, "In this item"), list];
}

function jump(stage, there, item) {
  const playing = stage.querySelector("video, audio");
  const seconds = there.place?.seconds;
  if (playing && seconds && item.links?.media) { playing.currentTime = seconds[0]; return; }
  place(stage, there, item);
}
