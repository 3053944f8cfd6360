/** The pods whose binding is being prepared: until the binding is posted, preemption takes their node without an eviction. */

export class Prebinding {
  readonly #preparing = new Map<string, AbortController>();

  /** Aborted by `cancel`. */
  begin(uid: string): AbortSignal {
    const controller = new AbortController();
    this.#preparing.set(uid, controller);
    return controller.signal;
  }

  /** The binding follows: it cannot be canceled any more. Throws the reason of `cancel` when that was called before. */
  finish(uid: string): void {
    const preparing = this.#preparing.get(uid);
    this.#preparing.delete(uid);
    preparing?.signal.throwIfAborted();
  }

  end(uid: string): void {
    this.#preparing.delete(uid);
  }

  /** False for a pod that is not there, or whose binding is on its way. */
  cancel(uid: string, reason: string): boolean {
    const preparing = this.#preparing.get(uid);
    preparing?.abort(new Error(reason));
    return preparing !== undefined;
  }
}
