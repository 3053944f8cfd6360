/** What the query of `pods/log` asks for, checked, in the form in which a kubelet is asked. */

import { type FieldError, forbiddenField, invalidValue, noField, notSupported } from '#api/field-error.ts';
import { canonicalTime, GoTimeError } from '#api/go-time.ts';
import { badRequest, invalid } from '#api/status.ts';
import { booleanOf } from '../stages/parse-request.ts';

const flags = ['follow', 'previous', 'timestamps'];
const streams = ['All', 'Stderr', 'Stdout'];
const allStreams = 'All';

/** Least values of numbers, in the order in which upstream looks at them. */
const numbers: readonly (readonly [field: string, min: number, text: string])[] = [
  ['tailLines', 0, 'must be greater than or equal to 0'],
  ['limitBytes', 1, 'must be greater than 0'],
  ['sinceSeconds', 1, 'must be greater than 0'],
];

export function podLogOptions(name: string, query: URLSearchParams): URLSearchParams {
  const options = new URLSearchParams();
  for (const flag of flags) if (booleanOf(query, flag)) options.set(flag, 'true');
  for (const [field] of numbers) {
    const text = query.get(field);
    if (text !== null) options.set(field, integerOf(text));
  }
  const sinceTime = query.get('sinceTime');
  if (sinceTime) options.set('sinceTime', secondsOf(sinceTime));
  options.set('stream', query.get('stream') ?? allStreams);
  const errors = validate(options);
  if (errors.length > 0) throw invalid({ group: '', kind: 'PodLogOptions' }, name, errors);
  return options;
}

function integerOf(text: string): string {
  if (!/^[+-]?\d+$/.test(text))
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  const value = BigInt(text.replace(/^\+/, ''));
  if (BigInt.asIntN(64, value) !== value)
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: value out of range`);
  return value.toString();
}

const zeroTime = '0001-01-01T00:00:00Z';

/** A time of the API has whole seconds: what is asked for within one is asked from its beginning. */
function secondsOf(text: string): string {
  try {
    return (text === 'null' ? null : canonicalTime(text)) ?? zeroTime;
  } catch (error) {
    if (error instanceof GoTimeError) throw badRequest(error.message);
    throw error;
  }
}

function validate(options: URLSearchParams): FieldError[] {
  const errors: FieldError[] = [];
  const bothSinces = options.has('sinceTime') && options.has('sinceSeconds');
  for (const [field, min, text] of numbers) {
    const value = options.get(field);
    if (field === 'sinceSeconds' && bothSinces) {
      const why = 'at most one of `sinceTime` or `sinceSeconds` may be specified';
      errors.push(forbiddenField(noField, why));
    } else if (value !== null && Number(value) < min) errors.push(invalidValue(field, Number(value), text));
  }
  const stream = options.get('stream') ?? '';
  if (!streams.includes(stream)) errors.push(notSupported('stream', stream, streams));
  if (stream !== allStreams && options.has('tailLines')) {
    const why = '`tailLines` and specific `stream` are mutually exclusive for now';
    errors.push(forbiddenField(noField, why));
  }
  return errors;
}
