/** The explicit list of kinds with columns of their own. */

import * as admission from './admission.ts';
import { autoscalerColumns, autoscalerV1Columns, disruptionBudgetColumns } from './autoscaling.ts';
import * as cluster from './cluster.ts';
import * as core from './core.ts';
import type { PrintedKind } from './define.ts';
import * as devices from './devices.ts';
import { endpointSliceColumns, endpointsColumns } from './endpoints.ts';
import { eventColumns, eventsV1Columns } from './event.ts';
import { cronJobColumns, jobColumns } from './job.ts';
import * as networking from './networking.ts';
import { nodeColumns } from './node.ts';
import { podColumns } from './pod.ts';
import { clusterRoleBindingColumns, roleBindingColumns } from './rbac.ts';
import { serviceColumns } from './service.ts';
import * as storage from './storage.ts';
import { persistentVolumeClaimColumns, persistentVolumeColumns } from './volumes.ts';
import * as workloads from './workloads.ts';

export const printedKinds: readonly PrintedKind[] = [
  podColumns,
  serviceColumns,
  nodeColumns,
  endpointsColumns,
  endpointSliceColumns,
  eventColumns,
  eventsV1Columns,
  jobColumns,
  cronJobColumns,
  roleBindingColumns,
  clusterRoleBindingColumns,
  persistentVolumeColumns,
  persistentVolumeClaimColumns,
  autoscalerColumns,
  autoscalerV1Columns,
  disruptionBudgetColumns,
  ...Object.values(workloads),
  ...Object.values(core),
  ...Object.values(networking),
  ...Object.values(storage),
  ...Object.values(admission),
  ...Object.values(cluster),
  ...Object.values(devices),
];
