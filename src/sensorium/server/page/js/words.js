/** What the page says of things: kinds, places, times, sizes. The same words as on the contact sheet. */

export const MEDIA = [
  { id: "", name: "Everything" },
  { id: "image", name: "Pictures" },
  { id: "video", name: "Films" },
  { id: "audio", name: "Sounds" },
  { id: "document", name: "Documents" },
  { id: "text", name: "Texts" },
];

const NOUNS = { image: "picture", video: "film", audio: "sound", document: "document", text: "text" };

const SAYS = {
  content: "", frame: "moment", shot: "shot", speech: "speech", sound: "sound", subtitle: "subtitle",
  writing: "writing", page: "page", figure: "figure", table: "table",
};

/** "1 hit", "5 hits". */
export const counted = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : noun.endsWith("ch") ? "es" : "s"}`;

/** "3 pictures". */
export const countedKind = (number, kind) => counted(number, NOUNS[kind] ?? kind);

/** Media time as players show it: 62.25 -> "1:02". */
export function clock(seconds) {
  const whole = Math.floor(seconds + 1e-6);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const [hours, minutes, rest] = parts;
  const end = String(rest).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${end}` : `${minutes}:${end}`;
}

/** 1536 -> "1.5 kB". */
export function bytes(number) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  while (number >= 1000 && unit < units.length - 1) [number, unit] = [number / 1000, unit + 1];
  return `${number < 10 && unit ? number.toFixed(1) : Math.round(number)} ${units[unit]}`;
}

/** Where in its item a piece lies: "1:02 to 1:07", "page 3"; "" for the whole of it. */
export function placeWords(place = {}) {
  const parts = [];
  if (place.seconds) {
    const [start, end] = place.seconds.map(clock);
    parts.push(start === end ? start : `${start} to ${end}`);
  }
  if (place.page) parts.push(`page ${place.page}`);
  return parts.join(", ");
}

/** What a hit is: "film, speech · Ann · 1:02 to 1:07". */
export function kindWords(hit) {
  const aspect = SAYS[hit.aspect] ?? hit.aspect;
  const noun = NOUNS[hit.kind] ?? hit.kind;
  const what = aspect && aspect !== noun ? `${noun}, ${aspect}` : noun;
  return [what, hit.attributes?.speaker, placeWords(hit.place)].filter(Boolean).join(" · ");
}

/** The name that stands above a hit and is read out: its title, or its file's name. */
export const nameOf = (hit) => visible(hit.title || fileName(hit));

/** The last part of a hit's path; the server sends no more than that. */
export const fileName = (hit) => visible((hit.path ?? "").split("/").pop() || hit.title || hit.item || "");

const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;
const JOINERS = "\u200c\u200d";

/**
 * `text` with every control, bidi and tag character shown as a mark that names it (as `present/characters.py` does).
 * keep: characters that stay, such as "\n\t" in a passage.
 */
export function visible(text, keep = "") {
  return text.replace(HIDDEN, (char) => {
    if (keep.includes(char) || JOINERS.includes(char)) return char;
    const code = char.codePointAt(0);
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
  });
}
