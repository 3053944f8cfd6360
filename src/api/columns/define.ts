/** The one shape of every printed kind: its columns, and a row for one object. */

import type { KubeObject } from '../meta/object.ts';
import type { ResourceType } from '../meta/resource.ts';

/** As in meta.k8s.io/v1 Table. */
export interface ColumnDefinition {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  /** 0 is always shown, 1 only with `-o wide`. */
  readonly priority: number;
}

export interface PrintedKind<T extends KubeObject = KubeObject> {
  readonly type: ResourceType<T>;
  readonly columns: readonly ColumnDefinition[];
  /** One value per column, in their order. */
  cells(object: T, nowMs: number): unknown[];
  /** What makes a row different from others to whoever shows it. */
  conditions?(object: T): readonly RowCondition[];
}

/** As in meta.k8s.io/v1 TableRow. */
export interface RowCondition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

export function definePrinted<T extends KubeObject>(
  type: ResourceType<T>,
  columns: readonly ColumnDefinition[],
  cells: (object: T, nowMs: number) => unknown[],
  conditions?: (object: T) => readonly RowCondition[],
): PrintedKind {
  const kind = { type: type as ResourceType, columns, cells: cells as PrintedKind['cells'] };
  return conditions ? { ...kind, conditions: conditions as PrintedKind['conditions'] } : kind;
}

export function column(name: string, type = 'string', priority = 0, format = ''): ColumnDefinition {
  return { name, type, format, description: '', priority };
}

export function wideColumn(name: string, type = 'string'): ColumnDefinition {
  return column(name, type, 1);
}

export const nameColumn = column('Name', 'string', 0, 'name');
export const ageColumn = column('Age');
