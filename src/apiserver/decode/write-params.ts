/** The query of a write: dryRun and fieldManager, judged with upstream's texts. */

import { notSupported } from '#api/field-error.ts';
import { invalid } from '#api/status.ts';
import { type Exchange, warn } from '../exchange.ts';
import type { WriteContext } from '../objects/write.ts';

export function writeContext(exchange: Exchange, optionsKind: string): WriteContext {
  const { info, user } = exchange;
  return {
    user,
    dryRun: dryRunParam(info.query.getAll('dryRun'), optionsKind),
    subresource: info.subresource,
    checked: true,
    warn: (text) => warn(exchange, text),
  };
}

export function dryRunParam(values: readonly string[], optionsKind: string): boolean {
  const given = values.filter((value) => value !== '');
  if (given.length === 0) return false;
  if (given.every((value) => value === 'All')) return true;
  const error = notSupported('dryRun', given, ['All']);
  throw invalid({ group: 'meta.k8s.io', kind: optionsKind }, '', [error]);
}
