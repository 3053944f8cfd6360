/** The printer of a custom resource: the name, and the values at the paths of its columns. */

import type { CustomResourceColumnDefinition } from '../../generated/types.gen.ts';
import { canonicalTime, GoTimeError } from '../../go/time.ts';
import { columnDescriptions } from '../../kind/column-descriptions.ts';
import { type ColumnDefinition, nameColumn, type Printer, type PrintTime } from '../../kind/printer.ts';
import type { AnyObject } from '../../meta/object.ts';
import { humanAge } from '../../values/duration.ts';
import { type JsonPath, jsonPath } from './json-path.ts';

const ageColumn: CustomResourceColumnDefinition = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
};

interface Column {
  readonly definition: ColumnDefinition;
  readonly path: JsonPath;
}

/** A column with an invalid path, and all columns after it, are left out. */
export function customPrinter(
  columns: readonly CustomResourceColumnDefinition[] | undefined,
): Printer<AnyObject> {
  const given = columns && columns.length > 0 ? columns : [ageColumn];
  const read: Column[] = [];
  for (const column of given) {
    const path = jsonPath(column.jsonPath);
    if (!path) break;
    read.push({ definition: definitionOf(column), path });
  }
  return {
    columns: [nameColumn, ...read.map(({ definition }) => definition)],
    cells: (object, now) => [
      object.metadata?.name ?? '',
      ...read.map(({ definition, path }) => cellOf(path(object)[0], definition.type, now)),
    ],
  };
}

function definitionOf(column: CustomResourceColumnDefinition): ColumnDefinition {
  const { name, type, format = '', priority = 0, jsonPath, description } = column;
  const isOwn = column !== ageColumn;
  const text = isOwn
    ? `Custom resource definition column (in JSONPath format): ${jsonPath}`
    : columnDescriptions['Age'];
  return { name, type, format, description: description || (text ?? ''), priority };
}

/** Null for an absent value, and for a value that is not of the column's type. */
function cellOf(value: unknown, type: string, now: PrintTime): unknown {
  if (value === undefined || value === null) return null;
  switch (type) {
    case 'string':
      return typeof value === 'object' ? JSON.stringify(value) : String(value);
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : typeof value === 'bigint' ? value : null;
    case 'number':
      return typeof value === 'number' || typeof value === 'bigint' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      return typeof value === 'string' ? ageOf(value, now) : null;
    default:
      return null;
  }
}

function ageOf(text: string, now: PrintTime): string {
  try {
    return humanAge(canonicalTime(text) ?? undefined, now);
  } catch (error) {
    if (error instanceof GoTimeError) return '<invalid>';
    throw error;
  }
}
