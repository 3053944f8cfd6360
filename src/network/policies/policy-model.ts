/**
 * From policies, pods and namespaces to the policy table of one node, change by change: what a change costs depends
 * on what it concerns and not on how many policies and pods there are.
 */

import type { NetworkPolicy, Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import type { Labels } from '#api/selectors/selector.ts';
import { TableJournal } from '../nft/table-journal.ts';
import { PeerGroups } from './peers/peer-groups.ts';
import { type PeerPod, peerPod, samePeer } from './peers/peer-pod.ts';
import { PodIndex } from './peers/pod-index.ts';
import type { Family } from './rules/address-range.ts';
import {
  type CompiledPolicy,
  compilePolicy,
  type Direction,
  directions,
  type Rule,
} from './rules/compiled-policy.ts';
import { frameBody, frameMaps, isolatedMap, type PolicyFrame, selfSet } from './table/frame.ts';
import { allowsAll, ingressRules } from './table/guard.ts';
import { Guards } from './table/guards.ts';

export class PolicyModel {
  readonly table: TableJournal;
  readonly #nodeName: string;
  readonly #pods = new PodIndex();
  readonly #groups = new PeerGroups(this.#pods);
  readonly #guards: Guards;
  /** By namespace, by name. */
  readonly #policies = new Map<string, Map<string, CompiledPolicy>>();
  /** Addresses whose pods may have become other peers. */
  readonly #changedPeers = new Set<string>();
  /** Addresses of this node's pods to which other rules may apply. */
  readonly #changedHere = new Set<string>();

  constructor(nodeName: string, frame: PolicyFrame) {
    this.#nodeName = nodeName;
    this.table = new TableJournal('inet', frame.name, frameBody(frame), frameMaps);
    this.#guards = new Guards(this.table, this.#pods, this.#groups);
  }

  /** What of the policy cannot be read, and allows nothing. */
  setPolicy(policy: Stored<NetworkPolicy>): readonly string[] {
    const { namespace = '', name } = policy.metadata;
    const compiled = compilePolicy(policy);
    const inNamespace = this.#policies.get(namespace) ?? new Map<string, CompiledPolicy>();
    this.#concerns(inNamespace.get(name));
    this.#concerns(compiled);
    this.#policies.set(namespace, inNamespace.set(name, compiled));
    return compiled.problems;
  }

  deletePolicy(namespace: string, name: string): void {
    const inNamespace = this.#policies.get(namespace);
    this.#concerns(inNamespace?.get(name));
    inNamespace?.delete(name);
    if (inNamespace?.size === 0) this.#policies.delete(namespace);
  }

  /** `ips`: the pod's addresses, where the API does not have them yet. */
  setPod(pod: Stored<Pod>, ips: readonly string[] = []): void {
    const { namespace = '', name } = pod.metadata;
    const peer = peerPod(pod, this.#nodeName, ips);
    if (!peer) {
      this.deletePod(namespace, name);
      return;
    }
    const before = this.#pods.get(peer.key);
    if (before && samePeer(before, peer)) return;
    this.#pods.set(peer);
    this.#podChanged(peer.key, before, peer);
  }

  deletePod(namespace: string, name: string): void {
    const key = `${namespace}/${name}`;
    const before = this.#pods.get(key);
    if (!before) return;
    this.#pods.delete(key);
    this.#podChanged(key, before, undefined);
  }

  /** Undefined: the namespace is gone. */
  setNamespace(name: string, labels: Labels | undefined): void {
    const before = this.#pods.namespaceLabels(name);
    this.#pods.setNamespace(name, labels);
    if (JSON.stringify(before) === JSON.stringify(labels)) return;
    for (const pod of [...this.#pods.inNamespace(name)]) this.#podChanged(pod.key, pod, pod);
  }

  /** Whether a policy selects pods of this node. */
  selectsHere(namespace: string, name: string): boolean {
    const policy = this.#policies.get(namespace)?.get(name);
    return policy !== undefined && [...this.#selectedHere(policy)].length > 0;
  }

  /** Brings the table up to date with all changes. */
  settle(): void {
    for (const address of this.#changedPeers) this.#guards.addressChanged(address);
    for (const address of this.#changedHere) this.#protect(address);
    this.#changedPeers.clear();
    this.#changedHere.clear();
    this.#guards.removeUnused();
  }

  #concerns(policy: CompiledPolicy | undefined): void {
    if (!policy) return;
    for (const pod of this.#selectedHere(policy)) markAddresses(this.#changedHere, pod);
  }

  *#selectedHere({ namespace, pods }: CompiledPolicy): Iterable<PeerPod> {
    for (const pod of this.#pods.inNamespace(namespace)) {
      if (pod.isLocal && pods.matches(pod.labels)) yield pod;
    }
  }

  #podChanged(key: string, before: PeerPod | undefined, now: PeerPod | undefined): void {
    this.#groups.podChanged(key);
    for (const pod of [before, now]) {
      if (!pod) continue;
      markAddresses(this.#changedPeers, pod);
      // An address that goes to another node's pod was perhaps one of this node's.
      markAddresses(this.#changedHere, pod);
    }
  }

  #protect(address: string): void {
    const pod = this.#pods.ownerOf(address);
    const family = address.includes(':') ? 6 : 4;
    const guards = directions.map((direction) => {
      const map = isolatedMap(direction, family);
      const guard = pod?.isLocal ? this.#guardOf(pod, direction, family) : undefined;
      const before = this.table.get(map, address);
      if (before) this.#guards.release(before.slice(jump.length));
      this.table.set(map, address, guard && `${jump}${guard}`);
      return guard;
    });
    const isProtected = guards.some((guard) => guard !== undefined);
    this.table.set(selfSet(family), `${address} . ${address}`, isProtected ? '' : undefined);
  }

  /** Undefined: no policy isolates the pod in this direction, or its rules allow all traffic. */
  #guardOf(pod: PeerPod, direction: Direction, family: Family): string | undefined {
    const rules: Rule[] = [];
    let isIsolated = false;
    for (const policy of this.#policies.get(pod.namespace)?.values() ?? []) {
      const own = policy.rules[direction];
      if (!own || !policy.pods.matches(pod.labels)) continue;
      isIsolated = true;
      rules.push(...own);
    }
    if (!isIsolated || allowsAll(rules)) return undefined;
    const numbered = direction === 'ingress' ? ingressRules(rules, pod.named) : rules;
    return this.#guards.acquire(direction, family, numbered);
  }
}

const jump = 'jump ';

function markAddresses(marked: Set<string>, { addresses }: PeerPod): void {
  for (const { text } of addresses) marked.add(text);
}
