/** The requests of all pods of a node fit into what the node offers. */

import { podRequests } from '#api/pods/resources.ts';
import { quantityMilliValue, quantityValue } from '#api/values/quantity.ts';
import { requestedOthers } from '../decide/resources.ts';
import type { NodePod } from '../pod/pod.ts';
import { type Rejection, rejection } from './rejection.ts';

export function tooLittleLeft(
  pod: NodePod,
  others: readonly NodePod[],
  allocatable: Record<string, string>,
): Rejection | undefined {
  const podsMax = Number(allocatable['pods'] ?? Number.POSITIVE_INFINITY);
  if (others.length + 1 > podsMax) return outOf('pods', 1, others.length, podsMax);
  return (
    tooLittleCompute(pod, others, allocatable) ??
    firstOf(requestedNames(pod, allocatable), (name) => {
      const wanted = requestedOthers(pod)[name] ?? 0;
      const used = sumOf(others, (one) => requestedOthers(one)[name] ?? 0);
      const offered = quantityValue(allocatable[name]);
      return wanted > 0 && used + wanted > offered ? outOf(name, wanted, used, offered) : undefined;
    })
  );
}

function tooLittleCompute(
  pod: NodePod,
  others: readonly NodePod[],
  allocatable: Record<string, string>,
): Rejection | undefined {
  const offered = offeredBy(allocatable);
  const wanted = podRequests(pod);
  return firstOf(['cpu', 'memory'] as const, (name) => {
    if (wanted[name] === 0) return undefined;
    const used = sumOf(others, (one) => podRequests(one)[name]);
    return used + wanted[name] > offered[name] ? outOf(name, wanted[name], used, offered[name]) : undefined;
  });
}

/** Resources of the whole cluster, which no node offers, are none of the kubelet's business. */
function requestedNames(pod: NodePod, allocatable: Record<string, string>): string[] {
  return Object.keys(requestedOthers(pod)).filter((name) => allocatable[name] !== undefined);
}

function offeredBy(allocatable: Record<string, string>): { cpu: number; memory: number } {
  return { cpu: quantityMilliValue(allocatable['cpu']), memory: quantityValue(allocatable['memory']) };
}

function sumOf(pods: readonly NodePod[], amount: (pod: NodePod) => number): number {
  return pods.reduce((sum, one) => sum + amount(one), 0);
}

function firstOf<T, R>(list: readonly T[], find: (one: T) => R | undefined): R | undefined {
  for (const one of list) {
    const found = find(one);
    if (found !== undefined) return found;
  }
  return undefined;
}

function outOf(name: string, requested: number, used: number, capacity: number): Rejection {
  const numbers = `requested: ${requested}, used: ${used}, capacity: ${capacity}`;
  return rejection(`OutOf${name}`, `Node didn't have enough resource: ${name}, ${numbers}`);
}
