/** The columns of what runs pods: Deployment, ReplicaSet, ReplicationController, StatefulSet, DaemonSet. */

import {
  daemonSets,
  deployments,
  replicaSets,
  replicationControllers,
  statefulSets,
} from '../generated/kinds.gen.ts';
import type { PodSpec, ReplicaSet, ReplicationController } from '../generated/types.gen.ts';
import { formatLabelSelector } from '../selectors/selector.ts';
import { ageOf, containerImages, containerNames, formatLabels, nameOf } from './cells.ts';
import { ageColumn, column, definePrinted, nameColumn, wideColumn } from './define.ts';

const containerColumns = [wideColumn('Containers'), wideColumn('Images')];
const replicaColumns = [
  column('Desired', 'integer'),
  column('Current', 'integer'),
  column('Ready', 'integer'),
];
const templateColumns = [...containerColumns, wideColumn('Selector')];

function containerCells(spec: PodSpec | undefined): string[] {
  return [containerNames(spec?.containers), containerImages(spec?.containers)];
}

export const deploymentColumns = definePrinted(
  deployments,
  [
    nameColumn,
    column('Ready'),
    column('Up-to-date', 'integer'),
    column('Available', 'integer'),
    ageColumn,
    ...templateColumns,
  ],
  (one, nowMs) => [
    nameOf(one),
    `${one.status?.readyReplicas ?? 0}/${one.spec?.replicas ?? 0}`,
    one.status?.updatedReplicas ?? 0,
    one.status?.availableReplicas ?? 0,
    ageOf(one, nowMs),
    ...containerCells(one.spec?.template.spec),
    formatLabelSelector(one.spec?.selector),
  ],
);

function replicaCells(one: ReplicaSet | ReplicationController, nowMs: number): unknown[] {
  return [
    nameOf(one),
    one.spec?.replicas ?? 0,
    one.status?.replicas ?? 0,
    one.status?.readyReplicas ?? 0,
    ageOf(one, nowMs),
    ...containerCells(one.spec?.template?.spec),
  ];
}

export const replicaSetColumns = definePrinted(
  replicaSets,
  [nameColumn, ...replicaColumns, ageColumn, ...templateColumns],
  (one, nowMs) => [...replicaCells(one, nowMs), formatLabelSelector(one.spec?.selector)],
);

export const replicationControllerColumns = definePrinted(
  replicationControllers,
  [nameColumn, ...replicaColumns, ageColumn, ...templateColumns],
  (one, nowMs) => [...replicaCells(one, nowMs), formatLabels(one.spec?.selector)],
);

export const statefulSetColumns = definePrinted(
  statefulSets,
  [nameColumn, column('Ready'), ageColumn, ...containerColumns],
  (one, nowMs) => [
    nameOf(one),
    `${one.status?.readyReplicas ?? 0}/${one.spec?.replicas ?? 0}`,
    ageOf(one, nowMs),
    ...containerCells(one.spec?.template.spec),
  ],
);

export const daemonSetColumns = definePrinted(
  daemonSets,
  [
    nameColumn,
    ...replicaColumns,
    column('Up-to-date', 'integer'),
    column('Available', 'integer'),
    column('Node Selector'),
    ageColumn,
    ...templateColumns,
  ],
  (one, nowMs) => [
    nameOf(one),
    one.status?.desiredNumberScheduled ?? 0,
    one.status?.currentNumberScheduled ?? 0,
    one.status?.numberReady ?? 0,
    one.status?.updatedNumberScheduled ?? 0,
    one.status?.numberAvailable ?? 0,
    formatLabels(one.spec?.template.spec?.nodeSelector),
    ageOf(one, nowMs),
    ...containerCells(one.spec?.template.spec),
    formatLabelSelector(one.spec?.selector),
  ],
);
