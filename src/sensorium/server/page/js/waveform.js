/** Waveforms: sound fetched and decoded in the browser, its loudness drawn as bars that are played along. */

import { call } from "./api.js";
import { Queue } from "./queue.js";

const RATE = 16_000; // samples a second; enough to see by
const BARS = 120;
const KEPT = 64; // waveforms that are remembered

const turns = new Queue(2);
const known = new Map();

/** Decodes sound to samples at `RATE`, one channel. Raises what the browser raises for what it can not decode. */
export async function decoded(data) {
  const sound = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(data);
  return { samples: sound.getChannelData(0), rate: sound.sampleRate, seconds: sound.duration };
}

/** The loudest moment of each of `bars` stretches, 0..1 of the loudest of all. */
export function peaks(samples, bars = BARS) {
  const found = new Float32Array(bars);
  const step = samples.length / bars;
  for (let bar = 0; bar < bars; bar += 1) {
    let most = 0;
    for (let i = Math.floor(bar * step); i < (bar + 1) * step && i < samples.length; i += 1) most = Math.max(most, Math.abs(samples[i]));
    found[bar] = most;
  }
  const loudest = Math.max(...found, 1e-4);
  return found.map((peak) => peak / loudest);
}

/** `{bars, seconds}` of the sound behind `url`, or null where nothing can be drawn or it is not wanted any more. */
export async function waveOf(url, stillWanted) {
  if (known.has(url)) return known.get(url);
  const wave = await turns.run(async () => {
    try {
      const { samples, seconds } = await decoded(await (await call(url)).arrayBuffer());
      return { bars: peaks(samples), seconds };
    } catch {
      return null; // a sound that this browser can not decode still plays or is told of in words
    }
  }, stillWanted);
  if (wave) {
    known.set(url, wave);
    if (known.size > KEPT) known.delete(known.keys().next().value);
  }
  return wave;
}

/** Draws bars; those before `progress` (0..1) in the accent. Without bars a flat line. */
export function drawWave(canvas, bars, progress = 0) {
  const { clientWidth, clientHeight } = canvas;
  if (!clientWidth) return;
  const sharp = devicePixelRatio || 1;
  canvas.width = clientWidth * sharp;
  canvas.height = clientHeight * sharp;
  const pen = canvas.getContext("2d");
  pen.scale(sharp, sharp);
  const style = getComputedStyle(document.documentElement);
  const [played, ahead] = ["--accent", "--edge"].map((name) => style.getPropertyValue(name).trim());
  const number = Math.max(12, Math.min(BARS, Math.floor(clientWidth / 4)));
  const width = clientWidth / number;
  for (let bar = 0; bar < number; bar += 1) {
    const from = Math.floor((bar / number) * BARS);
    const until = Math.max(from + 1, Math.floor(((bar + 1) / number) * BARS));
    const loud = bars ? Math.max(...bars.slice(from, until)) : 0;
    const height = Math.max(2, loud * (clientHeight - 2));
    pen.fillStyle = (bar + 0.5) / number < progress ? played : ahead;
    pen.beginPath();
    pen.roundRect(bar * width + width * 0.15, (clientHeight - height) / 2, width * 0.7, height, 1.5);
    pen.fill();
  }
}
