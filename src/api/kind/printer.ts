/** The table of a kind: its columns, and a row for an object. */

import { ownValue } from '#base/own-value.ts';
import type { KubeObject } from '../meta/object.ts';
import type { OpenAges } from '../values/duration.ts';
import { columnDescriptions } from './column-descriptions.ts';

/** In milliseconds, or ages are left open. */
export type PrintTime = number | OpenAges;

/** As in meta.k8s.io/v1 Table. */
export interface ColumnDefinition {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  /** 0 is always shown, 1 only with `-o wide`. */
  readonly priority: number;
}

export interface Printer<T extends KubeObject = KubeObject> {
  readonly columns: readonly ColumnDefinition[];
  /** One value for each column, in their order. Time goes into them by `humanAge` alone. */
  cells(object: T, now: PrintTime): unknown[];
  /** Marks special rows; most rows have none. */
  conditions?(object: T): readonly RowCondition[];
}

/** As in meta.k8s.io/v1 TableRow. */
export interface RowCondition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

export function column(name: string, type = 'string', priority = 0, format = ''): ColumnDefinition {
  const description = ownValue(columnDescriptions, name) ?? '';
  return { name, type, format, description, priority };
}

export function wideColumn(name: string, type = 'string'): ColumnDefinition {
  return column(name, type, 1);
}

export const nameColumn = column('Name', 'string', 0, 'name');
export const ageColumn = column('Age');

/** How Go writes a time that was never set. */
const zeroTime = '0001-01-01T00:00:00Z';

/** For kinds without columns of their own. */
export const plainPrinter: Printer = {
  columns: [nameColumn, column('Created At', 'date')],
  cells: ({ metadata }) => [metadata?.name ?? '', metadata?.creationTimestamp ?? zeroTime],
};
