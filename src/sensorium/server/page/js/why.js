/** Why this? A hit's reasons in words that a customer understands, and in the numbers that an engineer needs. */

import { byId, el, icon, iconButton } from "./dom.js";
import { matched } from "./passages.js";
import { markedPassage, regionFigure } from "./reasons.js";
import { counted, nameOf, placeWords, visible } from "./words.js";

const LOOKS = {
  late: "Its parts were compared with yours one by one, and that moved it.",
  hubness: "What is near to every question was set back; this was taken into account.",
  words: "Words of your question stand in it to the letter.",
};

const ASPECTS = {
  speech: "Somebody says it", subtitle: "It is written under the film", writing: "It is written in the picture",
  page: "The look of the page fits", figure: "A figure on the page fits", table: "A table on the page fits",
  sound: "It sounds like it", frame: "What is seen in this moment fits", shot: "What is seen between two cuts fits",
};

const DOUBT = "It is among the nearest there are";

let returnTo = null;

/**
 * Opens the panel for `hit`. context: `{words, ask}`; ask: `async () => {hit, trace}`, the hit with its explanation as the
 * server gives it, or null. back: what gets the focus when it closes.
 */
export async function showWhy(hit, context, back) {
  const panel = byId("why");
  unmark();
  returnTo = back;
  back()?.classList.add("asked");
  const close = iconButton("close", "Close the reasons", hideWhy, { class: "close" });
  const body = el("div", { class: "told", "aria-live": "polite" }, el("p", { class: "waiting" }, "Looking …"));
  panel.replaceChildren(
    el("header", {}, el("div", {}, el("h2", { id: "why-title", tabindex: "-1" }, "Why this?"), el("p", { class: "of", dir: "auto" }, nameOf(hit))), close),
    body,
  );
  panel.hidden = false;
  byId("why-title").focus();
  const told = await context.ask().catch(() => null); // without the server's word the hit itself is told of
  if (!body.isConnected) return;
  body.replaceChildren(...contents(told?.hit ?? hit, context, told?.trace).filter(Boolean));
}

function contents(hit, context, trace) {
  return [
    regionFigure(hit),
    el("ul", { class: "reasons" }, reasons(hit, context).map(([name, text]) => el("li", {}, icon(name), el("span", { dir: "auto" }, text)))),
    markedPassage(hit),
    el("details", {}, el("summary", {}, "In numbers"), numbers(hit), stages(trace)),
  ];
}

/** Closes the panel and gives the focus back. */
export function hideWhy() {
  const panel = byId("why");
  if (panel.hidden) return;
  panel.hidden = true;
  unmark();
  returnTo?.()?.focus();
}

const unmark = () => document.querySelectorAll(".card.asked").forEach((card) => card.classList.remove("asked"));

function reasons(hit, { words }) {
  const found = [sureness(hit)];
  const told = hit.explanation?.words.filter((text) => !text.startsWith(DOUBT)); // as the server says it; doubt stands above
  if (told?.length) return [...found, ...told.map((text) => ["arrow", visible(String(text))])];
  const said = hit.text ? matched(hit.text, words) : [];
  const where = placeWords(hit.place);
  const lead = ASPECTS[hit.aspect] ?? (hit.modality === "text" ? "What it says fits in meaning" : hit.modality === "audio" ? "What is heard fits" : "What it shows is close in meaning to what you asked");
  found.push(["arrow", `${lead}${where ? `, at ${where}` : ""}.`]);
  if (said.length) found.push(["check", `It has ${said.length === 1 ? "a word" : "words"} of your question: ${said.map((word) => `“${visible(word)}”`).join(", ")}.`]);
  for (const evidence of (hit.evidence ?? []).filter(({ route }) => route !== "rule")) found.push(["filter", placed(evidence, hit)]);
  for (const name of new Set((hit.evidence ?? []).flatMap((evidence) => evidence.looks.map((look) => look.name)))) if (LOOKS[name]) found.push(["search", LOOKS[name]]);
  for (const rule of hit.rules ?? []) found.push(["halfmoon", `“${visible(rule.name)}”, a rule of this library: ${visible(rule.words)}.`]);
  return found;
}

function sureness(hit) {
  const of100 = Math.round(100 * hit.score);
  if (hit.matches === false) return ["warning", `${DOUBT}, and probably not what you look for (${of100} of 100).`];
  const sure = hit.score >= 0.8 ? "very likely" : hit.score >= 0.5 ? "likely" : "perhaps";
  return ["check", `It is ${sure} what you look for (${of100} of 100).`];
}

function placed(evidence, hit) {
  const kind = { image: "pictures", text: "texts", audio: "sounds" }[hit.modality] ?? "pieces";
  const how = evidence.route.startsWith("vectors") ? "meaning" : "words";
  return evidence.rank === 1 ? `Of all ${kind} here it is the nearest by ${how}.` : `Of all ${kind} here it is number ${evidence.rank} by ${how}.`;
}

function numbers(hit) {
  const rows = [["score, calibrated", hit.score.toFixed(4)], ["matches", String(hit.matches !== false)]];
  for (const evidence of hit.evidence ?? []) {
    rows.push(["route", evidence.route], ["rank", String(evidence.rank)], ["raw", evidence.raw.toFixed(4)]);
    for (const look of evidence.looks) rows.push([`after ${look.name}`, look.raw.toFixed(4)]);
  }
  const known = new Set(["score", "rank", "raw"]);
  for (const [name, value] of Object.entries(hit.explanation?.numbers ?? {})) if (!known.has(name) && !name.startsWith("after ")) rows.push([visible(name), String(Number(value.toFixed(4)))]);
  for (const cell of hit.explanation?.region?.words ?? []) rows.push([`“${visible(cell.word)}” in the picture`, cell.score.toFixed(4)]);
  for (const [name, value] of Object.entries(hit.place ?? {})) rows.push([name, Array.isArray(value) ? value.map((part) => Number(part.toFixed(3))).join(" ") : String(value)]);
  for (const [name, value] of Object.entries(hit.attributes ?? {})) rows.push([name, visible(String(value))]);
  rows.push(["media type", hit.media_type], ["piece", hit.piece]);
  return table(null, rows);
}

function stages(trace) {
  if (!trace?.length) return null;
  const parts = trace.flatMap((stage) => stage.parts ?? []).map((part) => [visible(part.words), `${part.weight} = ${Math.round(100 * part.share)} %`]);
  const rows = trace.map((stage) => [stage.stage, `${stage.milliseconds.toFixed(1)} ms${counts(stage.counts)}`]);
  return [parts.length > 1 ? table("The parts of the question", parts) : null, table(`The search, in ${counted(trace.length, "stage")}`, rows)];
}

const counts = (counted = {}) => Object.entries(counted).map(([name, number]) => `, ${name} ${number}`).join("");

function table(caption, rows) {
  return el("table", {}, caption ? el("caption", {}, caption) : el("caption", { class: "unseen" }, "The hit in numbers"), el("tbody", {}, rows.map(([name, value]) => el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, value)))));
}
