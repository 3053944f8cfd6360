/** Which pods use a claim: an index over pods that the controllers of claims share. */

import type { Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { claimKeysOf } from '#api/volumes/ephemeral.ts';
import type { Informer } from '#client/informers/informer.ts';

const index = 'claim';

export function indexByClaim(pods: Informer<Pod>): void {
  pods.addIndex(index, claimKeysOf);
}

/** By the claim's key `namespace/name`; needs `indexByClaim`. */
export function podsOfClaim(pods: Pick<Informer<Pod>, 'byIndex'>, key: string): Stored<Pod>[] {
  return pods.byIndex(index, key);
}
