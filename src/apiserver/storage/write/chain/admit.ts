/** Runs the admission plugins: those that change the object, and, last, those that only judge it. */

import { groupResource, type ResourceType } from '#api/meta/resource.ts';
import { inOrder } from '#base/in-order.ts';
import type { AdmissionAttributes, AdmissionPlugin } from '../../../contract/contract.ts';
import type { Write } from '../write.ts';

export function admitMutating(write: Write): Promise<void> | undefined {
  // Upstream draws a name only after this: what is refused here is called by its prefix.
  const name = write.generateName ?? write.name;
  return write.checked ? runMutating(write.parts.admission, attributesOf(write, name)) : undefined;
}

export function admitValidating(write: Write): Promise<void> | undefined {
  return write.checked ? runValidating(write.parts.admission, attributesOf(write, write.name)) : undefined;
}

export function runMutating(
  plugins: readonly AdmissionPlugin[],
  attributes: AdmissionAttributes,
): Promise<void> | undefined {
  return inOrder(concerned(plugins, attributes.type), (plugin) => plugin.mutate?.(attributes));
}

export function runValidating(
  plugins: readonly AdmissionPlugin[],
  attributes: AdmissionAttributes,
): Promise<void> | undefined {
  return inOrder(concerned(plugins, attributes.type), (plugin) => plugin.validate?.(attributes));
}

const known = new WeakMap<readonly AdmissionPlugin[], WeakMap<ResourceType, readonly AdmissionPlugin[]>>();

/** The plugins that look at a resource, worked out once for each. */
function concerned(plugins: readonly AdmissionPlugin[], type: ResourceType): readonly AdmissionPlugin[] {
  let byType = known.get(plugins);
  if (!byType) {
    byType = new WeakMap();
    known.set(plugins, byType);
  }
  let found = byType.get(type);
  if (!found) {
    const name = groupResource(type);
    found = plugins.filter(({ resources }) => resources.includes('*') || resources.includes(name));
    byType.set(type, found);
  }
  return found;
}

function attributesOf(write: Write, name: string): AdmissionAttributes {
  return {
    operation: write.operation,
    type: write.served.type,
    subresource: write.subresource,
    namespace: write.namespace,
    name,
    object: write.object,
    ...(write.old ? { oldObject: write.old } : {}),
    user: write.user,
    dryRun: write.dryRun,
    warn: write.warn,
  };
}
