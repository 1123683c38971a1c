/** What plays: a film's moment while it is pointed at, a sound until it is stopped. One at a time. */

import { el, icon } from "./dom.js";
import { drawWave, waveOf } from "./waveform.js";

const LINGER = 180; // milliseconds that a pointer rests before a film is fetched

let stopOther = () => {};
const still = matchMedia("(prefers-reduced-motion: reduce)");

/** What plays now stops and makes room for what `stop` ends. */
function alone(stop) {
  if (stopOther !== stop) stopOther();
  stopOther = stop;
}

/** The address of a hit's moment and where in it to begin: its clip or, without one, the seconds of the whole file. */
export function momentOf(hit) {
  if (hit.links?.clip) return { url: hit.links.clip, from: 0, until: Infinity };
  const [from, until] = hit.place?.seconds ?? [0, Infinity];
  return hit.links?.media ? { url: hit.links.media, from, until } : null;
}

/**
 * Makes `view` play the moment of `hit` in silence and over and over while the pointer or the focus rests on `card`.
 * `toggle()` starts and stops it by key; those who want no motion see it only then. `leave()` ends it for good.
 */
export function playOnPoint(card, view, hit) {
  const moment = momentOf(hit);
  if (!moment) return { toggle() {}, leave() {} };
  let film = null;
  let timer = 0;
  const stop = () => {
    clearTimeout(timer);
    view.classList.remove("waiting", "plays");
    if (film) { film.pause(); film.removeAttribute("src"); film.load(); film.remove(); film = null; }
  };
  const start = () => {
    if (film) return;
    alone(stop);
    view.classList.add("waiting");
    film = el("video", { playsinline: true, "aria-hidden": "true", tabindex: "-1" });
    film.muted = true;
    film.loop = moment.until === Infinity;
    const playing = film;
    film.addEventListener("loadedmetadata", () => { playing.currentTime = moment.from; });
    film.addEventListener("timeupdate", () => { if (playing.currentTime >= moment.until) playing.currentTime = moment.from; });
    film.addEventListener("playing", () => { view.classList.remove("waiting"); view.classList.add("plays"); view.prepend(playing); });
    film.addEventListener("error", () => { if (film === playing) stop(); });
    film.src = moment.url;
    film.play().catch(() => {});
  };
  const rest = () => { if (!still.matches) { clearTimeout(timer); timer = setTimeout(start, LINGER); } };
  card.addEventListener("pointerenter", rest);
  card.addEventListener("pointerleave", stop);
  card.addEventListener("focus", rest);
  card.addEventListener("blur", stop);
  return { toggle: () => (film ? stop() : start()), leave: stop };
}

/** A sound with its waveform and a button. `node` to show, `toggle()` by key, `leave()` ends it. */
export function soundPlayer(hit, name) {
  const moment = momentOf(hit);
  const canvas = el("canvas", { "aria-hidden": "true" });
  const play = el("button", { type: "button", class: "play", "aria-label": `Play ${name}` }, icon("play"));
  const node = el("div", { class: "wave" }, moment ? play : null, canvas);
  let wave = null;
  let sound = null;
  let here = true;
  const shown = () => drawWave(canvas, wave?.bars, sound?.duration ? sound.currentTime / sound.duration : 0);
  const says = (playing) => {
    play.replaceChildren(icon(playing ? "pause" : "play"));
    play.setAttribute("aria-label", `${playing ? "Pause" : "Play"} ${name}`);
  };
  const stop = () => { sound?.pause(); says(false); };
  const along = () => { if (!here) return; shown(); if (sound && !sound.paused) requestAnimationFrame(along); };
  const toggle = () => {
    if (!moment) return;
    if (sound && !sound.paused) { stop(); return; }
    alone(stop);
    if (!sound) {
      sound = new Audio(moment.url);
      sound.addEventListener("ended", () => { says(false); sound.currentTime = 0; shown(); });
    }
    says(true);
    sound.play().then(along, () => says(false));
  };
  play.addEventListener("click", (event) => { event.stopPropagation(); toggle(); });
  canvas.addEventListener("click", (event) => {
    if (!sound?.duration) return;
    event.stopPropagation();
    sound.currentTime = (event.offsetX / canvas.clientWidth) * sound.duration;
    shown();
  });
  new ResizeObserver(shown).observe(canvas);
  addEventListener("themechange", shown);
  if (moment) waveOf(moment.url, () => here).then((found) => { wave = found; if (here) { shown(); node.dataset.drawn = found ? "yes" : "no"; } });
  const leave = () => { here = false; stop(); removeEventListener("themechange", shown); };
  return { node, toggle, leave };
}
