/** The guards of a node in its table: made when the first pod needs them, removed after the last. */

import type { TableJournal } from '../../nft/table-journal.ts';
import type { PeerGroups } from '../peers/peer-groups.ts';
import type { PeerPod } from '../peers/peer-pod.ts';
import type { PodIndex } from '../peers/pod-index.ts';
import type { Family } from '../rules/address-range.ts';
import type { Direction, Rule } from '../rules/compiled-policy.ts';
import { isNamed, portsText } from '../rules/ports.ts';
import { type Guard, guardName, portsByRange, portsForAll, portsForPod } from './guard.ts';
import { PortChains } from './port-chains.ts';

interface UsedGuard extends Guard {
  users: number;
}

export class Guards {
  readonly #table: TableJournal;
  readonly #pods: PodIndex;
  readonly #groups: PeerGroups;
  readonly #chains: PortChains;
  readonly #guards = new Map<string, UsedGuard>();
  /** Released by their last user in the current change. */
  readonly #unused = new Set<string>();

  constructor(table: TableJournal, pods: PodIndex, groups: PeerGroups) {
    this.#table = table;
    this.#pods = pods;
    this.#groups = groups;
    this.#chains = new PortChains(table);
  }

  /** The name of the chain that decides by these rules. */
  acquire(direction: Direction, family: Family, rules: readonly Rule[]): string {
    const name = guardName(direction, family, rules);
    const guard = this.#guards.get(name) ?? this.#make(name, direction, family, rules);
    guard.users++;
    this.#unused.delete(name);
    return name;
  }

  release(name: string): void {
    const guard = this.#guards.get(name);
    if (guard && --guard.users === 0) this.#unused.add(name);
  }

  /** After another pod got the address, or its pod's labels or ports changed. */
  addressChanged(address: string): void {
    for (const guard of this.#guards.values()) this.#setPeer(guard, address);
  }

  removeUnused(): void {
    for (const name of this.#unused) this.#remove(name);
    this.#unused.clear();
  }

  #make(name: string, direction: Direction, family: Family, rules: readonly Rule[]): UsedGuard {
    const byKey = new Map(rules.map((rule) => [rule.key, rule]));
    const guard: UsedGuard = {
      name,
      direction,
      family,
      users: 0,
      rules: [...byKey.values()].map((rule) => ({
        rule,
        groups: rule.selectors.map((selector) => this.#groups.acquire(selector)),
      })),
    };
    this.#guards.set(name, guard);
    this.#addToTable(guard);
    return guard;
  }

  #addToTable(guard: UsedGuard): void {
    const { name, direction, family } = guard;
    const peer = `${family === 4 ? 'ip' : 'ip6'} ${direction === 'ingress' ? 'saddr' : 'daddr'}`;
    const type = family === 4 ? 'ipv4_addr' : 'ipv6_addr';
    this.#table.addMap(podsMap(name), `type ${type} : verdict;`);
    for (const address of this.#peerAddresses(guard)) this.#setPeer(guard, address);
    const rules = [`${peer} vmap @${podsMap(name)}`];
    const ranges = portsByRange(guard);
    if (ranges.size > 0) {
      this.#table.addMap(rangesMap(name), `type ${type} : verdict; flags interval;`);
      for (const [range, ports] of ranges) this.#chains.setElement(rangesMap(name), range, direction, ports);
      rules.push(`${peer} vmap @${rangesMap(name)}`);
    }
    const rest = portsForAll(guard);
    if (rest !== 'all' && rest.length > 0) rules.push(`meta l4proto . th dport ${portsText(rest)} return`);
    this.#table.addChain(name, [...rules, `goto deny_${direction}`]);
  }

  /** Of the pods that some rule may allow as peers. */
  *#peerAddresses({ rules, family }: Guard): Iterable<string> {
    const byName = rules.some(({ rule }) => rule.ports?.some(isNamed));
    const pods: Iterable<PeerPod | undefined> = byName ? this.#pods.all() : this.#members(rules);
    for (const pod of pods) {
      for (const address of pod?.addresses ?? []) if (address.family === family) yield address.text;
    }
  }

  *#members(rules: Guard['rules']): Iterable<PeerPod | undefined> {
    const keys = new Set(rules.flatMap(({ groups }) => groups.flatMap(({ members }) => [...members])));
    for (const key of keys) yield this.#pods.get(key);
  }

  #setPeer(guard: Guard, text: string): void {
    const owner = this.#pods.ownerOf(text);
    const address = owner?.addresses.find((own) => own.text === text);
    const isOther = text.includes(':') !== (guard.family === 6);
    if (isOther) return;
    const ports = owner && address ? portsForPod(guard, owner, address) : undefined;
    this.#chains.setElement(podsMap(guard.name), text, guard.direction, ports);
  }

  #remove(name: string): void {
    const guard = this.#guards.get(name);
    if (!guard) return;
    this.#guards.delete(name);
    this.#table.removeChain(name);
    for (const map of [podsMap(name), rangesMap(name)]) {
      if (this.#table.maps.has(map)) this.#chains.removeMap(map);
    }
    for (const { groups } of guard.rules) for (const group of groups) this.#groups.release(group);
  }
}

function podsMap(guard: string): string {
  return `${guard}-pods`;
}

function rangesMap(guard: string): string {
  return `${guard}-ranges`;
}
