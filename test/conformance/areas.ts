/** The explicit list of written areas; the key is the file of upstream's suite without folder and ending. */

import { deployment } from './apps/deployment.ts';
import { rc } from './apps/rc.ts';
import { replicaSet } from './apps/replica-set.ts';
import type { Behaviour } from './behaviour.ts';

export const areas: Readonly<Record<string, readonly Behaviour[]>> = {
  'apps/deployment': deployment,
  'apps/replica_set': replicaSet,
  'apps/rc': rc,
};
