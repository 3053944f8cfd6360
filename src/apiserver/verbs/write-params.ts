/** The query of a write, judged with upstream's texts: dryRun, fieldManager, fieldValidation, force. */

import { invalid } from '#api/meta/status.ts';
import {
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  tooLong,
} from '#api/validation/field-error.ts';
import { byteLength } from '#api/validation/validators.ts';
import { type Exchange, warn } from '../request/exchange.ts';
import type { WriteContext } from '../storage/write/write.ts';

export type OptionsKind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions' | 'DeleteOptions';

export function writeContext(exchange: Exchange, kind: OptionsKind): WriteContext {
  const { info, user } = exchange;
  const dryRun = given(info.query, 'dryRun');
  checkOptions(kind, kind === 'DeleteOptions' ? checkDryRun(dryRun) : queryErrors(info.query, kind, dryRun));
  return {
    user,
    dryRun: dryRun.length > 0,
    subresource: info.subresource,
    checked: true,
    bodyBytes: exchange.request.body?.length ?? 0,
    warn: (text) => warn(exchange, text),
  };
}

function given(query: URLSearchParams, name: string): string[] {
  return query.getAll(name).filter((value) => value !== '');
}

/** Where the options come in a body, or are read by a special handler. */
export function dryRunOf(values: readonly string[], kind: OptionsKind): boolean {
  checkOptions(kind, checkDryRun(values));
  return values.length > 0;
}

function checkOptions(kind: OptionsKind, errors: FieldError[]): void {
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind }, '', errors);
}

const validations = ['', 'Ignore', 'Strict', 'Warn'];

function queryErrors(query: URLSearchParams, kind: OptionsKind, dryRun: readonly string[]): FieldError[] {
  const validation = query.get('fieldValidation') ?? '';
  return [
    // Only an apply has something to force.
    ...(kind === 'PatchOptions' && query.has('force')
      ? [forbiddenField('force', 'may not be specified for non-apply patch')]
      : []),
    ...checkManager(query.get('fieldManager') ?? ''),
    ...checkDryRun(dryRun),
    ...(validations.includes(validation) ? [] : [notSupported('fieldValidation', validation, validations)]),
  ];
}

const managerMaxBytes = 128;
const unprintable = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u;

function checkManager(manager: string): FieldError[] {
  const errors: FieldError[] = [];
  if (byteLength(manager) > managerMaxBytes) errors.push(tooLong('fieldManager', managerMaxBytes));
  if (unprintable.test(manager)) {
    errors.push(invalidValue('fieldManager', manager, 'should only contain printable characters'));
  }
  return errors;
}

function checkDryRun(values: readonly string[]): FieldError[] {
  return values.every((value) => value === 'All') ? [] : [notSupported('dryRun', values, ['All'])];
}
