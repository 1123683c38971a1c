/** Passages of text made to flow and with the words of the question marked. Follows `present/passages.py`. */

import { el } from "./dom.js";
import { visible } from "./words.js";

const HEADING = /^(?:#{1,6} |(?:=+|-+)\s*$)/;
const BEGINS = /^\s*(?:[-*+•] |\d{1,3}[.)] |>|\||```)/;
const SMALL = new Set("the and for with from that this was are but not you his her its who how what where when why der die das und ein eine les des une dans".split(" "));

/** `text` with the line breaks that mean something; files are wrapped for an editor, a card has its own width. */
export function flowing(text) {
  const lines = [];
  for (const line of text.split("\n")) {
    const above = lines.at(-1);
    if (above !== undefined && continues(above, line)) lines[lines.length - 1] = `${above.trimEnd()} ${line.trim()}`;
    else lines.push(line);
  }
  return lines.join("\n");
}

function continues(above, line) {
  if (!above.trim() || !line.trim()) return false;
  return !(HEADING.test(above) || HEADING.test(line) || BEGINS.test(line));
}

/** `text` without its first line where that is the title, which stands above it already. */
export function belowTitle(title, text) {
  const whole = text.trimStart();
  const end = whole.indexOf("\n");
  const first = (end < 0 ? whole : whole.slice(0, end)).replace(/^[# ]+|[# ]+$/g, "");
  if (!title || first !== title || end < 0) return text;
  return whole.slice(end + 1).replace(/^[=\-\n]+/, "");
}

/** The words of a question that are looked for in a passage: three letters or more, none of the commonest. */
export function wordsOf(question) {
  const words = question.toLowerCase().match(/[\p{L}\p{N}][\p{L}\p{N}-]{2,}/gu) ?? [];
  return [...new Set(words)].filter((word) => !SMALL.has(word));
}

/** Those of `words` that stand in `text`, whole or as the beginning of a word. */
export function matched(text, words) {
  const found = new Set();
  for (const part of marked(text, words)) if (part.word) found.add(part.word);
  return [...found];
}

/** Nodes for `text`: plain, and `mark` around each of `words`. */
export function highlighted(text, words) {
  return marked(visible(text, "\n\t"), words).map((part) => (part.word ? el("mark", {}, part.text) : part.text));
}

function marked(text, words) {
  if (!words.length) return [{ text }];
  const stems = words.map((word) => (word.length > 3 ? word.replace(/(?:s|es|ed|ing|en|e)$/u, "") : word));
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])(${stems.map(escaped).join("|")})[\\p{L}]{0,3}(?![\\p{L}\\p{N}])`, "giu");
  const parts = [];
  let from = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > from) parts.push({ text: text.slice(from, match.index) });
    parts.push({ text: match[0], word: match[0].toLowerCase() });
    from = match.index + match[0].length;
  }
  if (from < text.length) parts.push({ text: text.slice(from) });
  return parts;
}

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** A passage as a card and a viewer show it: its title, then what it says. */
export function passage(hit, words) {
  const whole = belowTitle(hit.title, hit.text ?? "");
  const text = hit.aspect === "table" ? whole.replaceAll("|", " · ").replace(/^[ ·]+/gm, "") : flowing(whole); // a table keeps its lines
  return [
    hit.title ? el("strong", { dir: "auto" }, visible(hit.title)) : null,
    el("p", { dir: "auto" }, ...highlighted(text, words)),
  ];
}
