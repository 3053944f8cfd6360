/** Restricts a write to a pod's `resize` to its resources and those of its containers. */

import type { Container, PodSpec } from '../../generated/types.gen.ts';

/**
 * `old` with the resources of `wanted`. Added, removed and reordered containers are left for validation to
 * reject.
 */
export function resizedSpec(wanted: PodSpec | undefined, old: PodSpec | undefined): PodSpec | undefined {
  const lists = ['containers', 'initContainers'] as const;
  const named = (list: (typeof lists)[number], spec: PodSpec | undefined) => spec?.[list] ?? [];
  if (lists.some((list) => named(list, wanted).length !== named(list, old).length)) return wanted;
  const result = { ...old, resources: wanted?.resources } as PodSpec;
  for (const list of lists) {
    const [now, before] = [named(list, wanted), named(list, old)];
    if (before.length === 0) continue;
    const sameOrder = before.every((container, i) => container.name === now[i]?.name);
    result[list] = sameOrder ? before.map((container, i) => withResources(container, now[i]!)) : now;
  }
  return result;
}

function withResources(container: Container, wanted: Container): Container {
  return { ...container, resources: wanted.resources, resizePolicy: wanted.resizePolicy };
}
