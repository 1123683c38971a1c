/** Starts the page: makes the desk and joins to it what stands around it. */

import { addFiles, showAdding, watchAdding } from "./adding.js";
import { Desk } from "./desk.js";
import { byId, closeOnBackdrop } from "./dom.js";
import { listenForDrops } from "./dropping.js";
import { showHealth } from "./health.js";
import { startKey } from "./key.js";
import { showKeys, startKeys } from "./keys.js";
import { record } from "./microphone.js";
import { draw } from "./sketch.js";
import { startTheme } from "./theme.js";
import { infoOf } from "./start.js";
import { startViewer } from "./viewer.js";
import { hideWhy } from "./why.js";

startTheme();
startKey();
startViewer();

const desk = new Desk();
const { question, filters } = desk;

byId("record").addEventListener("click", () => record((file, use) => question.addVoice(file, use)));
byId("draw").addEventListener("click", () => draw((file) => question.addFiles([file])));
byId("open-adding").addEventListener("click", showAdding);
byId("open-health").addEventListener("click", showHealth);
byId("open-keys").addEventListener("click", showKeys);
byId("home").addEventListener("click", (event) => {
  event.preventDefault();
  history.pushState(null, "", location.pathname);
  desk.restore();
  question.focus();
});

listenForDrops({ find: (files) => question.addFiles(files), add: addFiles });
watchAdding(async () => {
  if (question.isEmpty) await desk.start();
  else desk.media.count((await infoOf())?.items);
});
startKeys({
  focus: () => question.focus(),
  filter: () => { if (!byId("bar").hidden) filters.toggle(); },
  mode: () => { question.mode = question.mode === "ask" ? "find" : "ask"; question.focus(); },
  escape: hideWhy,
});
for (const dialog of document.querySelectorAll("dialog")) closeOnBackdrop(dialog);
addEventListener("scroll", () => document.body.classList.toggle("scrolled", scrollY > 8), { passive: true });

desk.restore();
