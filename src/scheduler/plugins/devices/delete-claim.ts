/** Deletes a claim that this scheduler has created, allocated or not. */

import { claimFinalizer } from '#api/devices/names.ts';
import { resourceClaims } from '#api/generated/kinds.gen.ts';
import { StatusError } from '#api/meta/status.ts';
import type { Client } from '#client/client.ts';
import type { Claim } from './claims-of-pod.ts';

/** A claim that is gone already is no failure. */
export async function deleteClaim(client: Client, { metadata }: Claim): Promise<void> {
  const { namespace = '', name, uid } = metadata;
  const at = { namespace, name };
  try {
    const patch = { metadata: { uid, finalizers: withoutFinalizer(metadata.finalizers) } };
    await client.patch(resourceClaims, at, 'merge', patch);
    await client.delete(resourceClaims, at, { preconditions: { uid } });
  } catch (error) {
    if (!(error instanceof StatusError && error.code === 404)) throw error;
  }
}

function withoutFinalizer(finalizers: readonly string[] | undefined): string[] | null {
  const left = (finalizers ?? []).filter((each) => each !== claimFinalizer);
  return left.length === 0 ? null : left;
}
