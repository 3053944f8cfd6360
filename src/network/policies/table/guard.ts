/**
 * A guard decides about the traffic of all pods to which the same rules apply, in one direction and address family.
 * A packet costs the same however many rules there are: the peer's address is looked up once among the pods that are
 * allowed as peers, else once among the ranges of IP blocks; each leads to the union of the ports allowed to it.
 */

import { createHash } from 'node:crypto';
import type { PeerGroup } from '../peers/peer-groups.ts';
import type { PeerPod, PodAddress } from '../peers/peer-pod.ts';
import { covers, divide, type Family, rangeText } from '../rules/address-range.ts';
import type { Direction, Rule } from '../rules/compiled-policy.ts';
import {
  isNamed,
  type NamedPorts,
  type Ports,
  type RulePort,
  unitePorts,
  withNumbers,
} from '../rules/ports.ts';

/** A rule with the pods that its selectors select. */
export interface GuardRule {
  readonly rule: Rule;
  readonly groups: readonly PeerGroup[];
}

export interface Guard {
  /** Of its chain; the same for equal rules. */
  readonly name: string;
  readonly direction: Direction;
  readonly family: Family;
  readonly rules: readonly GuardRule[];
}

const noNames: NamedPorts = new Map();

/** The rules of ingress with the numbers of the protected pod's named ports. */
export function ingressRules(rules: readonly Rule[], named: NamedPorts): Rule[] {
  return rules.map((rule) => {
    if (!rule.ports?.some(isNamed)) return rule;
    const ports = withNumbers(rule.ports, named);
    return { ...rule, ports, key: JSON.stringify([rule.key, ports]) };
  });
}

/** Rules that allow everything protect from nothing. */
export function allowsAll(rules: readonly Rule[]): boolean {
  return rules.some(({ isAnyPeer, ports }) => isAnyPeer && ports === undefined);
}

export function guardName(direction: Direction, family: Family, rules: readonly Rule[]): string {
  const keys = [...new Set(rules.map(({ key }) => key))].sort();
  return `${direction}${family}-${shortHash(JSON.stringify(keys))}`;
}

/** Ports of a pod that some rule allows as a peer; undefined when only its address decides. */
export function portsForPod(guard: Guard, pod: PeerPod, address: PodAddress): Ports | undefined {
  const selecting = guard.rules.filter(({ groups }) => groups.some(({ members }) => members.has(pod.key)));
  const allowing = guard.rules.filter(({ rule }) => allowsAddress(rule, guard.family, address.number));
  // A named port of an egress rule is the peer's own.
  const namesPorts = allowing.some(({ rule }) => rule.ports?.some(isNamed));
  if (selecting.length === 0 && !namesPorts) return undefined;
  return united(
    [...selecting, ...allowing].map(({ rule }) => rule),
    pod.named,
  );
}

function allowsAddress({ isAnyPeer, blocks }: Rule, family: Family, address: bigint): boolean {
  return isAnyPeer || blocks.some((block) => block.family === family && covers(block, address));
}

/** Ports by range of addresses, for peers that are not pods, or pods that no selector selects. */
export function portsByRange({ rules, family }: Guard): Map<string, Ports> {
  const owned = rules.flatMap(({ rule }) =>
    rule.blocks.filter((block) => block.family === family).map((block) => ({ rule, block })),
  );
  const anyPeer = rules.map(({ rule }) => rule).filter(({ isAnyPeer }) => isAnyPeer);
  const parts = divide(owned.map(({ block }) => block));
  return new Map(
    parts.map(({ range, covering }) => {
      const covered = covering.map((index) => owned[index]!.rule);
      return [rangeText(range, family), united([...covered, ...anyPeer])];
    }),
  );
}

/** Ports that every address may use. */
export function portsForAll({ rules }: Guard): Ports {
  return united(rules.map(({ rule }) => rule).filter(({ isAnyPeer }) => isAnyPeer));
}

function united(rules: readonly Rule[], named: NamedPorts = noNames): Ports {
  const ports: RulePort[] = [];
  for (const rule of rules) {
    if (rule.ports === undefined) return 'all';
    ports.push(...rule.ports);
  }
  return unitePorts(withNumbers(ports, named));
}

export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
