/** The pods of the cluster that have addresses, by name, namespace and address; and the labels of namespaces. */

import type { Labels } from '#api/selectors/selector.ts';
import type { PeerPod } from './peer-pod.ts';

export class PodIndex {
  readonly #pods = new Map<string, PeerPod>();
  readonly #byNamespace = new Map<string, Set<string>>();
  /** Keys of pods, the latest last: an address is given to another pod before the end of the first is seen. */
  readonly #byAddress = new Map<string, Set<string>>();
  readonly #namespaces = new Map<string, Labels>();

  get(key: string): PeerPod | undefined {
    return this.#pods.get(key);
  }

  all(): Iterable<PeerPod> {
    return this.#pods.values();
  }

  *inNamespace(namespace: string): Iterable<PeerPod> {
    for (const key of this.#byNamespace.get(namespace) ?? []) yield this.#pods.get(key)!;
  }

  /** The pod that has the address now. */
  ownerOf(address: string): PeerPod | undefined {
    const keys = [...(this.#byAddress.get(address) ?? [])];
    const last = keys.at(-1);
    return last === undefined ? undefined : this.#pods.get(last);
  }

  /** Undefined for a namespace that has not been seen. */
  namespaceLabels(name: string): Labels | undefined {
    return this.#namespaces.get(name);
  }

  setNamespace(name: string, labels: Labels | undefined): void {
    if (labels) this.#namespaces.set(name, labels);
    else this.#namespaces.delete(name);
  }

  set(pod: PeerPod): void {
    const kept = this.#pods.get(pod.key)?.addresses.map(({ text }) => text) ?? [];
    const now = pod.addresses.map(({ text }) => text);
    this.#dropAddresses(
      pod.key,
      kept.filter((text) => !now.includes(text)),
    );
    this.#pods.set(pod.key, pod);
    setOf(this.#byNamespace, pod.namespace).add(pod.key);
    for (const text of now) setOf(this.#byAddress, text).add(pod.key);
  }

  delete(key: string): void {
    const pod = this.#pods.get(key);
    if (!pod) return;
    this.#dropAddresses(
      key,
      pod.addresses.map(({ text }) => text),
    );
    this.#pods.delete(key);
    dropFrom(this.#byNamespace, pod.namespace, key);
  }

  #dropAddresses(key: string, addresses: readonly string[]): void {
    for (const text of addresses) dropFrom(this.#byAddress, text, key);
  }
}

function setOf(sets: Map<string, Set<string>>, key: string): Set<string> {
  const known = sets.get(key);
  if (known) return known;
  const made = new Set<string>();
  sets.set(key, made);
  return made;
}

function dropFrom(sets: Map<string, Set<string>>, key: string, member: string): void {
  const set = sets.get(key);
  if (set?.delete(member) && set.size === 0) sets.delete(key);
}
