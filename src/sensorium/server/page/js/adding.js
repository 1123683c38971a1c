/** Adding: files and folders are dropped or chosen, and what becomes of each is said. */

import { button, byId, el, fillWindow, icon } from "./dom.js";
import { Uploads } from "./uploads.js";
import { chosen } from "./walk.js";
import { bytes, counted, visible } from "./words.js";

const SHOWN = 200; // files that are listed; the rest is counted

const STATES = {
  waits: ["arrow", "waits"], goes: ["arrow", ""], read: ["search", "is read"], done: ["check", "added"],
  known: ["check", "known already"], failed: ["warning", "not added"],
};

const uploads = new Uploads();
let told = 0;

/** Says what is called when files were added: `(number)`. */
export function watchAdding(added) {
  uploads.addEventListener("change", () => {
    if (byId("adding").open) fill();
    mark();
    const done = uploads.count("done");
    if (!uploads.busy && done > told) added(done - told);
    if (!uploads.busy) told = done;
  });
}

/** Opens the window. */
export function showAdding() {
  fillWindow(byId("adding"), "Add to the library", el("div", { id: "adding-body" }));
  fill();
}

/** Sends `files`, `[{file, path}]`, and shows how it gets on. */
export function addFiles(files) {
  if (!byId("adding").open) showAdding();
  uploads.add(files);
}

function fill() {
  const body = byId("adding-body");
  const held = document.activeElement?.dataset?.held; // what has the focus is made anew, and gets it back
  body.replaceChildren(...(uploads.files.length ? progress() : [el("p", { class: "lead" }, "Pictures, sounds, films, documents and texts. They are read on this server and go nowhere else.")]), chooser(uploads.files.length > 0));
  if (held) body.querySelector(`[data-held=${held}]`)?.focus();
}

function progress() {
  const { files } = uploads;
  const done = uploads.count("done") + uploads.count("known");
  const failed = uploads.count("failed");
  const said = uploads.busy ? `${done} of ${counted(files.length, "file")}, ${bytes(uploads.sent)} of ${bytes(uploads.total)}` : `${counted(done, "file")} in the library${failed ? `, ${failed} not added` : ""}`;
  const share = uploads.total ? uploads.sent / uploads.total : 1;
  const along = (share + done / files.length) / 2; // half is the way here, half the reading
  return [
    el("p", { role: "status" }, said),
    uploads.busy ? el("progress", { max: 1, value: along.toFixed(3), "aria-label": "Adding" }) : null,
    el("ul", { class: "uploads", tabindex: "0", "aria-label": "Files", data: { held: "list" } }, files.slice(-SHOWN).map(line)),
    failed && !uploads.busy ? el("div", { class: "row end" }, button("Try those again", () => uploads.retry(), { data: { held: "retry" } })) : null,
  ].filter(Boolean);
}

function line(one) {
  const [picture, word] = STATES[one.state];
  const state = one.state === "goes" ? `${Math.round((100 * one.sent) / Math.max(1, one.file.size))} %` : word;
  return el("li", { class: one.state }, icon(picture), el("span", { class: "label", dir: "auto", title: visible(one.path) }, visible(one.path)), el("span", { class: "state" }, state), one.reason ? el("span", { class: "reason" }, visible(one.reason)) : null);
}

function chooser(small) {
  const files = el("input", { type: "file", multiple: true, class: "unseen", tabindex: "-1", "aria-hidden": "true", id: "add-files", on: { change: (event) => addFiles(chosen(event.target.files)) } });
  const folder = el("input", { type: "file", webkitdirectory: true, class: "unseen", tabindex: "-1", "aria-hidden": "true", id: "add-folder", on: { change: (event) => addFiles(chosen(event.target.files)) } });
  const buttons = el("div", { class: "row" }, button("Choose files", () => files.click(), { data: { held: "files" } }), button("Choose a folder", () => folder.click(), { data: { held: "folder" } }), files, folder);
  if (small) { buttons.classList.add("end"); return buttons; }
  return el("div", { class: "drop-here" }, icon("folder"), el("p", {}, "Drop files or a whole folder anywhere on this page"), buttons);
}

/** The button at the top says that something is on its way. */
function mark() {
  const label = byId("open-adding").querySelector("span");
  label.textContent = uploads.busy ? `Adding ${uploads.count("done") + uploads.count("known")}/${uploads.files.length}` : "Add";
}
