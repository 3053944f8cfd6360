/**
 * For tests of admission plugins: a table of requests, with what each of them changes, warns of, or is
 * refused with.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { AnyObject, KubeObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { StatusError } from '#api/meta/status.ts';
import type { UserInfo } from '#api/meta/user.ts';
import { copyJson } from '#base/copy-json.ts';
import { Admission } from '../admission/admission.ts';
import type { AdmissionOperation, AdmissionPlugin } from '../contract/admission.ts';
import type { Authorizer } from '../contract/authorization.ts';
import type { CountingReader } from '../contract/stored-objects.ts';

type StoredObject = readonly [ResourceType, KubeObject];

export interface AdmissionRow {
  /** Condition – result. */
  readonly name: string;
  readonly type: ResourceType;
  /** Default CREATE. */
  readonly operation?: AdmissionOperation;
  readonly subresource?: string;
  readonly object?: object;
  readonly old?: object;
  readonly user?: UserInfo;
  readonly stored?: readonly StoredObject[];
  /** As a merge patch of the object. */
  readonly changes?: object;
  readonly warnings?: readonly string[];
  /** `403 pods "p" is forbidden: …` */
  readonly refusal?: string;
}

export const someone: UserInfo = { name: 'jane', groups: ['system:authenticated'] };

/** One test a row. `make` gets a reader of what the row says is stored. */
export function testAdmission(
  subject: string,
  make: (reader: CountingReader) => AdmissionPlugin | readonly AdmissionPlugin[],
  rows: readonly AdmissionRow[],
): void {
  for (const row of rows) {
    test(`${subject} – ${row.name}`, async () => {
      const plugins = [make(readerOf(row.stored ?? []))].flat();
      const { changes = {}, warnings = [], refusal } = row;
      assert.deepEqual(await admitted(plugins, row), { changes, warnings, refusal });
    });
  }
}

/** Through the door, so that the rules of the plugins count too. */
async function admitted(plugins: readonly AdmissionPlugin[], row: AdmissionRow) {
  const { type, operation = 'CREATE', subresource = '', user = someone } = row;
  const [object, oldObject] = [copyOf(row.object), copyOf(row.old)];
  const warnings: string[] = [];
  const attributes = {
    operation,
    type,
    subresource,
    namespace: type.namespaced ? 'default' : '',
    name: (object ?? oldObject)?.metadata?.name ?? '',
    user,
    dryRun: false,
    warn: (text: string) => warnings.push(text),
    ...(object ? { object } : {}),
    ...(oldObject ? { oldObject } : {}),
  };
  const door = new Admission();
  door.begin(plugins);
  let refusal: string | undefined;
  try {
    await door.mutate(attributes);
    await door.validate(attributes);
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    refusal = `${error.code} ${error.message}`;
  }
  assert.deepEqual(oldObject, copyOf(row.old), 'what is there is shared with the cache');
  const changes = refusal ? {} : changesOf(row.object ?? {}, object ?? {});
  return { changes, warnings, refusal };
}

function copyOf(object: object | undefined): AnyObject | undefined {
  return object && (copyJson(object) as AnyObject);
}

/** A merge patch. */
function changesOf(before: object, after: object): object {
  const [old, now] = [before, after] as Record<string, unknown>[];
  const changed = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((key) => !isDeepStrictEqual(old![key], now![key]))
    .map((key) => [
      key,
      isMap(old![key]) && isMap(now![key]) ? changesOf(old![key], now![key]) : (now![key] ?? null),
    ]);
  return Object.fromEntries(changed);
}

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readerOf(stored: readonly StoredObject[]): CountingReader {
  const list = (type: ResourceType, namespace?: string) =>
    stored
      .filter(
        ([known, { metadata }]) =>
          known.kind === type.kind && (!namespace || metadata?.namespace === namespace),
      )
      .map(([, object]) => object as AnyObject);
  return {
    list,
    changes: () => 0,
    get: (type, namespace, name) => list(type, namespace).find(({ metadata }) => metadata?.name === name),
  };
}

/** Allows what is listed, as `verb signer`, and nothing else. */
export function signers(...allowed: readonly string[]): Authorizer {
  return {
    name: 'signers',
    authorize({ verb, group, resource, name }) {
      assert.deepEqual([group, resource], ['certificates.k8s.io', 'signers']);
      return { decision: allowed.includes(`${verb} ${name}`) ? 'allow' : 'noOpinion', reason: '' };
    },
  };
}
