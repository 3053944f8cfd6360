/** What a pod needs of resources at most at the same time. */

import type { Container, PodSpec } from '#api/generated/types.gen.ts';
import { isSidecar } from '#api/pods/containers.ts';

/**
 * By resource: of the main containers with the sidecars, or of an init container with the sidecars before it, whichever is
 * more. `amountsOf`: what a container needs.
 */
export function peakAmounts(
  { initContainers = [], containers }: Pick<PodSpec, 'initContainers' | 'containers'>,
  amountsOf: (container: Container) => ReadonlyMap<string, number>,
): Map<string, number> {
  const running = new Map<string, number>();
  const peak = new Map<string, number>();
  const reach = (resource: string, amount: number) =>
    peak.set(resource, Math.max(peak.get(resource) ?? 0, amount));
  for (const container of initContainers) {
    for (const [resource, amount] of amountsOf(container)) {
      const together = (running.get(resource) ?? 0) + amount;
      if (isSidecar(container)) running.set(resource, together);
      else reach(resource, together);
    }
  }
  for (const container of containers) {
    for (const [resource, amount] of amountsOf(container)) {
      running.set(resource, (running.get(resource) ?? 0) + amount);
    }
  }
  for (const [resource, amount] of running) reach(resource, amount);
  return peak;
}
