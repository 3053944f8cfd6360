/** A PATCH that applies a configuration: what of the object it says is its manager's from then on. */

import { withBoundedItems } from '#api/fields/list-element.ts';
import { booleanOf } from '#api/http/query-parameters.ts';
import type { AnyObject } from '#api/meta/object.ts';
import { badRequest, conflict, unknownError } from '#api/meta/status.ts';
import { DecodeError, InexactInteger } from '#api/schema/decode-error.ts';
import { rfc3339 } from '#base/clock.ts';
import type { ApiResponse } from '#client/transport/transport.ts';
import { hasDuplicateFields, isCompact } from '#wire/json/duplicate-fields.ts';
import { goJsonType } from '#wire/json/go-values.ts';
import { isJsonObject } from '#wire/json/value.ts';
import { checkIdentity } from '../codec/decode/check-identity.ts';
import type { ExpectedKind } from '../codec/decode/check-kind.ts';
import {
  type ParsedBody,
  parseBody,
  parseJsonBody,
  readable,
  UnreadableBody,
  withinLimits,
} from '../codec/decode/parse-body.ts';
import { fieldValidation } from '../codec/decode/read-object.ts';
import { withReadVersion } from '../codec/decode/resource-version.ts';
import { encodeBytes } from '../codec/encode/encode-object.ts';
import { type Exchange, warn } from '../request/exchange.ts';
import { looksLikeJson } from '../request/large-yaml.ts';
import { expectedKind, type Target } from '../storage/read/target.ts';
import { applyConfig, configName } from '../storage/write/managed-fields/apply-config.ts';
import type { VersionedKind } from '../storage/write/managed-fields/change-managers.ts';
import { versionedKind } from '../storage/write/managed-fields/versioned-kind.ts';
import { updateObject } from '../storage/write/update-object.ts';
import { restoreErrorText } from './patch-errors.ts';
import { readStructs } from './read-outcome.ts';
import { managerOf, writeContext } from './write-params.ts';

/** `authorizeCreate` throws when the user may only change what is there. */
export async function applyHandler(
  exchange: Exchange,
  target: Target,
  authorizeCreate: () => undefined | Promise<undefined>,
): Promise<ApiResponse> {
  const { served, namespace, name } = target;
  const context = writeContext(exchange, 'PatchOptions', true);
  const kind = versionedKind(exchange.parts.resources, served);
  const apply = applierOf(exchange, kind, expectedKind(served), target.subresource);
  const update = {
    change(live: AnyObject | undefined) {
      const object = apply(live);
      if (!live) refuseUid(target, object);
      checkIdentity(object, target);
      return withReadVersion(object);
    },
    authorizeCreate,
  };
  const written = await updateObject(exchange.parts, served, namespace, name, update, context);
  return encodeBytes(exchange, served, written.created ? 201 : 200, written.bytes);
}

/** What is to be created cannot be known by the uid of something else. */
function refuseUid({ served, name }: Target, { metadata }: AnyObject): void {
  if (!metadata?.uid) return;
  const why = `uid mismatch: the provided object specified uid ${metadata.uid}, and no existing object was found`;
  throw conflict(served.def, name, why);
}

/** The configuration of the body, applied to what is there, if anything is; read as its kind. */
export function applierOf(
  exchange: Exchange,
  kind: VersionedKind,
  expected: ExpectedKind,
  subresource: string,
): (live: AnyObject | undefined) => AnyObject {
  const { info, parts } = exchange;
  const applier = {
    manager: managerOf(exchange),
    force: booleanOf(info.query, 'force'),
    subresource,
    now: rfc3339(parts.env.clock.now()),
  };
  return (live) => {
    // Read for each try: parts of it go into the outcome.
    const { value, duplicates } = configOf(exchange);
    const config = value as AnyObject;
    const apply = () => applyConfig(kind, live, config, applier);
    const { object, isAsBefore } = withinLimits(() => withBoundedItems(apply));
    if (!isAsBefore) decode(kind, object, config, expected);
    reportDuplicates(exchange, duplicates);
    return object;
  };
}

const undecodable = (why: string) => `error decoding YAML: ${why}`;
const unconverted = (why: string) => undecodable(`error converting YAML to JSON: ${why}`);

/** YAML, of which JSON is a part that is read faster. */
function configOf(exchange: Exchange): ParsedBody {
  const { value, duplicates } = readable(() => readConfig(exchange), unconverted);
  if (value === null || value === undefined) return { value: {}, duplicates };
  if (isJsonObject(value)) return { value, duplicates };
  const why = `json: cannot unmarshal ${goJsonType(value)} into Go value of type map[string]interface {}`;
  throw badRequest(undecodable(`error unmarshaling JSON: while decoding JSON: ${why}`));
}

function readConfig(exchange: Exchange): ParsedBody {
  return plainJson(exchange.request.body ?? new Uint8Array()) ?? parseBody(exchange, 'yaml');
}

/** Undefined for what is no JSON, or has something to complain of, which is done in the words of YAML. */
function plainJson(body: Uint8Array): ParsedBody | undefined {
  if (!looksLikeJson(body)) return undefined;
  try {
    const value = parseJsonBody(body);
    if (isCompact(body, value) && !hasDuplicateFields(body, value)) return { value, duplicates: [] };
  } catch (error) {
    if (!(error instanceof UnreadableBody)) throw error;
  }
  return undefined;
}

function decode(kind: VersionedKind, object: AnyObject, config: AnyObject, expected: ExpectedKind): void {
  try {
    readStructs(expected, object);
  } catch (error) {
    if (error instanceof InexactInteger) throw badRequest(undecodable(error.message));
    if (!(error instanceof DecodeError)) throw error;
    const configKind = `${configName(config)}; ${kind.name}`;
    throw unknownError(
      `failed to convert new object (${configKind}) to proper version: unable to convert unstructured object to ${kind.name}: ${restoreErrorText(error)}`,
    );
  }
}

/** Comes last: a conflict is said first. */
function reportDuplicates(exchange: Exchange, duplicates: readonly string[]): void {
  if (duplicates.length === 0) return;
  const mode = fieldValidation(exchange);
  if (mode === 'Warn') for (const line of duplicates) warn(exchange, line);
  if (mode !== 'Strict') return;
  const lines = duplicates.map((line) => `\n  ${line}`).join('');
  throw badRequest(
    `error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:${lines}`,
  );
}
