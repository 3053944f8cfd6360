/** Reads and judges the query of a list or watch, with upstream's texts. */

import { booleanOf, numberOf } from '#api/http/query-parameters.ts';
import { badRequest, invalid } from '#api/meta/status.ts';
import { type FieldError, forbiddenField, notSupported } from '#api/validation/field-error.ts';
import { versionProblem } from '../../codec/decode/resource-version.ts';

export interface ListParams {
  /** Undefined when not given; 0 means: anything you have. */
  readonly revision: number | undefined;
  /** Without leading zeros; a number may round it. */
  readonly revisionText: string | undefined;
  readonly match: 'Exact' | 'NotOlderThan' | '';
  readonly limit: number;
  readonly continueToken: string;
  readonly sendInitialEvents: boolean | undefined;
  readonly allowBookmarks: boolean;
  readonly timeoutSeconds: number | undefined;
}

export function readListParams(query: URLSearchParams, isWatch: boolean): ListParams {
  const match = query.get('resourceVersionMatch') ?? '';
  const initial = query.has('sendInitialEvents') ? booleanOf(query, 'sendInitialEvents') : undefined;
  const revisionText = revisionParam(query, isWatch ? '' : 'invalid resource version: ');
  const params = {
    revision: revisionText === undefined ? undefined : Number(revisionText),
    revisionText,
    match: match as ListParams['match'],
    limit: numberOf(query, 'limit') ?? 0,
    continueToken: query.get('continue') ?? '',
    sendInitialEvents: initial,
    allowBookmarks: booleanOf(query, 'allowWatchBookmarks'),
    timeoutSeconds: numberOf(query, 'timeoutSeconds'),
  };
  const errors = isWatch ? watchErrors(params) : listErrors(params);
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors);
  return params;
}

/** `prefix`: a list says in more words that a version is none. */
export function revisionParam(query: URLSearchParams, prefix = ''): string | undefined {
  const text = query.get('resourceVersion') ?? '';
  if (text === '') return undefined;
  const why = versionProblem(text);
  if (why) {
    throw badRequest(`${prefix}resourceVersion: Invalid value: ${JSON.stringify(text)}: ${why}`);
  }
  return String(BigInt(text));
}

function listErrors(params: ListParams): FieldError[] {
  const { match } = params;
  if (params.sendInitialEvents !== undefined) {
    return [forbiddenField('sendInitialEvents', 'sendInitialEvents is forbidden for list')];
  }
  if (match === '') return [];
  const field = 'resourceVersionMatch';
  const errors: FieldError[] = [];
  if (params.continueToken !== '') {
    errors.push(forbiddenField(field, 'resourceVersionMatch is forbidden when continue is provided'));
  }
  if (params.revision === undefined) {
    errors.push(
      forbiddenField(field, 'resourceVersionMatch is forbidden unless resourceVersion is provided'),
    );
  }
  if (match !== 'Exact' && match !== 'NotOlderThan') {
    errors.push(notSupported(field, match, ['Exact', 'NotOlderThan', '']));
  }
  if (match === 'Exact' && params.revision === 0) {
    errors.push(forbiddenField(field, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
  }
  return errors;
}

function watchErrors(params: ListParams): FieldError[] {
  const field = 'resourceVersionMatch';
  if (params.sendInitialEvents === undefined) {
    if (params.match === '') return [];
    const why = 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided';
    return [forbiddenField(field, why)];
  }
  const errors: FieldError[] = [];
  if (params.match !== 'NotOlderThan') {
    const why = 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan';
    errors.push(forbiddenField(field, why));
    if (params.match !== '') errors.push(notSupported(field, params.match, ['NotOlderThan']));
  }
  if (params.sendInitialEvents && !params.allowBookmarks) {
    errors.push(
      forbiddenField('allowWatchBookmarks', 'sendInitialEvents requires setting allowWatchBookmarks to true'),
    );
  }
  return errors;
}
