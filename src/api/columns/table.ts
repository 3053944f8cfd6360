/** Columns and rows of a meta.k8s.io/v1 Table for any resource; Name and Created At where a kind has no own columns. */

import type { KubeObject } from '../meta/object.ts';
import { type ColumnDefinition, column, nameColumn, type PrintedKind, type RowCondition } from './define.ts';
import { printedKinds } from './printed.ts';

interface Printable {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
}

const byResource = new Map(printedKinds.map((one) => [keyOf(one.type), one]));

function keyOf({ group, version, resource }: Printable): string {
  return `${group}/${version}/${resource}`;
}

const genericColumns = [nameColumn, column('Created At', 'date')];

const generic: Pick<PrintedKind, 'columns' | 'cells' | 'conditions'> = {
  columns: genericColumns,
  cells: (object) => [object.metadata?.name ?? '', object.metadata?.creationTimestamp ?? '<unknown>'],
};

export function tableColumns(def: Printable): readonly ColumnDefinition[] {
  return (byResource.get(keyOf(def)) ?? generic).columns;
}

export function tableCells(def: Printable, object: KubeObject, nowMs: number): unknown[] {
  return (byResource.get(keyOf(def)) ?? generic).cells(object, nowMs);
}

/** Nothing for most rows. */
export function tableConditions(def: Printable, object: KubeObject): readonly RowCondition[] | undefined {
  return (byResource.get(keyOf(def)) ?? generic).conditions?.(object);
}
