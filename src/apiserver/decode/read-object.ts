/** The object in a request's body, in the form its kind has: types checked, unknown fields dropped or refused. */

import { decodeInto } from '#api/decode.ts';
import { DecodeError } from '#api/decode-error.ts';
import type { AnyObject } from '#api/object.ts';
import { unwrapEnvelope } from '#api/protobuf-envelope.ts';
import { badRequest } from '#api/status.ts';
import { asBuffer } from '#base/as-buffer.ts';
import { findDuplicateFields, mayHaveDuplicateFields } from '#wire/duplicate-fields.ts';
import { goJsonType } from '#wire/go-values.ts';
import { isJsonObject } from '#wire/json-value.ts';
import { type Exchange, warn } from '../exchange.ts';
import { claimedKind, type ExpectedKind, kindProblem, versionOf } from './check-kind.ts';
import { mediaType, parseBody, parsing, readable } from './parse-body.ts';
import { readProtobuf } from './read-protobuf.ts';

export type { ExpectedKind } from './check-kind.ts';

export function readObject(exchange: Exchange, expected: ExpectedKind): AnyObject {
  const { request } = exchange;
  const body = request.body ?? new Uint8Array();
  const media = mediaType(request.headers['content-type']);
  const unrecognized = (why: string) =>
    `the object provided is unrecognized (must be of type ${expected.kind}): ${why} (${summaryOf(body)})`;
  if (media === 'protobuf') return readable(() => readTyped(exchange, expected), unrecognized);
  const noKind = (why: string) =>
    unrecognized(media === 'json' ? `couldn't get version/kind; json parse error: ${why}` : why);
  const parsed = readable(() => parseBody(body, media), noKind) ?? {};
  const problem = kindFieldsProblem(parsed);
  if (problem) throw badRequest(noKind(problem));
  const object = parsed as AnyObject;
  checkKind(exchange, object, expected);
  return decode(exchange, object, expected, media === 'json' ? duplicatesIn(exchange, body, object) : []);
}

/** What of a body an error shows. */
function summaryOf(body: Uint8Array): string {
  const shownBytes = 30;
  if (body.length === 0) return '<empty>';
  const shown = Buffer.from(body.subarray(0, shownBytes));
  const text = shown.toString(shown[0] === 0x7b ? 'utf8' : 'hex');
  return body.length > shownBytes ? `${text} ...` : text;
}

const kindStruct =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

/** Why kind and version cannot even be looked up. */
function kindFieldsProblem(parsed: unknown): string | undefined {
  if (!isJsonObject(parsed)) {
    return `json: cannot unmarshal ${goJsonType(parsed)} into Go value of type ${kindStruct}`;
  }
  for (const key of ['apiVersion', 'kind']) {
    const value = parsed[key] ?? '';
    if (typeof value !== 'string') {
      return `json: cannot unmarshal ${goJsonType(value)} into Go struct field .${key} of type string`;
    }
  }
  return undefined;
}

function checkKind({ core }: Exchange, object: AnyObject, expected: ExpectedKind): void {
  const claimed = claimedKind(object, expected);
  const problem = kindProblem(core.schema, claimed, expected);
  if (!problem) return;
  const { kind, apiVersion } = claimed;
  throw badRequest(
    `${kind} in version "${versionOf(apiVersion)}" cannot be handled as a ${expected.kind}: ${problem}`,
  );
}

function decode(
  exchange: Exchange,
  object: AnyObject,
  expected: ExpectedKind,
  duplicates: readonly string[],
): AnyObject {
  object.kind = expected.kind;
  object.apiVersion = expected.apiVersion;
  const refuse = (why: string) => badRequest(cannotHandle(expected, why));
  try {
    const problems = [...duplicates, ...decodeInto(exchange.core.schema, expected.type, object)];
    reportProblems(exchange, problems, refuse);
  } catch (error) {
    if (error instanceof DecodeError) throw refuse(error.message);
    throw error;
  }
  return object;
}

/** Not looked for when nobody wants to know. */
export function duplicatesIn(exchange: Exchange, body: Uint8Array, parsed: unknown): string[] {
  if (fieldValidation(exchange) === 'Ignore') return [];
  if (!mayHaveDuplicateFields(body, JSON.stringify(parsed))) return [];
  return findDuplicateFields(asBuffer(body).toString()).map((path) => `duplicate field "${path}"`);
}

/** Judged where the other options are: what is none of the three means Warn here. */
function fieldValidation(exchange: Exchange): string {
  return exchange.info.query.get('fieldValidation') || 'Warn';
}

/** Unknown and duplicate fields: refused, warned of, or passed over, as the caller wishes. */
export function reportProblems(
  exchange: Exchange,
  problems: readonly string[],
  refuse: (why: string) => Error,
): void {
  if (problems.length === 0) return;
  const mode = fieldValidation(exchange);
  if (mode === 'Strict') throw refuse(`strict decoding error: ${problems.join(', ')}`);
  if (mode === 'Warn') for (const problem of problems) warn(exchange, problem);
}

function cannotHandle({ kind, version }: ExpectedKind, why: string): string {
  return `${kind} in version "${version}" cannot be handled as a ${kind}: ${why}`;
}

/** The object as the protobuf says; its kind must be the expected one, or its fields would mean nothing. */
function readTyped(exchange: Exchange, expected: ExpectedKind): AnyObject {
  const { apiVersion, kind, raw } = parsing(() => unwrapEnvelope(exchange.request.body ?? new Uint8Array()));
  checkKind(exchange, { apiVersion, kind }, expected);
  const object = parsing(() => readProtobuf(exchange.core.schema, expected.type, raw)) as AnyObject;
  return decode(exchange, object, expected, []);
}
