/** Dropping onto the page: a folder is added; files are looked for or added, by where they are let go. */

import { byId, el, icon } from "./dom.js";
import { dropped, hasFolder } from "./walk.js";

/** does: `{find(files), add([{file, path}])}`. */
export function listenForDrops({ find, add }) {
  const host = byId("dropping");
  const zone = (name, picture, title, hint) => el("div", { data: { zone: name } }, icon(picture), el("strong", {}, title), el("span", {}, hint));
  host.append(zone("find", "search", "Find what is like it", "a picture, a sound, a clip, a page"), zone("add", "plus", "Add to the library", "files, or a whole folder"));
  let depth = 0;
  const isFiles = (event) => event.dataTransfer?.types.includes("Files");
  const over = (target) => target instanceof Element ? target.closest("[data-zone]") : null;
  const hide = () => { depth = 0; host.hidden = true; };

  addEventListener("dragenter", (event) => { if (isFiles(event)) { depth += 1; host.hidden = false; } });
  addEventListener("dragleave", (event) => { if (isFiles(event) && --depth <= 0) hide(); });
  addEventListener("dragover", (event) => {
    if (!isFiles(event)) return;
    event.preventDefault();
    for (const one of host.children) one.classList.toggle("over", one === over(event.target));
  });
  addEventListener("drop", async (event) => {
    if (!isFiles(event)) return;
    event.preventDefault();
    const adds = byId("adding").open || over(event.target)?.dataset.zone === "add" || hasFolder(event.dataTransfer);
    const reading = dropped(event.dataTransfer); // begins now: the items are gone after this event
    hide();
    const files = await reading;
    if (!files.length) return;
    if (adds) add(files);
    else find(files.map(({ file }) => file));
  });
}
