/** The secrets that a pod names for its images, as far as they can be read. */

import { secrets } from '#api/generated/kinds.gen.ts';
import type { Secret } from '#api/generated/types.gen.ts';
import type { ObjectSource } from '../pod/objects/object-source.ts';
import type { NodePod } from '../pod/pod.ts';

export interface PullSecrets {
  readonly found: readonly Secret[];
  /** Names of those that do not exist or cannot be read. */
  readonly missing: readonly string[];
}

export async function readPullSecrets(objects: ObjectSource, pod: NodePod): Promise<PullSecrets> {
  const found: Secret[] = [];
  const missing: string[] = [];
  for (const { name = '' } of pod.spec.imagePullSecrets ?? []) {
    const secret = await objects.get(secrets, pod.metadata.namespace ?? '', name).catch(() => undefined);
    if (secret) found.push(secret);
    else missing.push(name);
  }
  return { found, missing };
}
