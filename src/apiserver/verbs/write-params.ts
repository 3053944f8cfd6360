/** The query of a write, judged with upstream's texts: dryRun, fieldManager, fieldValidation, force. */

import { managerOfText, validateManager } from '#api/meta/managers.ts';
import { invalid } from '#api/meta/status.ts';
import { type FieldError, forbiddenField, notSupported, required } from '#api/validation/field-error.ts';
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
    ...validateManager(query.get('fieldManager') ?? '', 'fieldManager'),
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
  const name = managerOfText(agent.split('/', 1)[0]!);
  if (agents.size < agentsMax) agents.set(agent, name);
  return name;
}

function checkDryRun(values: readonly string[]): FieldError[] {
  return values.every((value) => value === 'All') ? [] : [notSupported('dryRun', values, ['All'])];
}
