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

/** Of a list, a watch or a deletion of many: `watch` in the query says by which rules it is judged. */
export function readListParams(query: URLSearchParams): ListParams {
  const isWatch = booleanOf(query, 'watch');
  const asked = {
    match: query.get('resourceVersionMatch') ?? '',
    limit: numberOf(query, 'limit') ?? 0,
    continueToken: query.get('continue') ?? '',
    sendInitialEvents: query.has('sendInitialEvents') ? booleanOf(query, 'sendInitialEvents') : undefined,
    allowBookmarks: booleanOf(query, 'allowWatchBookmarks'),
    timeoutSeconds: numberOf(query, 'timeoutSeconds'),
  };
  const version = query.get('resourceVersion') ?? '';
  const params = isWatch ? withWatchDefaults(asked, version) : asked;
  const errors = isWatch ? watchErrors(params) : listErrors(params, version);
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors);
  const match = params.match as ListParams['match'];
  // A continue token has a revision of its own, and no other is read beside it.
  if (!isWatch && params.continueToken !== '') {
    const isGiven = version !== '' && version !== '0';
    return { ...params, match, revision: undefined, revisionText: isGiven ? version : undefined };
  }
  const revisionText = revisionParam(query, isWatch ? '' : 'invalid resource version: ');
  const revision = revisionText === undefined ? undefined : Number(revisionText);
  return { ...params, match, revision, revisionText };
}

type Asked = Omit<ListParams, 'match' | 'revision' | 'revisionText'> & { readonly match: string };

/** A watch that begins nowhere begins with the objects of now. */
function withWatchDefaults(asked: Asked, version: string): Asked {
  const isLegacy = asked.sendInitialEvents === undefined && asked.match === '';
  if (!isLegacy || (version !== '' && version !== '0')) return asked;
  return { ...asked, sendInitialEvents: true, match: 'NotOlderThan' };
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

const matchField = 'resourceVersionMatch';

function listErrors({ match, continueToken, sendInitialEvents }: Asked, version: string): FieldError[] {
  const errors: FieldError[] = [];
  const forbid = (why: string) => errors.push(forbiddenField(matchField, why));
  if (match !== '') {
    if (version === '') forbid('resourceVersionMatch is forbidden unless resourceVersion is provided');
    if (continueToken !== '') forbid('resourceVersionMatch is forbidden when continue is provided');
    if (match !== 'Exact' && match !== 'NotOlderThan') {
      errors.push(notSupported(matchField, match, ['Exact', 'NotOlderThan', '']));
    }
    if (match === 'Exact' && version === '0') {
      forbid('resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
    }
  }
  if (sendInitialEvents !== undefined) {
    errors.push(forbiddenField('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  }
  return errors;
}

function watchErrors({ match, continueToken, sendInitialEvents }: Asked): FieldError[] {
  const errors: FieldError[] = [];
  const forbid = (why: string) => errors.push(forbiddenField(matchField, why));
  const isInitial = sendInitialEvents !== undefined;
  if (isInitial && match !== 'NotOlderThan') {
    forbid('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
  }
  if (match === '') return errors;
  if (!isInitial) {
    forbid('resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided');
  }
  if (match !== 'NotOlderThan') errors.push(notSupported(matchField, match, ['NotOlderThan']));
  if (continueToken !== '') {
    forbid('resourceVersionMatch is forbidden when continue is provided');
  }
  return errors;
}
