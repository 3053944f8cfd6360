/**
 * What the API says of policies, fed into the model. Pods and namespaces are watched from the first policy on: a
 * cluster without policies pays for none of that.
 */

import { namespaces, networkPolicies, pods } from '#api/generated/kinds.gen.ts';
import type { Namespace, NetworkPolicy, Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import type { Informer, Informers } from '#client/informers/informer.ts';
import type { PolicyModel } from './policy-model.ts';

/** A policy of which a part cannot be read. */
export interface PolicyProblem {
  readonly policy: Stored<NetworkPolicy>;
  readonly text: string;
}

/** Addresses that the kubelet has given and the API does not have yet. */
interface GivenAddresses {
  readonly uid: string;
  readonly ips: readonly string[];
}

export class PolicyView {
  readonly #informers: Informers;
  readonly #model: PolicyModel;
  readonly #onChange: () => void;
  readonly #policies: Informer<NetworkPolicy>;
  #pods: Informer<Pod> | undefined;
  #namespaces: Informer<Namespace> | undefined;
  readonly #given = new Map<string, GivenAddresses>();
  readonly #problems = new Map<string, PolicyProblem>();
  readonly #stops: (() => void)[] = [];

  constructor(informers: Informers, model: PolicyModel, onChange: () => void) {
    this.#informers = informers;
    this.#model = model;
    this.#onChange = onChange;
    this.#policies = informers.for<NetworkPolicy>(networkPolicies);
    const set = (policy: Stored<NetworkPolicy>) => this.#policySet(policy);
    this.#stops.push(
      this.#policies.subscribe({
        onAdd: set,
        onUpdate: (_, policy) => set(policy),
        onDelete: (policy) => this.#policyDeleted(policy),
      }),
    );
  }

  async synced(): Promise<void> {
    await this.#policies.synced();
    await Promise.all([this.#pods?.synced(), this.#namespaces?.synced()]);
  }

  /** Whether there has been a policy. */
  get isWatchingPods(): boolean {
    return this.#pods !== undefined;
  }

  /** Before the API has the pod's addresses. */
  podStarts(pod: Stored<Pod>, ips: readonly string[]): void {
    const { namespace, name, uid } = pod.metadata;
    const reported = this.#pods?.get(namespace, name);
    if (reported?.metadata.uid === uid && sameAddresses(reported, ips)) return;
    this.#given.set(`${namespace}/${name}`, { uid, ips });
    this.#model.setPod(pod, ips);
  }

  /** Problems of policies that select pods of this node, each once. */
  takeProblems(): PolicyProblem[] {
    const found: PolicyProblem[] = [];
    for (const [key, problem] of this.#problems) {
      const { namespace = '', name } = problem.policy.metadata;
      if (!this.#model.selectsHere(namespace, name)) continue;
      found.push(problem);
      this.#problems.delete(key);
    }
    return found;
  }

  stop(): void {
    for (const stop of this.#stops) stop();
  }

  #policySet(policy: Stored<NetworkPolicy>): void {
    this.#watchPods();
    const problems = this.#model.setPolicy(policy);
    const key = keyOf(policy);
    if (problems.length > 0) this.#problems.set(key, { policy, text: problems.join('; ') });
    else this.#problems.delete(key);
    this.#onChange();
  }

  #policyDeleted(policy: Stored<NetworkPolicy>): void {
    this.#model.deletePolicy(policy.metadata.namespace ?? '', policy.metadata.name);
    this.#problems.delete(keyOf(policy));
    this.#onChange();
  }

  #watchPods(): void {
    if (this.#pods) return;
    this.#pods = this.#informers.for<Pod>(pods);
    this.#namespaces = this.#informers.for<Namespace>(namespaces);
    const podSet = (pod: Stored<Pod>) => this.#podSet(pod);
    const namespaceSet = ({ metadata }: Stored<Namespace>) =>
      this.#namespaceSet(metadata.name, metadata.labels ?? {});
    this.#stops.push(
      this.#namespaces.subscribe({
        onAdd: namespaceSet,
        onUpdate: (_, namespace) => namespaceSet(namespace),
        onDelete: ({ metadata }) => this.#namespaceSet(metadata.name, undefined),
      }),
      this.#pods.subscribe({
        onAdd: podSet,
        onUpdate: (_, pod) => podSet(pod),
        onDelete: (pod) => this.#podDeleted(pod),
      }),
    );
  }

  #namespaceSet(name: string, labels: Record<string, string> | undefined): void {
    this.#model.setNamespace(name, labels);
    this.#onChange();
  }

  #podSet(pod: Stored<Pod>): void {
    const key = keyOf(pod);
    const given = this.#given.get(key);
    if (given && sameAddresses(pod, given.ips)) this.#given.delete(key);
    this.#model.setPod(pod, this.#given.get(key)?.ips);
    this.#onChange();
  }

  #podDeleted(pod: Stored<Pod>): void {
    const key = keyOf(pod);
    const given = this.#given.get(key);
    // The next pod of the name runs here already.
    if (given && given.uid !== pod.metadata.uid) return;
    this.#given.delete(key);
    this.#model.deletePod(pod.metadata.namespace ?? '', pod.metadata.name);
    this.#onChange();
  }
}

function keyOf({ metadata }: Stored<Pod> | Stored<NetworkPolicy>): string {
  return `${metadata.namespace}/${metadata.name}`;
}

function sameAddresses({ status }: Pod, ips: readonly string[]): boolean {
  return (status?.podIPs ?? []).map(({ ip }) => ip).join() === ips.join();
}
