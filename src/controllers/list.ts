/** Every controller there is, in one list. */

import type { ControllerDefinition } from '#client/controller.ts';
import { clusterRoleAggregation } from './cluster-role-aggregation.ts';
import { cronJob } from './cron-job.ts';
import { daemonSet } from './daemon-set.ts';
import { deployment } from './deployment.ts';
import { disruption } from './disruption.ts';
import { endpointSlice } from './endpoint-slice.ts';
import { endpointSliceMirroring } from './endpoint-slice-mirroring.ts';
import { endpoints } from './endpoints.ts';
import { garbageCollector } from './garbage-collector.ts';
import { job } from './job.ts';
import { namespaceController } from './namespace.ts';
import { nodeLifecycle } from './node-lifecycle.ts';
import { podGc } from './pod-gc.ts';
import { pvProtection } from './pv-protection.ts';
import { pvcProtection } from './pvc-protection.ts';
import { replicaSet } from './replica-set.ts';
import { replicationController } from './replication-controller.ts';
import { resourceQuota } from './resource-quota.ts';
import { serviceAccount } from './service-account.ts';
import { staleDisruption } from './stale-disruption.ts';
import { statefulSet } from './stateful-set.ts';
import { taintEviction } from './taint-eviction.ts';
import { ttl } from './ttl.ts';
import { ttlAfterFinished } from './ttl-after-finished.ts';

export const controllers: readonly ControllerDefinition[] = [
  clusterRoleAggregation,
  cronJob,
  daemonSet,
  deployment,
  disruption,
  endpoints,
  endpointSlice,
  endpointSliceMirroring,
  garbageCollector,
  job,
  namespaceController,
  nodeLifecycle,
  podGc,
  pvProtection,
  pvcProtection,
  replicaSet,
  replicationController,
  resourceQuota,
  serviceAccount,
  staleDisruption,
  statefulSet,
  taintEviction,
  ttl,
  ttlAfterFinished,
];
