/** Columns that the workload kinds share. */

import type { PodSpec, ReplicaSet, ReplicationController } from '../../generated/types.gen.ts';
import { ageOf, containerImages, containerNames, nameOf } from '../../kind/cells.ts';
import { column, type PrintTime, wideColumn } from '../../kind/printer.ts';

export const containerColumns = [wideColumn('Containers'), wideColumn('Images')];

export const replicaColumns = [
  column('Desired', 'integer'),
  column('Current', 'integer'),
  column('Ready', 'integer'),
];

export const templateColumns = [...containerColumns, wideColumn('Selector')];

export function containerCells(spec: PodSpec | undefined): string[] {
  return [containerNames(spec?.containers), containerImages(spec?.containers)];
}

export function replicaCells(owner: ReplicaSet | ReplicationController, now: PrintTime): unknown[] {
  return [
    nameOf(owner),
    owner.spec?.replicas ?? 0,
    owner.status?.replicas ?? 0,
    owner.status?.readyReplicas ?? 0,
    ageOf(owner, now),
    ...containerCells(owner.spec?.template?.spec),
  ];
}
