/** Deletes from the API a pod of which nothing is left on the node, unless its name has a new pod by now. */

import { pods } from '#api/generated/kinds.gen.ts';
import { StatusError } from '#api/meta/status.ts';
import type { Client } from '#client/client.ts';
import type { NodePod } from '../../pod/pod.ts';

export async function deletePod(client: Client, pod: NodePod): Promise<void> {
  const { namespace = '', name, uid } = pod.metadata;
  try {
    await client.delete(pods, { namespace, name }, { gracePeriodSeconds: 0, preconditions: { uid } });
  } catch (error) {
    if (!(error instanceof StatusError && (error.code === 404 || error.code === 409))) throw error;
  }
}
