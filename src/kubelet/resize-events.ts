/** What is told of a pod's resize: its state and the resources that it is about, as JSON in Go's spelling. */

import type { Container, ResourceRequirements } from '#api/types.gen.ts';
import { initContainers, type NodePod } from './pod.ts';

export function resizeMessage(state: string, pod: NodePod, generation: number, error?: string): string {
  const init = initContainers(pod);
  const summary = {
    ...(init.length > 0 ? { initContainers: init.map(allocationOf) } : {}),
    containers: pod.spec.containers.map(allocationOf),
    generation,
    ...(error ? { error } : {}),
  };
  return `Pod resize ${state}: ${goJson(summary)}`;
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

/** Signs that mean something in HTML are escaped. */
function goJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
