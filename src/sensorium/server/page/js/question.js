/** The question: words, files, a recording, a sketch, and hits to be near to or far from. */

import { byId, el, icon, iconButton } from "./dom.js";

const MOST_FILES = 4; // as many as the server takes with one question
const GLYPHS = { image: "picture", audio: "microphone", video: "play", application: "folder" };

/** The form at the top. Fires `ask` when a question is put, `change` when it is given or loses a part. */
export class Question extends EventTarget {
  parts = [];
  #words = byId("words");
  #list = byId("parts");

  constructor() {
    super();
    byId("question").addEventListener("submit", (event) => { event.preventDefault(); this.put(); });
    for (const radio of document.querySelectorAll("input[name=mode]")) radio.addEventListener("change", () => this.#modeChanged());
    byId("choose").addEventListener("click", () => byId("files").click());
    byId("files").addEventListener("change", (event) => { this.addFiles([...event.target.files]); event.target.value = ""; });
    addEventListener("paste", (event) => this.#pasted(event));
  }

  get text() { return this.#words.value.trim(); }
  set text(text) { this.#words.value = text; }
  get mode() { return document.querySelector("input[name=mode]:checked").value; }
  set mode(mode) { document.querySelector(`input[name=mode][value=${mode}]`).checked = true; this.#modeChanged(); }
  get isEmpty() { return !this.text && !this.parts.some((part) => !part.less); }

  focus() { this.#words.focus(); this.#words.select(); }

  /** Asks, if there is anything to ask with. */
  put() {
    if (this.isEmpty) { this.focus(); return; }
    performance.mark("asked");
    this.dispatchEvent(new Event("ask"));
  }

  /** Files to look for; pictures, sounds, films, pages. Beyond `MOST_FILES` the first ones go. */
  addFiles(files) {
    if (!files.length) return;
    for (const file of files.slice(0, MOST_FILES)) this.#push({ kind: "file", file, label: file.name, ...faceOfFile(file) });
    this.put();
  }

  /** A recording of the microphone. `use`: "words" where it speaks the question, "sound" where it sounds like the answer. */
  addVoice(file, use) {
    this.parts = this.parts.filter((part) => part.kind !== "voice");
    this.#push({ kind: "voice", file, use, label: "Recording", glyph: "microphone" });
    this.put();
  }

  /** A hit to be near to or, `less`, far from. */
  addPiece(hit, label, less = false) {
    this.parts = this.parts.filter((part) => part.piece !== hit.piece);
    this.#push({ kind: "piece", piece: hit.piece, label, less, picture: hit.links?.preview, glyph: "arrow" });
    this.put();
  }

  /** Everything goes but the mode. */
  clear() {
    this.parts.forEach(forget);
    this.parts = [];
    this.text = "";
    this.#show();
  }

  /** What the server is asked, and the files that go along. */
  asked() {
    const files = this.parts.filter((part) => part.file);
    const pieces = (less) => this.parts.filter((part) => part.kind === "piece" && part.less === less).map((part) => part.piece);
    const query = {};
    if (this.text) query.text = this.text;
    if (pieces(false).length) query.like_pieces = pieces(false);
    if (pieces(true).length) query.unlike_pieces = pieces(true);
    return {
      query,
      files: {
        like: files.filter((part) => part.use !== "words").map((part) => part.file),
        spoken: files.find((part) => part.use === "words")?.file ?? null,
      },
    };
  }

  /** The question as people read it. */
  get title() {
    const wanted = [this.text, ...this.parts.filter((part) => !part.less).map((part) => part.label)].filter(Boolean);
    const avoided = this.parts.filter((part) => part.less).map((part) => `, not ${part.label}`);
    return wanted.join(" + ") + avoided.join("");
  }

  #push(part) {
    const files = this.parts.filter((other) => other.file);
    if (part.file && files.length >= MOST_FILES) this.#drop(files[0]);
    this.parts.push(part);
    this.#show();
  }

  #drop(part) {
    forget(part);
    this.parts = this.parts.filter((other) => other !== part);
    this.#show();
  }

  #show() {
    this.#list.hidden = !this.parts.length;
    this.#list.replaceChildren(...this.parts.map((part) => this.#chip(part)));
    this.dispatchEvent(new Event("change"));
  }

  #chip(part) {
    const remove = () => { this.#drop(part); this.#words.focus(); if (!this.isEmpty) this.put(); };
    return el(
      "li", { class: `part${part.less ? " less" : ""}` },
      part.picture ? el("img", { src: part.picture, alt: "" }) : el("span", { class: "glyph" }, icon(part.glyph ?? "picture")),
      part.kind === "piece" ? el("span", { class: "sign" }, part.less ? "not" : "like") : null,
      part.kind === "voice" ? this.#use(part) : el("span", { class: "label", dir: "auto" }, part.label),
      iconButton("close", `Take away ${part.label}`, remove),
    );
  }

  #use(part) {
    const change = (event) => { part.use = event.target.value; this.put(); };
    const option = (value, text) => el("option", { value, selected: part.use === value }, text);
    return el("select", { "aria-label": "What the recording is", on: { change } }, option("words", "what I say"), option("sound", "how it sounds"));
  }

  #pasted(event) {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    this.addFiles(files);
  }

  #modeChanged() {
    const asks = this.mode === "ask";
    this.#words.placeholder = asks ? "Ask a question; the answer cites what it stands on" : "Describe it, or drop a picture or a sound here";
    byId("go").setAttribute("aria-label", asks ? "Ask" : "Search");
    this.dispatchEvent(new Event("mode"));
  }
}

function faceOfFile(file) {
  const kind = file.type.split("/")[0];
  return { picture: kind === "image" ? URL.createObjectURL(file) : null, glyph: GLYPHS[kind] ?? "folder" };
}

function forget(part) {
  if (part.picture?.startsWith("blob:")) URL.revokeObjectURL(part.picture);
}
