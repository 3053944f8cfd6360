/** Writes the mirror pods of static pods into the API, and deletes them there. */

import { pods } from '#api/generated/kinds.gen.ts';
import type { OwnerReference } from '#api/meta/object.ts';
import { StatusError } from '#api/meta/status.ts';
import { mirrorAnnotation } from '#api/pods/mirror-pod.ts';
import type { Client } from '#client/client.ts';
import type { NodePod } from '../../pod/pod.ts';

/** `owner`: the Node, as a reference. */
export async function createMirror(client: Client, pod: NodePod, owner: OwnerReference): Promise<NodePod> {
  const { uid, annotations, resourceVersion: _, ...metadata } = pod.metadata;
  const created = await client.create(pods, {
    metadata: {
      ...metadata,
      annotations: { ...annotations, [mirrorAnnotation]: uid },
      ownerReferences: [owner],
    },
    spec: pod.spec,
  });
  return created as NodePod;
}

/** At once, and this mirror alone: harmless when it is gone, or another pod has its name. */
export async function deleteMirror(client: Client, { metadata }: NodePod): Promise<void> {
  const { namespace = '', name, uid } = metadata;
  try {
    await client.delete(pods, { namespace, name }, { gracePeriodSeconds: 0, preconditions: { uid } });
  } catch (error) {
    if (!(error instanceof StatusError && (error.code === 404 || error.code === 409))) throw error;
  }
}
