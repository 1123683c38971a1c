/** Work that is done a few at a time: what is asked last goes first, since it is what is looked at now. */

export class Queue {
  #most; #running = 0; #waiting = [];

  constructor(most) { this.#most = most; }

  /** Runs `work()` when its turn comes; `stillWanted()` is asked then, and the promise gives null where it is not. */
  run(work, stillWanted = () => true) {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ work, stillWanted, resolve, reject });
      this.#next();
    });
  }

  #next() {
    while (this.#running < this.#most && this.#waiting.length) {
      const { work, stillWanted, resolve, reject } = this.#waiting.pop();
      if (!stillWanted()) { resolve(null); continue; }
      this.#running += 1;
      work().then(resolve, reject).finally(() => { this.#running -= 1; this.#next(); });
    }
  }
}
