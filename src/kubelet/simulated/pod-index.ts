/** Which sandboxes and containers belong to which pod, so that a pod is looked at without looking at all. */
export class PodIndex {
  readonly #ids = new Map<string, Set<string>>();

  add(podUid: string, id: string): void {
    const own = this.#ids.get(podUid);
    if (own) own.add(id);
    else this.#ids.set(podUid, new Set([id]));
  }

  /** True when nothing of the pod is left. */
  remove(podUid: string, id: string): boolean {
    const own = this.#ids.get(podUid);
    own?.delete(id);
    if (own && own.size > 0) return false;
    this.#ids.delete(podUid);
    return true;
  }

  /** The entries of `all` that belong to the pod; without a pod all of them. */
  choose<T>(all: ReadonlyMap<string, T>, podUid: string | undefined): T[] {
    if (podUid === undefined) return [...all.values()];
    return [...(this.#ids.get(podUid) ?? [])].flatMap((id) => all.get(id) ?? []);
  }
}
