/** Plays prompts one after the other. Where sound does not work (no device, a broken file) the same time passes. */

export class Player {
  #run = 0;
  #sound = new Audio();
  #timer = 0;
  #began = 0;
  #before = 0;

  /** @param {boolean} muted */
  set muted(muted) { this.#sound.muted = muted; }

  /** Seconds of the prompts that have been played; null when nothing is playing. */
  get heard() {
    return this.#run && this.#began ? this.#before + (performance.now() - this.#began) / 1000 : null;
  }

  /**
   * @param {{url: string, seconds: number}[]} pieces
   * @param {(index: number) => void} started
   * @param {(seconds: number) => void} ended only when all of them were heard
   */
  async play(pieces, started, ended) {
    this.stop();
    const run = ++Player.#runs;
    this.#run = run;
    this.#before = 0;
    for (const [index, piece] of pieces.entries()) {
      this.#began = performance.now();
      started(index);
      await this.#one(piece, run);
      if (this.#run !== run) return;
      this.#before += piece.seconds;
    }
    const seconds = this.#before;
    this.stop();
    ended(seconds);
  }

  stop() {
    this.#run = 0;
    this.#began = 0;
    clearTimeout(this.#timer);
    this.#sound.pause();
    this.#sound.onended = this.#sound.onerror = null;
  }

  static #runs = 0;

  /**
   * @param {{url: string, seconds: number}} piece
   * @param {number} run
   */
  #one(piece, run) {
    return new Promise((resolve) => {
      const after = (seconds) => {
        if (this.#run !== run) return; // stopped meanwhile: the timer belongs to somebody else
        clearTimeout(this.#timer);
        this.#timer = setTimeout(resolve, Math.max(0, seconds * 1000 - (performance.now() - this.#began)));
      };
      this.#sound.onended = () => { clearTimeout(this.#timer); resolve(undefined); };
      this.#sound.onerror = () => after(piece.seconds);
      this.#sound.src = piece.url;
      this.#sound.play().catch(() => after(piece.seconds));
      after(piece.seconds + 3); // a machine without sound may take a file and never end it
    });
  }
}
