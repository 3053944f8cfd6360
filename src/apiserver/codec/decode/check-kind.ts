/**
 * Does a body say it is what the URL is about? If not: why it cannot be read as that, in upstream's words.
 */

import type { Kind } from '#api/kind/define-kind.ts';
import { badRequest } from '#api/meta/status.ts';
import type { Schema } from '#api/schema/schema.ts';
import { goJsonType, goQuoted } from '#wire/json/go-values.ts';
import { isJsonObject } from '#wire/json/value.ts';

export interface ExpectedKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly apiVersion: string;
  /** The schema type to read it by. */
  readonly type: string;
  readonly schema: Schema;
  readonly isJsonOnly?: boolean | undefined;
  /** Reads it instead of the schema type. */
  readonly read?: Kind['read'];
}

interface Claimed {
  readonly kind: string;
  readonly apiVersion: string;
}

/** Clients compare this text, place of the scheme and all. */
const scheme = 'pkg/runtime/scheme.go:111';
const preRelease = /^v\d+(?:alpha|beta)\d+$/;

/** The kind in the data; what it leaves out is as expected. */
export function claimedKind(
  object: { kind?: unknown; apiVersion?: unknown },
  expected: ExpectedKind,
): Claimed {
  return {
    kind: typeof object.kind === 'string' && object.kind !== '' ? object.kind : expected.kind,
    apiVersion:
      typeof object.apiVersion === 'string' && object.apiVersion !== ''
        ? object.apiVersion
        : expected.apiVersion,
  };
}

export function versionOf(apiVersion: string): string {
  return apiVersion.slice(apiVersion.indexOf('/') + 1);
}

/** Undefined when the data may be read. Throws 400 for another version of the right kind. */
export function kindProblem(claimed: Claimed, expected: ExpectedKind): string | undefined {
  const { kind, apiVersion } = claimed;
  if (kind === expected.kind && apiVersion === expected.apiVersion) return undefined;
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  const version = versionOf(apiVersion);
  const isOtherVersion = kind === expected.kind && group === expected.group;
  const isKnown = expected.schema.kind(group, version, kind) !== undefined;
  if (isOtherVersion && (isKnown || preRelease.test(version))) {
    throw badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${expected.apiVersion})`,
    );
  }
  if (!isKnown) {
    return `no kind ${goQuoted(kind)} is registered for version ${goQuoted(apiVersion)} in scheme "${scheme}"`;
  }
  return `converting (${version}.${kind}) to (${goPackage(expected.group)}.${expected.kind}): unknown conversion`;
}

/** The Go package that a group's types live in. */
export function goPackage(group: string): string {
  return group === '' || group === 'events.k8s.io' ? 'core' : group.split('.', 1)[0]!;
}

const kindStruct =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

/** Why kind and version cannot even be looked up. */
export function kindFieldsProblem(parsed: unknown): string | undefined {
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
