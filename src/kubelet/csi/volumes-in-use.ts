/**
 * The volumes that this node uses, as its status lists them: what is listed is not detached from the node. A
 * volume is listed before it is mounted, and taken off the list when its last mount is gone.
 */

export class VolumesInUse {
  readonly #names = new Set<string>();
  /** As the API server has them. */
  #reported: ReadonlySet<string> = new Set();
  #waiting: { readonly name: string; readonly resolve: () => void }[] = [];
  #onChange: () => void = () => undefined;

  /** `onChange` is called when the list has changed and is to be reported. */
  subscribe(onChange: () => void): void {
    this.#onChange = onChange;
  }

  /** In order. */
  names(): string[] {
    return [...this.#names].sort();
  }

  /** Resolves when the status of the node lists the volume. */
  use(name: string): Promise<void> {
    if (this.#reported.has(name) && this.#names.has(name)) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push({ name, resolve });
    this.add(name);
    this.#onChange();
    return promise;
  }

  /** Of a volume that an earlier life of the kubelet has mounted. */
  add(name: string): void {
    this.#names.add(name);
  }

  release(name: string): void {
    if (this.#names.delete(name)) this.#onChange();
  }

  /** The API server has accepted a status with these names. */
  reported(names: readonly string[]): void {
    this.#reported = new Set(names);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { name, resolve } of waiting) {
      if (this.#reported.has(name)) resolve();
      else if (this.#names.has(name)) this.#waiting.push({ name, resolve });
      else resolve();
    }
  }
}
