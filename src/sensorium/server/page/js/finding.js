/** Finding: a question goes out, hits come back page by page and are painted as they come. */

import { get, post, search } from "./api.js";

const FIRST = 24; // hits of the first page: what a window holds, so that they are there at once
const NEXT = 200;

/** One search and its further pages. A new one ends the one before. */
export class Finding {
  #controller = null;
  #asked = null;
  #next = null;
  #loading = false;

  /** The first page: what the server answers. Raises what `api.search` raises, AbortError when another search began. */
  async begin(query, files) {
    this.cancel();
    const controller = new AbortController();
    this.#controller = controller;
    this.#asked = { query, files };
    const answer = await search({ ...query, k: FIRST }, files, controller.signal);
    controller.signal.throwIfAborted();
    this.#next = answer.next ?? null;
    return answer;
  }

  get hasMore() { return Boolean(this.#next); }

  /** The next page, or null where there is none or it is on its way. */
  async more() {
    if (!this.#next || this.#loading) return null;
    this.#loading = true;
    const { signal } = this.#controller;
    try {
      const answer = await search({ ...this.#asked.query, k: NEXT, cursor: this.#next }, this.#asked.files, signal);
      signal.throwIfAborted();
      this.#next = answer.hits.length ? (answer.next ?? null) : null;
      return answer;
    } finally {
      this.#loading = false;
    }
  }

  /** Why `hit`, the one at `index`, is one: `{hit, trace}` with its explanation, or null where it is none any more. */
  async why(hit, index) {
    if (!this.#asked) return null;
    const { query, files } = this.#asked;
    const answer = await search({ ...query, k: Math.max(FIRST, index + 1), explain: [hit.piece] }, files);
    const found = answer.hits.find((one) => one.piece === hit.piece && one.explanation);
    return found ? { hit: found, trace: answer.trace } : null;
  }

  cancel() {
    this.#controller?.abort();
    this.#next = null;
    this.#asked = null;
    this.#loading = false;
  }
}

/** Tells the server that a hit was liked, disliked or opened. It is no matter when that fails. */
export function feedback(answer, hit, verdict) {
  if (!answer?.query_id) return;
  post("v1/feedback", { query_id: answer.query_id, piece: hit.piece, verdict }).catch(() => {});
}

/** Facets of what fits `where`; an empty list where the server has none. */
export async function facetsOf(where) {
  try {
    return await get(`v1/facets${where ? `?where=${encodeURIComponent(where)}` : ""}`);
  } catch {
    return [];
  }
}
