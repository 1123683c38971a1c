/** Elements made of data. Text is only ever put in as text, so that nothing of a library can become markup. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * An element. Keys of `properties`: `class`, `on` (listeners by event), `data` (data-*), `style` (by the object model,
 * which the page's policy allows), names of attributes; `true` sets an empty attribute, `false` and null set none.
 * Children: nodes and strings; null and false are left out.
 */
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "on") for (const [event, heard] of Object.entries(value)) node.addEventListener(event, heard);
    else if (name === "data") Object.assign(node.dataset, value);
    else if (name === "style") for (const [rule, set] of Object.entries(value)) node.style.setProperty(rule, set);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children.flat(Infinity).filter((child) => child != null && child !== false));
  return node;
}

/** One of the pictures of `index.html`'s sprite, such as "close". It says nothing to a screen reader. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

/** A button with a picture and a name for those who do not see it. */
export function iconButton(name, label, pressed, properties = {}) {
  return el("button", { type: "button", "aria-label": label, title: label, on: { click: pressed }, ...properties }, icon(name));
}

/** A button with words. */
export function button(label, pressed, properties = {}) {
  return el("button", { type: "button", class: "button", on: { click: pressed }, ...properties }, label);
}

export const byId = (id) => document.getElementById(id);

/** Shows `dialog` with `title` and a way to close it; `content` is what lies below. */
export function fillWindow(dialog, title, ...content) {
  const close = iconButton("close", "Close", () => dialog.close(), { class: "close" });
  dialog.replaceChildren(el("header", {}, el("h2", { id: `${dialog.id}-title` }, title), close), ...content.flat().filter(Boolean));
  if (!dialog.open) dialog.showModal();
}

/** A click beside a modal dialog, on what darkens the page, closes it. */
export function closeOnBackdrop(dialog) {
  dialog.addEventListener("pointerdown", (event) => {
    const { left, right, top, bottom } = dialog.getBoundingClientRect();
    const inside = event.clientX >= left && event.clientX <= right && event.clientY >= top && event.clientY <= bottom;
    if (event.target === dialog && !inside) dialog.close();
  });
}
