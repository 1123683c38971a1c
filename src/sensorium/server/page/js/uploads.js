/** Files on their way in: sent in pieces that can be taken up again, then followed until the library has them. */

import { Problem, call, explained, get, post } from "./api.js";

const CHUNK = 4_000_000; // bytes
const AT_ONCE = 2;
const TRIES = 4;
const LOOK_AGAIN = 400; // milliseconds between looks at a job
const OVER = new Set(["done", "finished", "succeeded", "complete", "completed"]);
const FAILED = new Set(["failed", "error", "cancelled"]);

/** All files of this visit, oldest first. Fires `change` with whatever moves. */
export class Uploads extends EventTarget {
  files = [];
  #running = 0;

  /** Files to send: `[{file, path}]`. */
  add(files) {
    for (const { file, path } of files) this.files.push({ file, path, state: "waits", sent: 0, reason: "" });
    this.#next();
    this.#tell();
  }

  /** Those that failed, once more. */
  retry() {
    for (const one of this.files) if (one.state === "failed") Object.assign(one, { state: "waits", reason: "" });
    this.#next();
    this.#tell();
  }

  get total() { return this.files.reduce((sum, one) => sum + one.file.size, 0); }
  get sent() { return this.files.reduce((sum, one) => sum + one.sent, 0); }
  get busy() { return this.files.some((one) => ["waits", "goes", "read"].includes(one.state)); }
  count(state) { return this.files.filter((one) => one.state === state).length; }

  #tell() { this.dispatchEvent(new Event("change")); }

  #next() {
    while (this.#running < AT_ONCE) {
      const one = this.files.find((other) => other.state === "waits");
      if (!one) return;
      one.state = "goes";
      this.#running += 1;
      this.#send(one).catch((error) => Object.assign(one, { state: "failed", reason: explained(error).join(" ") })).finally(() => { this.#running -= 1; this.#tell(); this.#next(); });
    }
  }

  async #send(one) {
    one.upload ??= await post("v1/uploads", { name: one.path, size: one.file.size });
    for (let tries = 0; one.sent < one.file.size; ) {
      try {
        await this.#chunk(one);
        tries = 0;
      } catch (error) {
        tries += 1;
        if (tries >= TRIES || (error instanceof Problem && error.status < 500 && error.status !== 409 && error.status !== 416 && error.status !== 429)) throw error;
        await pause(300 * 2 ** tries);
        const known = await get(`v1/uploads/${one.upload.id}`).catch(() => null); // go on where the server stopped
        one.sent = known?.received ?? known?.offset ?? one.sent;
      }
      this.#tell();
    }
    one.state = "read";
    this.#tell();
    await this.#follow(one);
  }

  async #chunk(one) {
    const end = Math.min(one.sent + CHUNK, one.file.size);
    const headers = { "Content-Range": `bytes ${one.sent}-${end - 1}/${one.file.size}`, "Content-Type": "application/octet-stream" };
    const answer = await call(`v1/uploads/${one.upload.id}`, { method: "PUT", headers, body: one.file.slice(one.sent, end) });
    const body = await answer.json().catch(() => ({}));
    one.sent = end;
    one.job ??= body.job?.id ?? body.job ?? null;
  }

  /** Until the job says what became of the file. */
  async #follow(one) {
    one.job ??= await get(`v1/uploads/${one.upload.id}`).then((known) => known.job?.id ?? known.job ?? null);
    for (; one.job; ) {
      const job = await get(`v1/jobs/${one.job}`);
      if (FAILED.has(job.state)) throw new Problem(0, { detail: job.error ?? job.detail ?? "it could not be added" });
      if (OVER.has(job.state)) { Object.assign(one, outcome(job)); return; }
      await pause(LOOK_AGAIN);
    }
    one.state = "done";
  }
}

/** What a receipt says of the only file of a job. */
function outcome(job) {
  const line = (job.receipt?.lines ?? job.receipt ?? job.lines ?? [])[0] ?? {};
  if (line.outcome === "refused") return { state: "failed", reason: line.reason ?? "refused" };
  return { state: line.outcome === "known" ? "known" : "done", reason: line.reason ?? "", item: line.item_id ?? line.item };
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
