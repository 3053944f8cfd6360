/** Runs the admission plugins: those that change the object, and, last, those that only judge it. */

import type { AdmissionAttributes, AdmissionPlugin } from '../contract.ts';
import type { Write } from '../objects/write.ts';

export async function admitMutating(write: Write): Promise<void> {
  if (write.checked) await runMutating(write.core.admission, attributesOf(write));
}

export async function admitValidating(write: Write): Promise<void> {
  if (write.checked) await runValidating(write.core.admission, attributesOf(write));
}

export async function runMutating(
  plugins: readonly AdmissionPlugin[],
  attributes: AdmissionAttributes,
): Promise<void> {
  for (const plugin of plugins) {
    if (!plugin.mutate || !concerns(plugin, attributes)) continue;
    const running = plugin.mutate(attributes);
    if (running) await running;
  }
}

export async function runValidating(
  plugins: readonly AdmissionPlugin[],
  attributes: AdmissionAttributes,
): Promise<void> {
  for (const plugin of plugins) {
    if (!plugin.validate || !concerns(plugin, attributes)) continue;
    const running = plugin.validate(attributes);
    if (running) await running;
  }
}

function concerns(plugin: AdmissionPlugin, { type }: AdmissionAttributes): boolean {
  const name = type.group === '' ? type.resource : `${type.resource}.${type.group}`;
  return plugin.resources.includes('*') || plugin.resources.includes(name);
}

function attributesOf(write: Write): AdmissionAttributes {
  return {
    operation: write.operation,
    type: write.served.type,
    subresource: write.subresource,
    namespace: write.namespace,
    name: write.name,
    object: write.object,
    ...(write.old ? { oldObject: write.old } : {}),
    user: write.user,
    dryRun: write.dryRun,
    warn: write.warn,
    afterwards: (callback) => write.afterwards.push(callback),
  };
}
