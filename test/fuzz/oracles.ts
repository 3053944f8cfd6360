/** What every answer must satisfy, whatever was asked. */

import { isDeepStrictEqual } from 'node:util';
import { isFields } from './bodies.ts';

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** Words of the language that the server is written in. */
const ownWords =
  /TypeError|RangeError|SyntaxError|\bundefined\b(?! field| function| identifier| to be structural)(?<!true or undefined)|\bof null\b|is not a function|is not iterable|Cannot (?:read prop|convert|set prop|destructure|mix)|call stack|\[object |\bNaN\b|Invalid time value|not valid JSON|at file:|\.ts:\d|[Ii]nvalid array length|is not defined\b/;

interface ServerError {
  readonly code: number;
  readonly message: RegExp;
  /** Of these requests only. */
  readonly asked?: RegExp;
  readonly reason: string;
}

/** Answers of 500 and more that upstream gives too. */
export const upstreamServerErrors: readonly ServerError[] = [
  {
    code: 500,
    message:
      /failed to create typed (patch|live) object|failed to convert new object|failed to update object/,
    reason: 'server-side apply of what the schema does not know: upstream gives the error no code',
  },
  {
    code: 500,
    message:
      /list element types are not identical|does not contain declared|unknown patch type|expected a \[\]interface|strconv\.ParseUint|delete patch type|merging lists cannot yet be specified|The order in patch list|unable to find api field|merging an object in json|expected a map\[string\]interface|value for key \d+ is not a map/,
    reason: 'errors of strategic merge and JSON patches have no code upstream',
  },
  {
    code: 500,
    message: /json: cannot unmarshal/,
    reason: "a policy's JSON patch makes what is no object of the kind",
  },
  {
    code: 500,
    message: /unable to determine kind and namespace from url/,
    reason: 'a path of the old watches without a resource',
  },
  {
    code: 500,
    message: /^$/,
    asked: /^HEAD \S*\/api\S*\/(?:proxy|watch)\b/,
    reason: 'the same without a body',
  },
  {
    code: 500,
    message: /resourceVersion should not be set on objects to be created/,
    reason: 'an error of the storage layer has no code upstream',
  },
  {
    code: 500,
    message:
      /failed calling webhook|conversion webhook for|admission webhook .{1,3}w\d\.fuzz\.example.{1,3} (?:attempted|denied)/,
    reason: 'a webhook that fails, or whose answer cannot be used',
  },
  {
    code: 500,
    message: /"Internal error occurred: /,
    asked: /^\S+ [A-Z]+ \S*(?:fuzz-policies\/leases|fuzz\.example)/,
    reason: 'what a webhook makes of an object, or another API server of a group, cannot be used',
  },
  { code: 999, message: /denied the request/, reason: 'the code that a webhook gives its denial' },
  {
    code: 500,
    message: /failed to allocate|range is full/,
    reason: 'service addresses or ports are used up',
  },
  {
    code: 500,
    message: /error trying to reach|no endpoints available/,
    reason: 'proxies with nothing behind them',
  },
  {
    code: 500,
    message: /target\.(?:name|kind): (?:Required|Unsupported) value/,
    reason: 'the errors of a binding have no code upstream',
  },
  {
    code: 500,
    message: /"invalid resource name /,
    reason: 'an admission plugin looks an object up by a name that no path can have',
  },
  { code: 501, message: /./, reason: 'upstream answers NotImplemented too' },
  { code: 503, message: /./, reason: 'proxies and logs without an endpoint' },
  {
    code: 504,
    message: /Timeout|Too large resource version|timeout/i,
    reason: 'a revision or deadline not met',
  },
];

/** What is wrong with the answer, if anything. `asked`: the request, as `describe` has it. */
export function problemOf(answer: Answer, asked = ''): string | undefined {
  const { status, text, type } = answer;
  if (status >= 500 && !isUpstreams(answer, asked)) return `answered ${status}: ${short(text)}`;
  if (status < 400) return undefined;
  const word = ownWords.exec(text);
  if (word) return `says "${word[0]}": …${text.slice(Math.max(0, word.index - 120), word.index + 120)}`;
  return text !== '' && type.startsWith('application/json') ? statusProblem(answer) : undefined;
}

function isUpstreams({ status, text }: Answer, asked: string): boolean {
  return upstreamServerErrors.some(
    ({ code, message, asked: requests }) =>
      code === status && message.test(text) && (!requests || requests.test(asked)),
  );
}

function statusProblem({ status, text }: Answer): string | undefined {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return `an error that is no JSON: ${short(text)}`;
  }
  if (!isFields(body) || body['kind'] !== 'Status') return `an error that is no Status: ${short(text)}`;
  const { apiVersion, status: outcome, message, code, metadata } = body;
  if (code !== status) return `HTTP ${status} with a Status of ${code}: ${short(text)}`;
  if (apiVersion !== 'v1' || outcome !== 'Failure' || typeof message !== 'string' || !isFields(metadata)) {
    return `a Status without its fields: ${short(text)}`;
  }
  return undefined;
}

export function short(text: string): string {
  return text.length > 500 ? `${text.slice(0, 500)}…` : text;
}

/** Where two values differ: `spec.a: 1 → 2`. */
export function differenceOf(before: unknown, after: unknown, path = ''): string[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (isFields(before) && isFields(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) => differenceOf(before[key], after[key], `${path}.${key}`));
  }
  return [
    `${path}: ${short(JSON.stringify(before) ?? 'absent')} → ${short(JSON.stringify(after) ?? 'absent')}`,
  ];
}
