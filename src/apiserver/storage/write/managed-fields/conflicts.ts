/** 409: an applied configuration would take fields from other managers. */

import { type FieldSet, forEachPath } from '#api/fields/field-set.ts';
import { pathText } from '#api/fields/path-element.ts';
import { failure, type StatusError } from '#api/meta/status.ts';
import { goQuoted } from '#wire/json/go-values.ts';
import type { FieldManager } from './field-managers.ts';

/** `conflicts`: the fields of each manager, in the order of `managerId`. */
export function applyConflict(conflicts: readonly (readonly [FieldManager, FieldSet])[]): StatusError {
  const lines: string[] = [];
  const causes: { reason: string; message: string; field: string }[] = [];
  for (const [fieldManager, set] of conflicts) {
    const by = managerText(fieldManager);
    lines.push(`conflicts with ${by}:`);
    forEachPath(set, (path) => {
      const field = pathText(path);
      lines.push(`- ${field}`);
      causes.push({ reason: 'FieldManagerConflict', message: `conflict with ${by}`, field });
    });
  }
  const [only] = causes;
  const what =
    causes.length === 1
      ? `1 conflict: ${only!.message}: ${only!.field}`
      : `${causes.length} conflicts: ${lines.join('\n')}`;
  return failure(409, 'Conflict', `Apply failed with ${what}`, { causes });
}

function managerText({ manager, operation, apiVersion, subresource }: FieldManager): string {
  const through = subresource ? ` with subresource ${goQuoted(subresource)}` : '';
  return `${goQuoted(manager)}${through}${operation === 'Update' ? ` using ${apiVersion}` : ''}`;
}
