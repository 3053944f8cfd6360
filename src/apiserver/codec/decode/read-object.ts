/**
 * The object in a request's body, in the form its kind has: types checked, unknown fields dropped or refused.
 */

import type { AnyObject } from '#api/meta/object.ts';
import { badRequest } from '#api/meta/status.ts';
import { unwrapEnvelope } from '#api/protobuf/envelope.ts';
import { decodeInto } from '#api/schema/decode.ts';
import { DecodeError } from '#api/schema/decode-error.ts';
import { withoutEmpty } from '#api/schema/empty-collections.ts';
import type { Reading } from '#api/schema/reading.ts';
import { asBuffer } from '#base/text/as-buffer.ts';
import { findStrictErrors, hasDuplicateFields } from '#wire/json/duplicate-fields.ts';
import { goQuoted } from '#wire/json/go-values.ts';
import type { OddText } from '#wire/json/odd-numbers.ts';
import { type Exchange, warn } from '../../request/exchange.ts';
import { mediaType, refuseProtobuf } from '../../request/media-type.ts';
import { claimedKind, type ExpectedKind, kindFieldsProblem, kindProblem, versionOf } from './check-kind.ts';
import { oddNumbersOf, parseBody, parsing, readable, withinLimits } from './parse-body.ts';
import { readProtobuf } from './read-protobuf.ts';

export type { ExpectedKind } from './check-kind.ts';

export function readObject(exchange: Exchange, expected: ExpectedKind): AnyObject {
  const object = readBody(exchange, expected);
  exchange.audit?.recordRequestObject(withoutEmpty(object));
  return object;
}

function readBody(exchange: Exchange, expected: ExpectedKind): AnyObject {
  const { request } = exchange;
  const body = request.body ?? new Uint8Array();
  const media = mediaType(request.headers['content-type']);
  if (expected.isJsonOnly) refuseProtobuf(media);
  const unrecognized = (why: string) =>
    `the object provided is unrecognized (must be of type ${expected.kind}): ${why} (${summaryOf(body)})`;
  if (media === 'protobuf') return readable(() => readTyped(exchange, expected), unrecognized);
  const noKind = (why: string) => unrecognized(`couldn't get version/kind; json parse error: ${why}`);
  // The kind of a body is known before its numbers are read.
  const unread = (why: string) => (why.startsWith('json: ') ? cannotHandle(expected, why) : noKind(why));
  const parsed = readable(
    () => parseBody(exchange, media, !expected.read),
    media === 'json' ? unread : unrecognized,
  );
  const problem = kindFieldsProblem(parsed.value ?? {});
  if (problem) throw badRequest(noKind(problem));
  const object = (parsed.value ?? {}) as AnyObject;
  checkKind(object, expected);
  return decode(exchange, object, expected, {
    yaml: parsed.duplicates,
    doubled: media === 'json' ? doubledText(exchange, body, object) : undefined,
    oddText: oddNumbersOf(body, media),
  });
}

/** What of a body an error shows. */
function summaryOf(body: Uint8Array): string {
  const shownBytes = 30;
  if (body.length === 0) return '<empty>';
  const shown = Buffer.from(body.subarray(0, shownBytes));
  const text = shown.toString(shown[0] === 0x7b ? 'utf8' : 'hex');
  return body.length > shownBytes ? `${text} ...` : text;
}

function checkKind(object: AnyObject, expected: ExpectedKind): void {
  const claimed = claimedKind(object, expected);
  const problem = kindProblem(claimed, expected);
  if (!problem) return;
  const { kind, apiVersion } = claimed;
  throw badRequest(
    `${kind} in version ${goQuoted(versionOf(apiVersion))} cannot be handled as a ${expected.kind}: ${problem}`,
  );
}

/** Returns the paths of the unknown fields. Throws `DecodeError`. */
export function readAs(
  { read, schema, type }: ExpectedKind,
  object: AnyObject,
  reading: Reading = {},
): string[] {
  return read ? withinLimits(() => read(object)) : decodeInto(schema, type, object, reading);
}

interface TextFacts {
  /** How numbers were written. */
  readonly oddText?: OddText;
  /** Doubled keys that the reader of YAML found. */
  readonly yaml?: readonly string[];
  /** The text of a body of JSON that may give a field twice. */
  readonly doubled?: string | undefined;
}

function decode(
  exchange: Exchange,
  object: AnyObject,
  expected: ExpectedKind,
  { yaml = [], doubled, oddText }: TextFacts,
): AnyObject {
  object.kind = expected.kind;
  object.apiVersion = expected.apiVersion;
  const refuse = (why: string) => badRequest(cannotHandle(expected, why));
  try {
    const unknown = readAs(expected, object, { oddText });
    const fields =
      doubled === undefined ? unknownFields(unknown) : findStrictErrors(doubled, new Set(unknown));
    reportProblems(exchange, [...yaml, ...fields], refuse, yaml.length);
  } catch (error) {
    if (error instanceof DecodeError) throw refuse(error.message);
    throw error;
  }
  return object;
}

export function unknownFields(paths: readonly string[]): string[] {
  return paths.map((path) => `unknown field ${goQuoted(path)}`);
}

/** A text is not searched for duplicate fields when fieldValidation ignores them. */
export function doubledText(exchange: Exchange, body: Uint8Array, parsed: unknown): string | undefined {
  if (fieldValidation(exchange) === 'Ignore') return undefined;
  return hasDuplicateFields(body, parsed) ? asBuffer(body).toString() : undefined;
}

/** Judged where the other options are: what is none of the three means Warn here. */
export function fieldValidation(exchange: Exchange): string {
  return exchange.info.query.get('fieldValidation') || 'Warn';
}

/** Unknown and duplicate fields: refused, warned of, or ignored, as fieldValidation says. */
export function reportProblems(
  exchange: Exchange,
  problems: readonly string[],
  refuse: (why: string) => Error,
  yamlProblems = 0,
): void {
  if (problems.length === 0) return;
  const mode = fieldValidation(exchange);
  if (mode === 'Strict') throw refuse(`strict decoding error: ${strictText(problems, yamlProblems)}`);
  if (mode === 'Warn') for (const problem of problems) warn(exchange, problem);
}

/** The first ones, of YAML, are one error of many lines. */
function strictText(problems: readonly string[], yamlProblems: number): string {
  const yaml = problems.slice(0, yamlProblems).map((line) => `\n  ${line}`);
  const errors = problems.slice(yamlProblems);
  return [...(yaml.length > 0 ? [`yaml: unmarshal errors:${yaml.join('')}`] : []), ...errors].join(', ');
}

function cannotHandle({ kind, version }: ExpectedKind, why: string): string {
  return `${kind} in version "${version}" cannot be handled as a ${kind}: ${why}`;
}

/** The object as the protobuf says; its kind must be the expected one, or its fields would mean nothing. */
function readTyped(exchange: Exchange, expected: ExpectedKind): AnyObject {
  const { apiVersion, kind, raw } = parsing(() => unwrapEnvelope(exchange.request.body ?? new Uint8Array()));
  checkKind({ apiVersion, kind }, expected);
  const object = parsing(() => readProtobuf(expected.schema, expected.type, raw)) as AnyObject;
  return decode(exchange, object, expected, {});
}
