/** The object in a request's body, in the form its kind has: types checked, unknown fields dropped or refused. */

import { decodeInto } from '#api/decode.ts';
import { DecodeError } from '#api/decode-error.ts';
import type { AnyObject } from '#api/object.ts';
import { unwrapEnvelope } from '#api/protobuf-envelope.ts';
import { badRequest, unsupportedMediaType } from '#api/status.ts';
import { parseJson } from '#wire/canonical-json.ts';
import { findDuplicateFields, mayHaveDuplicateFields } from '#wire/duplicate-fields.ts';
import { parseOneYaml, YamlError } from '#wire/yaml.ts';
import { type Exchange, warn } from '../exchange.ts';
import { readProtobuf } from './read-protobuf.ts';

export interface ExpectedKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly apiVersion: string;
  /** The schema type to read it by. */
  readonly type: string;
}

type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

export function readObject(exchange: Exchange, expected: ExpectedKind): AnyObject {
  const { request } = exchange;
  const media = mediaType(request.headers['content-type']);
  if (media === 'protobuf') return readParsed(exchange, readTyped(exchange, expected), expected);
  const parsed = parseBody(request.body ?? new Uint8Array(), media);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw badRequest(`the object provided is unrecognized (must be of type ${expected.kind})`);
  }
  const duplicates = media === 'json' ? duplicatesIn(exchange, parsed) : [];
  return readParsed(exchange, parsed as AnyObject, expected, duplicates);
}

/** The same for a value that is parsed already: the outcome of a patch. */
export function readParsed(
  exchange: Exchange,
  object: AnyObject,
  expected: ExpectedKind,
  duplicates: readonly string[] = [],
): AnyObject {
  checkKind(object, expected);
  object.kind = expected.kind;
  object.apiVersion = expected.apiVersion;
  try {
    report(exchange, expected, [...duplicates, ...decodeInto(exchange.core.schema, expected.type, object)]);
  } catch (error) {
    if (error instanceof DecodeError) throw badRequest(cannotHandle(expected, error.message));
    throw error;
  }
  return object;
}

/** Not looked for when nobody wants to know. */
function duplicatesIn(exchange: Exchange, parsed: object): string[] {
  if (fieldValidation(exchange) === 'Ignore') return [];
  const text = Buffer.from(exchange.request.body!).toString();
  if (!mayHaveDuplicateFields(text, JSON.stringify(parsed))) return [];
  return findDuplicateFields(text).map((path) => `duplicate field "${path}"`);
}

function fieldValidation(exchange: Exchange): FieldValidation {
  const value = exchange.info.query.get('fieldValidation') ?? '';
  if (value === '') return 'Warn';
  if (value === 'Strict' || value === 'Warn' || value === 'Ignore') return value;
  throw badRequest(
    `fieldValidation: Unsupported value: ${JSON.stringify(value)}: supported values: "", "Ignore", "Strict", "Warn"`,
  );
}

function report(exchange: Exchange, expected: ExpectedKind, problems: readonly string[]): void {
  if (problems.length === 0) return;
  const mode = fieldValidation(exchange);
  if (mode === 'Strict')
    throw badRequest(cannotHandle(expected, `strict decoding error: ${problems.join(', ')}`));
  if (mode === 'Warn') for (const problem of problems) warn(exchange, problem);
}

function cannotHandle({ kind, version }: ExpectedKind, why: string): string {
  return `${kind} in version "${version}" cannot be handled as a ${kind}: ${why}`;
}

function checkKind(object: AnyObject, expected: ExpectedKind): void {
  const { kind, apiVersion } = object;
  if (apiVersion !== undefined && apiVersion !== '' && apiVersion !== expected.apiVersion) {
    throw badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${expected.apiVersion})`,
    );
  }
  if (kind !== undefined && kind !== '' && kind !== expected.kind) {
    throw badRequest(
      `${kind} in version "${expected.version}" cannot be handled as a ${expected.kind}: the kind in the data does not match the expected kind`,
    );
  }
}

/** The object as the protobuf says; its kind must be the expected one, or its fields would mean nothing. */
function readTyped(exchange: Exchange, expected: ExpectedKind): AnyObject {
  return parsing(() => {
    const { apiVersion, kind, raw } = unwrapEnvelope(exchange.request.body ?? new Uint8Array());
    checkKind({ apiVersion, kind }, expected);
    return readProtobuf(exchange.core.schema, expected.type, raw) as AnyObject;
  });
}

export type MediaType = 'json' | 'yaml' | 'protobuf';

export function mediaType(contentType: string | undefined): MediaType {
  const type = (contentType ?? '').split(';', 1)[0]!.trim().toLowerCase();
  if (type === '' || type === 'application/json' || type === 'text/json') return 'json';
  if (type === 'application/yaml' || type === 'text/yaml' || type === 'application/x-yaml') return 'yaml';
  if (type === 'application/vnd.kubernetes.protobuf') return 'protobuf';
  throw unsupportedMediaType(
    `the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf`,
  );
}

export function parseBody(body: Uint8Array, media: MediaType): unknown {
  return parsing(() => (media === 'yaml' ? parseOneYaml(body) : parseJson(body)));
}

/** What cannot be parsed is the caller's mistake. */
export function parsing<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    const expected =
      error instanceof SyntaxError || error instanceof YamlError || error instanceof DecodeError;
    if (expected) throw badRequest(`couldn't parse the body: ${error.message}`);
    throw error;
  }
}
