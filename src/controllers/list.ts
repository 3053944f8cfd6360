/** Every controller there is, in one list. */

import type { ControllerDefinition } from '#client/controller.ts';
import { deployment } from './deployment.ts';
import { replicaSet } from './replica-set.ts';
import { replicationController } from './replication-controller.ts';

export const controllers: readonly ControllerDefinition[] = [deployment, replicaSet, replicationController];
