/**
 * PodLogOptions: the query of `pods/log` at the API server and of `/containerLogs` at the kubelet, decoded,
 * validated, encoded.
 */

import { canonicalTime, GoTimeError } from '../go/time.ts';
import { booleanOf, integerOf } from '../http/query-parameters.ts';
import { badRequest } from '../meta/status.ts';
import {
  type FieldError,
  forbiddenField,
  invalidValue,
  noField,
  notSupported,
} from '../validation/field-error.ts';

export interface PodLogOptions {
  readonly follow: boolean;
  readonly previous: boolean;
  readonly timestamps: boolean;
  readonly tailLines?: bigint;
  readonly limitBytes?: bigint;
  readonly sinceSeconds?: bigint;
  /** In whole seconds and UTC. */
  readonly sinceTime?: string;
  /** One of `logStreams`, after validation. */
  readonly stream: string;
}

const flags = ['follow', 'previous', 'timestamps'] as const;
/** Minimum values of numbers, in upstream's order of validation. */
const numbers = [
  ['tailLines', 0n, 'must be greater than or equal to 0'],
  ['limitBytes', 1n, 'must be greater than 0'],
  ['sinceSeconds', 1n, 'must be greater than 0'],
] as const;
const allStreams = 'All';
const logStreams = [allStreams, 'Stderr', 'Stdout'];
const zeroTime = '0001-01-01T00:00:00Z';

/** Throws a 400 for an invalid value. */
export function decodePodLogOptions(query: URLSearchParams): PodLogOptions {
  const given: Partial<Record<(typeof numbers)[number][0], bigint>> = {};
  for (const [name] of numbers) {
    const value = integerOf(query, name);
    if (value !== undefined) given[name] = value;
  }
  const sinceTime = query.get('sinceTime');
  return {
    follow: booleanOf(query, 'follow'),
    previous: booleanOf(query, 'previous'),
    timestamps: booleanOf(query, 'timestamps'),
    ...given,
    ...(sinceTime ? { sinceTime: timeOf(sinceTime) } : {}),
    stream: query.get('stream') ?? allStreams,
  };
}

/** Times of the API have whole seconds: a log since a time within a second begins with that second. */
function timeOf(text: string): string {
  try {
    return (text === 'null' ? null : canonicalTime(text)) ?? zeroTime;
  } catch (error) {
    if (error instanceof GoTimeError) throw badRequest(error.message);
    throw error;
  }
}

export function validatePodLogOptions(options: PodLogOptions): FieldError[] {
  const errors: FieldError[] = [];
  const bothSinces = options.sinceTime !== undefined && options.sinceSeconds !== undefined;
  for (const [field, min, text] of numbers) {
    const value = options[field];
    if (field === 'sinceSeconds' && bothSinces) {
      const why = 'at most one of `sinceTime` or `sinceSeconds` may be specified';
      errors.push(forbiddenField(noField, why));
    } else if (value !== undefined && value < min) errors.push(invalidValue(field, Number(value), text));
  }
  const { stream, tailLines } = options;
  if (!logStreams.includes(stream)) errors.push(notSupported('stream', stream, logStreams));
  if (stream !== allStreams && tailLines !== undefined) {
    const why = '`tailLines` and specific `stream` are mutually exclusive for now';
    errors.push(forbiddenField(noField, why));
  }
  return errors;
}

/** The query that decodes to these options. */
export function encodePodLogOptions(options: PodLogOptions): URLSearchParams {
  const query = new URLSearchParams();
  for (const flag of flags) if (options[flag]) query.set(flag, 'true');
  for (const [name] of numbers) {
    const value = options[name];
    if (value !== undefined) query.set(name, String(value));
  }
  if (options.sinceTime !== undefined) query.set('sinceTime', options.sinceTime);
  query.set('stream', options.stream);
  return query;
}
