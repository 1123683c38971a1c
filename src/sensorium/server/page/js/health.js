/** Library health: what is in it, what the doctor found, what could not be added. */

import { explained, get } from "./api.js";
import { byId, el, fillWindow, icon } from "./dom.js";
import { MEDIA, bytes, visible } from "./words.js";

/** Opens the window and asks the doctor. */
export async function showHealth() {
  const dialog = byId("health");
  const body = el("div", {}, el("p", { class: "lead" }, "Looking at the library …"));
  fillWindow(dialog, "Library health", body);
  try {
    const [info, doctor] = await Promise.all([get("v1/info"), get("v1/doctor").catch((error) => ({ failed: error }))]);
    body.replaceChildren(numbers(info), ...(doctor.failed ? failed(doctor.failed) : findings(doctor)));
  } catch (error) {
    body.replaceChildren(...failed(error));
  }
}

function numbers(info) {
  const items = MEDIA.filter(({ id }) => id).map(({ id, name }) => [name, (info.items?.[id] ?? 0).toLocaleString("en")]);
  const pieces = Object.values(info.pieces ?? {}).reduce((sum, number) => sum + number, 0);
  const rest = [["Pieces to find", pieces.toLocaleString("en")]];
  if (info.bytes_on_disk != null) rest.push(["On disk", bytes(info.bytes_on_disk)]);
  if (info.refused) rest.push(["Not added", info.refused.toLocaleString("en")]);
  return el("dl", { class: "numbers" }, [...items, ...rest].map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
}

function findings(doctor) {
  const all = doctor.findings ?? doctor;
  const ill = all.filter((finding) => !finding.healthy && !finding.mended);
  return [
    el("p", { class: "lead" }, ill.length ? `${ill.length} of ${all.length} checks found something to mend.` : "All is well."),
    el("ul", { class: "findings" }, all.map((finding) => el(
      "li", { class: finding.healthy || finding.mended ? "" : "ill" },
      icon(finding.healthy || finding.mended ? "check" : "warning"),
      el("div", {}, el("strong", {}, finding.check), el("span", {}, visible(finding.message)), finding.remedy ? el("em", {}, `To do: ${visible(finding.remedy)}`) : null),
    ))),
  ];
}

const failed = (error) => explained(error).filter(Boolean).map((text) => el("p", { class: "lead" }, text));
