/** The keyboard: shortcuts, a page that lists them, and a switch for those of a single letter (WCAG 2.1.4). */

import { byId, el, fillWindow } from "./dom.js";

const KEPT = "sensorium.single-keys";

const LIST = [
  ["/", "write a question"], ["Enter", "ask; on a hit: open it"], ["← ↑ ↓ →", "go from hit to hit"], ["Home  End", "first and last hit"],
  ["Space", "play or pause the hit"], ["m", "more like this"], ["n", "not this"], ["w", "why this?"],
  ["f", "filters"], ["a", "find or ask"], ["Esc", "close what is open"], ["?", "this list"],
];

let singles = localStorage.getItem(KEPT) !== "off";

/** does: what the global keys do, `{focus, filter, mode, escape}`. */
export function startKeys(does) {
  const keys = { "/": does.focus, "?": showKeys, f: does.filter, a: does.mode };
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !document.querySelector("dialog[open]")) { does.escape(); return; }
    const act = keys[event.key];
    if (!act || !singles || isWriting(event.target) || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    act();
  });
}

/** Whether single letters are shortcuts at the moment. */
export const singleKeys = () => singles;

const isWriting = (target) => target instanceof Element && Boolean(target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]"));

/** Opens the list. */
export function showKeys() {
  const toggle = (event) => { singles = event.target.checked; localStorage.setItem(KEPT, singles ? "on" : "off"); };
  fillWindow(
    byId("keys"), "Keyboard shortcuts",
    el("dl", { class: "keys-list" }, LIST.flatMap(([keys, does]) => [el("dt", {}, keys.split(" ").filter(Boolean).map((key) => [el("kbd", {}, key), " "])), el("dd", {}, does)])),
    el("label", { class: "switch" }, el("input", { type: "checkbox", checked: singles, on: { change: toggle } }), "Single letters are shortcuts"),
  );
}
