/** The question in the address, so that back, forward, reload and a bookmark work. It stays after the #: no server sees it. */

/** What an address says: `{text, medium, where, sort, mode, form}`. */
export function read(hash = location.hash) {
  const said = new URLSearchParams(hash.slice(1));
  return { text: said.get("q") ?? "", medium: said.get("in") ?? "", where: said.get("where") ?? "", sort: said.get("sort") ?? "", mode: said.get("mode") === "ask" ? "ask" : "find", form: said.get("form") ?? "answer" };
}

/** Puts a question there. again: in place of the one that is there. */
export function write({ text, medium, where, sort, mode, form }, again = false) {
  const said = new URLSearchParams();
  if (text) said.set("q", text);
  if (medium) said.set("in", medium);
  if (where) said.set("where", where);
  if (sort) said.set("sort", sort);
  if (mode === "ask") { said.set("mode", "ask"); if (form !== "answer") said.set("form", form); }
  const hash = said.size ? `#${said}` : location.pathname;
  if (hash === location.hash || (!said.size && !location.hash)) return;
  if (again) history.replaceState(null, "", hash);
  else history.pushState(null, "", hash);
}
