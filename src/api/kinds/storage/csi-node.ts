/** CSINode: the storage drivers of a node. */

import { csiNodes } from '../../generated/kinds.gen.ts';
import { ageOf, nameOf } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, column, nameColumn } from '../../kind/printer.ts';
import { withoutStorageDrivers } from '../../kind/unbuilt.ts';

export const csiNode = defineKind(csiNodes, {
  unbuilt: withoutStorageDrivers,
  printer: {
    columns: [nameColumn, column('Drivers', 'integer'), ageColumn],
    cells: (node, nowMs) => [nameOf(node), node.spec.drivers?.length ?? 0, ageOf(node, nowMs)],
  },
});
