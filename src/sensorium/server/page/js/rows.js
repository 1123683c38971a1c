/** Justified rows: every card grows in proportion to its shape, so that a row ends at one height and nothing is cropped. */

/**
 * Where each card lies.
 *
 * ratios: width / height of each view. width: of the grid. row: height of a view that is aimed at; gap: between cards;
 * caption: height below a view; rowGap: between rows; least: width of the narrowest card. All in pixels.
 * Returns `{boxes: [{x, y, width, view}], height}`; `view` is the height of the view.
 */
export function arrange(ratios, { width, row, gap, caption, rowGap, least }) {
  const boxes = [];
  let y = 0;
  let from = 0;
  while (from < ratios.length) {
    const [until, full] = fill(ratios, from, { width, row, gap, least });
    const shapes = ratios.slice(from, until).map((ratio) => Math.max(ratio, least / row));
    const room = width - gap * (shapes.length - 1);
    const natural = room / shapes.reduce((sum, ratio) => sum + ratio, 0);
    const view = full ? Math.min(natural, row * 1.45) : Math.min(natural, row);
    let x = 0;
    for (const ratio of shapes) {
      boxes.push({ x, y, width: ratio * view, view });
      x += ratio * view + gap;
    }
    y += view + caption + rowGap;
    from = until;
  }
  return { boxes, height: Math.max(0, y - rowGap) };
}

/** The first card after the row that begins at `from`, and whether the row is full. */
function fill(ratios, from, { width, row, gap, least }) {
  let taken = 0;
  for (let index = from; index < ratios.length; index += 1) {
    const wide = Math.max(ratios[index] * row, least);
    const after = taken + (index > from ? gap : 0) + wide;
    if (after >= width) {
      const closer = index > from && after - width > width - taken; // fewer cards, a little larger, are nearer to the aim
      return [closer ? index : index + 1, true];
    }
    taken = after;
  }
  return [ratios.length, false];
}

/** Indexes of the first and after the last box that touch `top` to `bottom`. Boxes are sorted by `y`. */
export function within(boxes, top, bottom, caption) {
  let low = 0;
  let high = boxes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (boxes[middle].y + boxes[middle].view + caption < top) low = middle + 1;
    else high = middle;
  }
  let end = low;
  while (end < boxes.length && boxes[end].y <= bottom) end += 1;
  return [low, end];
}

/** The card above (-1) or below (1) the one at `index` whose middle is nearest to its own; itself where there is none. */
export function beside(boxes, index, direction) {
  const here = boxes[index];
  const middle = here.x + here.width / 2;
  let best = index;
  let rowY = null;
  for (let i = index + direction; i >= 0 && i < boxes.length; i += direction) {
    if (boxes[i].y === here.y) continue;
    rowY ??= boxes[i].y;
    if (boxes[i].y !== rowY) break;
    const distance = (at) => Math.abs(boxes[at].x + boxes[at].width / 2 - middle);
    if (best === index || distance(i) < distance(best)) best = i;
  }
  return best;
}
