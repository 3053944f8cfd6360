/**
 * What happens to an object on its way into the store, in order. A step changes the object in place or throws.
 *
 *   decode → bound size → setDefaults → bound size → mutate → setDefaults → prepare → allocate → validate → admit → warn → store → encode
 *
 * Decoding comes before, storing after: `objects/try-write.ts` runs this list once for each try.
 */

import { inOrder } from '#base/in-order.ts';
import { refuseCertainlyTooLarge } from '../object-size.ts';
import type { Write } from '../write.ts';
import { admitMutating, admitValidating } from './admit.ts';
import { allocate } from './allocate.ts';
import { prepare } from './prepare.ts';
import { setDefaults } from './set-defaults.ts';
import { validate } from './validate.ts';
import { warnOfUnbuilt } from './warn-of-unbuilt.ts';

type WriteStage = (write: Write) => Promise<void> | void;

const stages: readonly WriteStage[] = [
  refuseCertainlyTooLarge,
  setDefaults,
  refuseCertainlyTooLarge,
  admitMutating,
  setDefaults,
  prepare,
  allocate,
  validate,
  admitValidating,
  warnOfUnbuilt,
];

export function prepareWrite(write: Write): Promise<void> | undefined {
  return inOrder(stages, (stage) => stage(write));
}
