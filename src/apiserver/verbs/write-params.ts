/** The query of a write, judged with upstream's texts: dryRun, fieldManager, fieldValidation, force. */

import { invalid } from '#api/meta/status.ts';
import {
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
  tooLong,
} from '#api/validation/field-error.ts';
import { byteLength } from '#api/validation/validators.ts';
import { type Exchange, warn } from '../request/exchange.ts';
import { ExchangeFacts } from '../request/request-facts.ts';
import type { WriteContext } from '../storage/write/write.ts';

export type OptionsKind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions' | 'DeleteOptions';

/** `isApply`: a configuration is applied, which settles who owns what. */
export function writeContext(exchange: Exchange, kind: OptionsKind, isApply = false): WriteContext {
  const { info, user } = exchange;
  const dryRun = given(info.query, 'dryRun');
  checkOptions(
    kind,
    kind === 'DeleteOptions' ? checkDryRun(dryRun) : queryErrors(info.query, kind, dryRun, isApply),
  );
  return {
    user,
    dryRun: dryRun.length > 0,
    subresource: info.subresource,
    checked: true,
    ...(isApply ? {} : { manager: managerOf(exchange) }),
    bodyBytes: exchange.request.body?.length ?? 0,
    request: new ExchangeFacts(exchange),
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

function queryErrors(
  query: URLSearchParams,
  kind: OptionsKind,
  dryRun: readonly string[],
  isApply: boolean,
): FieldError[] {
  const validation = query.get('fieldValidation') ?? '';
  return [
    ...(kind === 'PatchOptions' ? checkApply(query, isApply) : []),
    ...checkManager(query.get('fieldManager') ?? ''),
    ...checkDryRun(dryRun),
    ...(validations.includes(validation) ? [] : [notSupported('fieldValidation', validation, validations)]),
  ];
}

/** Only an apply has something to force; it does not guess who applies. */
function checkApply(query: URLSearchParams, isApply: boolean): FieldError[] {
  if (!isApply) {
    return query.has('force') ? [forbiddenField('force', 'may not be specified for non-apply patch')] : [];
  }
  return query.get('fieldManager') ? [] : [required('fieldManager', 'is required for apply patch')];
}

const managerMaxBytes = 128;
const unprintable = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u;

/** The default is the first part of the User-Agent. */
export function managerOf({ info, request }: Exchange): string {
  const given = info.query.get('fieldManager');
  return given || agentName(request.headers['user-agent'] ?? '');
}

/** The same few come back with every request. */
const agents = new Map<string, string>();
const agentsMax = 256;

function agentName(agent: string): string {
  const known = agents.get(agent);
  if (known !== undefined) return known;
  const name = printableBegin(agent.split('/', 1)[0]!);
  if (agents.size < agentsMax) agents.set(agent, name);
  return name;
}

function printableBegin(text: string): string {
  let name = '';
  let bytes = 0;
  for (const character of text) {
    if (unprintable.test(character)) continue;
    bytes += byteLength(character);
    if (bytes > managerMaxBytes) break;
    name += character;
  }
  return name;
}

function checkManager(manager: string): FieldError[] {
  const errors: FieldError[] = [];
  if (byteLength(manager) > managerMaxBytes) errors.push(tooLong('fieldManager', managerMaxBytes));
  let at = 0;
  for (const character of manager) {
    if (unprintable.test(character)) {
      const code = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
      const detail = `invalid character U+${code} (at position ${at})`;
      errors.push(invalidValue('fieldManager', manager, detail));
    }
    at += byteLength(character);
  }
  return errors;
}

function checkDryRun(values: readonly string[]): FieldError[] {
  return values.every((value) => value === 'All') ? [] : [notSupported('dryRun', values, ['All'])];
}
