/** A sketch: drawn with pointer or finger, asked with as a picture. */

import { button, byId, el, fillWindow } from "./dom.js";

const WIDTH = 640;
const HEIGHT = 480;
const INKS = [["#23211e", "Black"], ["#c0392b", "Red"], ["#e0a100", "Yellow"], ["#3b7a3a", "Green"], ["#2f6fb0", "Blue"], ["#8a5a33", "Brown"], ["#9aa3a8", "Grey"], ["#ffffff", "White: rubs out"]];

const strokes = []; // kept while the page lives, so that a sketch can be gone on with: {ink, size, points}

/** Opens the drawing board; `use(file)` is called with a PNG. */
export function draw(use) {
  const dialog = byId("drawing");
  const board = el("canvas", { class: "drawing-board", width: WIDTH, height: HEIGHT, role: "img", "aria-label": "Drawing board" });
  const pen = { ink: INKS[0][0], size: 8 };
  const inks = INKS.map(([ink, name]) => el("button", { type: "button", class: "ink", "aria-label": name, title: name, "aria-pressed": String(ink === pen.ink), style: { background: ink }, on: { click: (event) => choose(event.target, ink) } }));
  const choose = (chosen, ink) => { pen.ink = ink; inks.forEach((one) => one.setAttribute("aria-pressed", String(one === chosen))); };
  const size = el("input", { type: "range", min: 2, max: 40, value: pen.size, on: { input: () => { pen.size = Number(size.value); } } });
  const undo = button("Undo", () => { strokes.pop(); shown(); });
  const clear = button("Clear", () => { strokes.length = 0; shown(); });
  const find = button("Find what looks like it", () => board.toBlob((blob) => { dialog.close(); use(new File([blob], "sketch.png", { type: "image/png" })); }, "image/png"), { class: "button main" });
  const shown = () => { paint(board); for (const one of [undo, clear, find]) one.disabled = !strokes.length; };
  listen(board, pen, shown);
  fillWindow(
    dialog, "Sketch it", board,
    el("div", { class: "row inks", role: "group", "aria-label": "Pen" }, inks, el("label", {}, "Width", size)),
    el("div", { class: "row end" }, undo, clear, find),
  );
  shown();
}

function listen(board, pen, shown) {
  const at = (event) => {
    const { left, top, width, height } = board.getBoundingClientRect();
    return [((event.clientX - left) / width) * WIDTH, ((event.clientY - top) / height) * HEIGHT];
  };
  let stroke = null;
  board.addEventListener("pointerdown", (event) => {
    board.setPointerCapture(event.pointerId);
    stroke = { ...pen, points: [at(event)] };
    strokes.push(stroke);
    shown();
  });
  board.addEventListener("pointermove", (event) => {
    if (!stroke) return;
    for (const one of event.getCoalescedEvents?.() ?? [event]) stroke.points.push(at(one));
    shown();
  });
  for (const over of ["pointerup", "pointercancel"]) board.addEventListener(over, () => { stroke = null; });
}

function paint(board) {
  const brush = board.getContext("2d");
  brush.fillStyle = "#ffffff";
  brush.fillRect(0, 0, WIDTH, HEIGHT);
  brush.lineCap = brush.lineJoin = "round";
  for (const { ink, size, points } of strokes) {
    brush.strokeStyle = ink;
    brush.lineWidth = size;
    brush.beginPath();
    brush.moveTo(...points[0]);
    for (const point of points.length > 1 ? points.slice(1) : points) brush.lineTo(...point);
    brush.stroke();
  }
}
