/** The grid: as many cards in the document as can be seen, of as many hits as there are. */

import { arrange, beside, within } from "./rows.js";

const BEYOND = 700; // pixels above and below the window that are filled too, so that scrolling meets cards
const NEAR_END = 1600; // pixels from the end at which more is asked for

/**
 * A feed of cards (WAI-ARIA `feed`). `make(hit, index)` gives `{node, ratio, leave()}`; `ratioOf(hit)` its shape.
 * `onNearEnd()` is called when the end comes near, `onKey(event, index)` for keys that do not move the focus.
 */
export class Grid {
  #host; #make; #ratioOf; #onNearEnd; #onKey;
  #hits = [];
  #boxes = [];
  #shown = new Map();
  #active = 0;
  #waiting = false;
  #caption;

  constructor(host, { make, ratioOf, onNearEnd = () => {}, onKey = () => {}, caption = 72 }) {
    this.#host = host; this.#make = make; this.#ratioOf = ratioOf; this.#onNearEnd = onNearEnd; this.#onKey = onKey;
    this.#caption = caption;
    addEventListener("scroll", () => this.#soon(), { passive: true });
    new ResizeObserver(() => this.#resized()).observe(host);
    host.addEventListener("keydown", (event) => this.#pressed(event));
    host.addEventListener("focusin", (event) => this.#focused(event));
  }

  get hits() { return this.#hits; }
  get active() { return this.#active; }
  get rendered() { return this.#shown.size; }

  /** Other hits from the top. caption: height below a view, in pixels. */
  show(hits, caption = this.#caption) {
    this.#caption = caption;
    this.#leaveAll();
    this.#hits = hits;
    this.#active = 0;
    this.#host.setAttribute("role", hits.length ? "feed" : "presentation");
    this.#layout();
  }

  /** More hits at the end; what is shown stays as it is. */
  append(hits) {
    this.#hits = this.#hits.concat(hits);
    this.#layout();
    for (const card of this.#shown.values()) card.node.setAttribute("aria-setsize", this.#hits.length);
  }

  /** `hit` takes the place at `index`, and others stand behind it. */
  insert(index, hit, others) {
    const active = this.#active;
    this.show(this.#hits.toSpliced(index, 1, hit, ...others), this.#caption);
    if (active <= index) this.#activate(active);
  }

  /** The hit at `index` goes; the focus stays where it was, on what follows. */
  remove(index) {
    const had = this.#host.contains(document.activeElement);
    const hits = this.#hits.toSpliced(index, 1);
    const active = Math.min(index, hits.length - 1);
    this.show(hits);
    if (had && active >= 0) this.focus(active);
  }

  /** The card at `index` comes into view and, where asked, gets the focus. */
  focus(index) {
    if (!this.#hits[index]) return;
    this.#activate(index);
    this.#reveal(index);
    this.#draw();
    this.#shown.get(index)?.node.focus({ preventScroll: true });
  }

  /** The drawn card of a hit, or null. */
  card(index) { return this.#shown.get(index)?.node ?? null; }

  #options() {
    const width = this.#host.clientWidth;
    const phone = width < 560;
    return { width, row: phone ? 150 : 196, gap: phone ? 14 : 20, caption: this.#caption, rowGap: phone ? 18 : 24, least: phone ? 128 : 150 };
  }

  #layout() {
    const options = this.#options();
    if (!options.width) return;
    const ratios = this.#hits.map((hit) => this.#ratioOf(hit, options.width));
    const { boxes, height } = arrange(ratios, options);
    this.#boxes = boxes;
    this.#host.style.setProperty("height", `${Math.ceil(height)}px`);
    for (const [index, card] of this.#shown) this.#put(card.node, index);
    this.#draw();
  }

  #soon() {
    if (this.#waiting) return;
    this.#waiting = true;
    requestAnimationFrame(() => { this.#waiting = false; this.#draw(); });
  }

  #resized() {
    if (this.#host.clientWidth !== this.width) this.#layout();
    this.width = this.#host.clientWidth;
  }

  #draw() {
    if (!this.#boxes.length) return;
    const top = -this.#host.getBoundingClientRect().top;
    const bottom = top + innerHeight;
    const [first, end] = within(this.#boxes, top - BEYOND, bottom + BEYOND, this.#caption);
    for (const [index, card] of this.#shown) {
      const kept = (index >= first && index < end) || index === this.#active; // the focus must not fall out of the page
      if (!kept) this.#leave(index, card);
    }
    for (let index = first; index < end; index += 1) this.#enter(index);
    if (this.#hits.length) this.#enter(this.#active);
    const below = this.#host.offsetHeight - bottom;
    if (below < 0 || (scrollY > 0 && below < NEAR_END)) this.#onNearEnd(); // who does not scroll needs no more
  }

  #enter(index) {
    if (this.#shown.has(index)) return;
    const card = this.#make(this.#hits[index], index);
    card.node.dataset.index = index;
    card.node.setAttribute("aria-posinset", index + 1);
    card.node.setAttribute("aria-setsize", this.#hits.length);
    this.#put(card.node, index);
    this.#reach(card.node, index === this.#active);
    const after = [...this.#shown.keys()].filter((other) => other > index).sort((a, b) => a - b)[0];
    this.#host.insertBefore(card.node, after === undefined ? null : this.#shown.get(after).node);
    this.#shown.set(index, card);
  }

  #put(node, index) {
    const box = this.#boxes[index];
    node.style.setProperty("transform", `translate(${box.x.toFixed(1)}px, ${box.y.toFixed(1)}px)`);
    node.style.setProperty("width", `${box.width.toFixed(1)}px`);
    node.firstElementChild.style.setProperty("height", `${box.view.toFixed(1)}px`);
    node.classList.toggle("narrow-card", box.width < 200);
  }

  #leave(index, card) {
    card.leave?.();
    card.node.remove();
    this.#shown.delete(index);
  }

  #leaveAll() {
    for (const [index, card] of this.#shown) this.#leave(index, card);
    this.#boxes = [];
    this.#host.style.removeProperty("height");
  }

  /** Only one card is a stop of the Tab key, with what lies in it; arrows move from card to card. */
  #reach(node, can) {
    node.tabIndex = can ? 0 : -1;
    for (const inner of node.querySelectorAll("button")) inner.tabIndex = can ? 0 : -1;
  }

  #activate(index) {
    const before = this.#shown.get(this.#active);
    if (before) this.#reach(before.node, false);
    this.#active = index;
    this.#enter(index);
    this.#reach(this.#shown.get(index).node, true);
  }

  #focused(event) {
    const card = event.target.closest("[data-index]");
    if (card && Number(card.dataset.index) !== this.#active) this.#activate(Number(card.dataset.index));
  }

  #reveal(index) {
    const box = this.#boxes[index];
    const top = this.#host.getBoundingClientRect().top + box.y;
    const above = parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop) || 0;
    if (top < above) scrollBy(0, top - above);
    else if (top + box.view + this.#caption > innerHeight - 16) scrollBy(0, top + box.view + this.#caption - innerHeight + 16);
  }

  #pressed(event) {
    const card = event.target.closest("[data-index]");
    if (!card || event.ctrlKey || event.metaKey || event.altKey) return;
    const index = Number(card.dataset.index);
    const last = this.#hits.length - 1;
    const moves = {
      ArrowRight: () => index + 1, ArrowLeft: () => index - 1, Home: () => 0, End: () => last,
      ArrowDown: () => beside(this.#boxes, index, 1), ArrowUp: () => beside(this.#boxes, index, -1),
    };
    const move = moves[event.key];
    if (!move) { this.#onKey(event, index); return; }
    event.preventDefault();
    this.focus(Math.max(0, Math.min(last, move())));
  }
}
