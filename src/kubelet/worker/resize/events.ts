/**
 * The message of an event about a pod's resize: its state and the resources it is about, as JSON in Go's
 * spelling.
 */

import type { Container, ResourceRequirements } from '#api/generated/types.gen.ts';
import { goStructJson } from '#base/text/go-json.ts';
import { initContainers, type NodePod } from '../../pod/pod.ts';

export function resizeMessage(state: string, pod: NodePod, generation: number, error?: string): string {
  const init = initContainers(pod);
  const summary = {
    ...(init.length > 0 ? { initContainers: init.map(allocationOf) } : {}),
    containers: pod.spec.containers.map(allocationOf),
    generation,
    ...(error ? { error } : {}),
  };
  return `Pod resize ${state}: ${goStructJson(summary)}`;
}

function allocationOf({ name, resources = {} }: Container) {
  const { limits, requests, claims } = resources;
  const summary: ResourceRequirements = {
    ...(limits ? { limits: sorted(limits) } : {}),
    ...(requests ? { requests: sorted(requests) } : {}),
    ...(claims ? { claims } : {}),
  };
  return { name, resources: summary };
}

function sorted(amounts: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(amounts).sort(([a], [b]) => (a < b ? -1 : 1)));
}
