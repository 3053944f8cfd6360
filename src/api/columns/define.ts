/** The one shape of every printed kind: its columns, and a row for one object. */

import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource.ts';

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
}

export function definePrinted<T extends KubeObject>(
  type: ResourceType<T>,
  columns: readonly ColumnDefinition[],
  cells: (object: T, nowMs: number) => unknown[],
): PrintedKind {
  return { type: type as ResourceType, columns, cells: cells as PrintedKind['cells'] };
}

export function column(name: string, type = 'string', priority = 0, format = ''): ColumnDefinition {
  return { name, type, format, description: '', priority };
}

export function wideColumn(name: string, type = 'string'): ColumnDefinition {
  return column(name, type, 1);
}

export const nameColumn = column('Name', 'string', 0, 'name');
export const ageColumn = column('Age');
