/** Before the first question: what the library holds, what may be asked, what was added lately. */

import { explained, get } from "./api.js";
import { button, byId, el, icon } from "./dom.js";
import { showAdding } from "./adding.js";
import { MEDIA, countedKind, fileName } from "./words.js";

const LATELY = 24;

/** Numbers of the library, or null where the server does not tell. */
export const infoOf = () => get("v1/info").catch(() => null);

/** Shows what is there before a question; `ask(text)` puts one. */
export function showStart(info, ask) {
  const host = byId("empty");
  const held = MEDIA.filter(({ id }) => info?.items?.[id]);
  host.replaceChildren(...(info && !held.length ? emptyLibrary() : welcome(info, held)));
  host.hidden = false;
}

function welcome(info, held) {
  const counts = held.map(({ id }) => countedKind(info.items[id], id));
  return [
    el("h2", {}, "What are you looking for?"),
    el("p", {}, counts.length ? `In here: ${listed(counts)}.` : "Ask in words, with a picture, a sound, a sketch, or aloud."),
    counts.length ? el("p", {}, "Ask in words, with a picture, a sound, a sketch, or aloud.") : null,
  ].filter(Boolean);
}

function emptyLibrary() {
  return [
    icon("folder"), el("h2", {}, "This library is empty"),
    el("p", {}, "Drop a folder of pictures, films, recordings, documents or notes onto this page."),
    el("div", { class: "asks" }, button("Add files", showAdding, { class: "button main" })),
  ];
}

/** Nothing at all was found: what may be done about it. */
export function showNothing(text, acts) {
  byId("empty").replaceChildren(el("h2", {}, "Nothing found"), el("p", {}, text), el("div", { class: "asks" }, acts.map(([label, act]) => button(label, act))));
  byId("empty").hidden = false;
}

/** Items that were added lately, as hits without a score. */
export async function lately() {
  const { items = [] } = await get(`v1/items?limit=${LATELY}`).catch((error) => { explained(error); return {}; });
  const shown = items.map(asHit).filter((hit) => hit.links.preview);
  await Promise.all(shown.map(measured));
  return shown.filter((hit) => hit.preview_size);
}

/** Lets a hit know the shape of its preview, which is small, so that its card fits it from the start. */
async function measured(hit) {
  if (hit.preview_size) return;
  const image = new Image();
  image.src = hit.links.preview;
  await image.decode().catch(() => {}); // what can not be shown is left out
  if (image.naturalWidth) hit.preview_size = [image.naturalWidth, image.naturalHeight];
}

function asHit(item) {
  const first = item.pieces?.[0] ?? {};
  const hit = { item: item.item ?? item.id, piece: item.piece ?? first.piece ?? first.id ?? `${item.id}.0`, path: item.path ?? item.name ?? "", title: item.title ?? "", kind: item.kind ?? item.modality, modality: item.modality, aspect: "content", attributes: {}, place: {}, text: null, score: 0, matches: true, evidence: [], media_type: item.media_type, preview_size: item.preview_size, links: item.links ?? {} };
  hit.path ||= fileName(hit);
  return hit;
}

function listed(parts) {
  return parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}
