/** A volume of one node that pods of two want: which may have it, and the event of the others. */

import type { PersistentVolume, Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';

/** Upstream leaves a volume without access modes to its attacher. */
export function isExclusive({ spec }: Pick<PersistentVolume, 'spec'>): boolean {
  const { accessModes = [] } = spec ?? {};
  return accessModes.length > 0 && !accessModes.some((mode) => /^Read(Write|Only)Many$/.test(mode));
}

/** The message of FailedAttachVolume of a pod; pods of other namespaces are only counted. */
export function refusalText(volume: string, pod: Stored<Pod>, users: readonly Stored<Pod>[]): string {
  return `Multi-Attach error for volume "${volume}" ${reason(pod, users)}`;
}

function reason(pod: Stored<Pod>, users: readonly Stored<Pod>[]): string {
  if (users.length === 0) {
    return "Volume is already exclusively attached to one node and can't be attached to another";
  }
  const near = users.filter(({ metadata }) => metadata.namespace === pod.metadata.namespace);
  const far = `${users.length - near.length} pod(s) in different namespaces`;
  if (near.length === 0) return `Volume is already used by ${far}`;
  const names = near.map(({ metadata }) => metadata.name).join(', ');
  const others = near.length < users.length ? ` and ${far}` : '';
  return `Volume is already used by pod(s) ${names}${others}`;
}
