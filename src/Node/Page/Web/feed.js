// Asks the node again and again, and says when it does not answer.

const PAUSE = 2000;
const PATIENCE = 5000;

/** An answer every two seconds is usual; this long without one is worth to be said loudly. */
const LOST = 6000;

export class Feed {
  #onView;
  #onState;
  #heard = null;
  #trouble = null;
  #timer = null;
  #asking = false;

  constructor(onView, onState) {
    this.#onView = onView;
    this.#onState = onState;
  }

  start() {
    // Nobody sees a hidden page: the hosts are left in peace.
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) this.#ask();
    });
    setInterval(() => this.#say(), 1000);
    this.#ask();
  }

  async #ask() {
    if (this.#asking) return;
    this.#asking = true;
    clearTimeout(this.#timer);
    try {
      const answer = await fetch('page/view', { cache: 'no-store', signal: AbortSignal.timeout(PATIENCE) });
      if (!answer.ok) throw new Error(await reason(answer));
      const view = await answer.json();
      this.#heard = Date.now();
      this.#trouble = null;
      // What fails in drawing is not the node's fault, and belongs on the console.
      queueMicrotask(() => this.#onView(view, this.#heard));
    } catch (error) {
      this.#trouble = error.name === 'TimeoutError' ? 'it takes too long to answer' : error.name === 'TypeError' ? 'it cannot be reached' : error.message;
    } finally {
      this.#asking = false;
      this.#say();
      if (!document.hidden) this.#timer = setTimeout(() => this.#ask(), PAUSE);
    }
  }

  #say() {
    const silence = this.#heard === null ? null : Date.now() - this.#heard;
    const lost = !document.hidden && (silence === null ? this.#trouble !== null : silence > LOST);
    this.#onState({ lost, heard: this.#heard, silence, trouble: this.#trouble });
  }
}

async function reason(answer) {
  try {
    return (await answer.json()).message;
  } catch {
    return `it answers ${answer.status}`;
  }
}
