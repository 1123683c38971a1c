/** The microphone: a recording is made, seen while it is made, and kept as a WAV file. Nothing is sent before it is used. */

import { button, byId, el, fillWindow } from "./dom.js";
import { clock } from "./words.js";
import { decoded, drawWave, peaks } from "./waveform.js";
import { wav } from "./wav.js";

const LONGEST = 60; // seconds; a question is heard for its first minute

/** Opens the window and records; `use(file, "words" | "sound")` is called with what was recorded. */
export async function record(use) {
  const dialog = byId("recording");
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  } catch {
    fillWindow(dialog, "No microphone", el("p", { class: "lead" }, "The browser gives this page no microphone. Allow it for this address, or choose a sound file."));
    return;
  }
  const recorder = new MediaRecorder(stream);
  const parts = [];
  let timer = 0;
  recorder.addEventListener("dataavailable", (event) => parts.push(event.data));
  const over = new Promise((resolve) => recorder.addEventListener("stop", resolve, { once: true }));
  const end = () => { clearInterval(timer); if (recorder.state !== "inactive") recorder.stop(); stream.getTracks().forEach((track) => track.stop()); };
  dialog.addEventListener("close", end, { once: true });

  const canvas = el("canvas", { class: "level", "aria-hidden": "true" });
  const time = el("span", { class: "recording-time" }, "0:00");
  const stop = button("Stop", end, { class: "button main" });
  fillWindow(dialog, "Recording", canvas, el("div", { class: "row end" }, time, stop));
  stop.focus();
  recorder.start();
  const levels = watch(stream);
  const began = performance.now();
  timer = setInterval(() => {
    const seconds = (performance.now() - began) / 1000;
    time.textContent = clock(seconds);
    drawWave(canvas, levels());
    if (seconds >= LONGEST) end();
  }, 100);

  await over;
  if (!dialog.open) return;
  await offer(dialog, new Blob(parts, { type: recorder.mimeType }), use);
}

/** Gives a function that gives the last loudnesses, 120 of them, the newest last. */
function watch(stream) {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(stream).connect(analyser);
  stream.getTracks()[0].addEventListener("ended", () => context.close());
  const heard = new Float32Array(analyser.fftSize);
  const levels = new Array(120).fill(0);
  return () => {
    analyser.getFloatTimeDomainData(heard);
    levels.push(Math.min(1, 3 * Math.max(...heard.map(Math.abs))));
    levels.shift();
    return levels;
  };
}

async function offer(dialog, blob, use) {
  let sound;
  try {
    sound = await decoded(await blob.arrayBuffer());
  } catch {
    fillWindow(dialog, "Nothing was recorded", el("p", { class: "lead" }, "It was too short. Record again and speak for a second or longer."));
    return;
  }
  const file = new File([wav(sound.samples, sound.rate)], "recording.wav", { type: "audio/wav" });
  const canvas = el("canvas", { class: "level", "aria-hidden": "true" });
  const choose = (how) => () => { dialog.close(); use(file, how); };
  const words = button("Ask what I said", choose("words"), { class: "button main" });
  fillWindow(
    dialog, `Recorded, ${clock(sound.seconds)}`, canvas,
    el("div", { class: "row end" }, button("Find what sounds like it", choose("sound")), words),
  );
  drawWave(canvas, peaks(sound.samples));
  words.focus();
}
