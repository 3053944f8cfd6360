/** The reference tables cover every field of a Pod and every kind, and nothing that does not exist. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { kinds } from '#api/kinds/kinds.ts';
import { loadSchema } from '#api/schema/load-schema.ts';
import type { TypeRef } from '#api/schema/schema.ts';

const root = `${import.meta.dirname}/..`;
const read = (name: string) => readFileSync(`${root}/docs/reference/${name}`, 'utf8');
const schema = loadSchema();

type Rows = Map<string, string>;

/** First cell to second cell, by the heading above them. */
function tablesOf(text: string): Map<string, Rows> {
  const tables = new Map<string, Rows>();
  let rows: Rows = new Map();
  for (const line of text.split('\n')) {
    const heading = /^## (.+)$/.exec(line)?.[1];
    if (heading) {
      rows = new Map();
      tables.set(heading, rows);
    }
    const [, first, second] = /^\| ([^|]+) \| ([^|]+) \|/.exec(line) ?? [];
    if (!first || !second || second === 'What becomes of it') continue;
    assert.ok(!rows.has(first), `two rows for ${first} below ${heading}`);
    rows.set(first, second);
  }
  return tables;
}

const verdicts = ['honoured', 'partly', 'refused', 'dropped', 'no effect', 'written', 'not written'];
/** Fields below a field with one of these verdicts have rows of their own. */
const opened = ['honoured', 'partly', 'written'];

function objectNameOf(type: TypeRef): string | undefined {
  if (type.kind === 'list' || type.kind === 'map') return objectNameOf(type.of);
  return type.kind === 'object' ? type.name : undefined;
}

const headingOf = (typeName: string) => typeName.slice(typeName.lastIndexOf('.') + 1);

/** Checks these types and all types of their honoured fields, except those that another table covers. */
function checkFields(
  tables: Map<string, Rows>,
  roots: readonly string[],
  elsewhere: readonly string[],
): void {
  const types = new Set(roots.map((name) => `io.k8s.api.${name}`));
  const expected: Record<string, string[]> = {};
  for (const name of types) {
    const rows = tables.get(headingOf(name)) ?? new Map<string, string>();
    const { fields } = schema.type(name);
    expected[headingOf(name)] = [...fields.keys()].sort();
    for (const { name: field, type } of fields.values()) {
      const below = objectNameOf(type);
      if (below && opened.includes(rows.get(field) ?? '') && !elsewhere.includes(headingOf(below))) {
        types.add(below);
      }
    }
  }
  const actual = [...tables].map(([heading, rows]) => [heading, [...rows.keys()].sort()]);
  assert.deepEqual(Object.fromEntries(actual), expected);
  for (const [heading, rows] of tables) {
    for (const [field, verdict] of rows) {
      assert.ok(verdicts.includes(verdict), `${heading}.${field}: ${verdict}`);
    }
  }
}

test('fields of a Pod – every field of the schema – has a row with a verdict, and there is no other row', () => {
  checkFields(
    tablesOf(read('pod-fields.md')),
    ['core.v1.PodSpec', 'core.v1.PodStatus'],
    ['PersistentVolumeClaimTemplate'],
  );
});

test('fields of other kinds – every field of their specs – has a row with a verdict, and there is no other row', () => {
  const tables = tablesOf(read('kinds.md'));
  tables.delete('Kinds');
  const core = [
    'ServiceSpec',
    'ReplicationControllerSpec',
    'NamespaceSpec',
    'ServiceAccount',
    'ResourceQuotaSpec',
    'LimitRangeSpec',
  ];
  const apps = ['DeploymentSpec', 'ReplicaSetSpec', 'StatefulSetSpec', 'DaemonSetSpec'];
  const roots = [
    ...core.map((kind) => `core.v1.${kind}`),
    ...apps.map((kind) => `apps.v1.${kind}`),
    ...['batch.v1.JobSpec', 'batch.v1.CronJobSpec', 'policy.v1.PodDisruptionBudgetSpec'],
  ];
  const elsewhere = [
    'PodTemplateSpec',
    'ObjectMeta',
    'LabelSelector',
    'PersistentVolumeClaim',
    'ObjectReference',
    'LocalObjectReference',
  ];
  checkFields(tables, roots, elsewhere);
});

test('kinds – every served resource – has a row, and a warning where the API server gives one', () => {
  const rows = [...(tablesOf(read('kinds.md')).get('Kinds') ?? [])];
  const nameOf = (group: string, resource: string) => (group === '' ? resource : `${resource}.${group}`);
  const served = new Set(schema.resources.map(({ group, resource }) => nameOf(group, resource)));
  assert.deepEqual(rows.map(([name]) => name).sort(), [...served].sort());
  const warned = rows.filter(([, verdict]) => verdict === 'warning').map(([name]) => name);
  const unbuilt = kinds.filter((kind) => kind.unbuilt).map(({ type }) => nameOf(type.group, type.resource));
  assert.deepEqual(warned.sort(), [...new Set(unbuilt)].sort());
});

test('files that the reference names – all of them – exist', () => {
  for (const page of ['pod-fields.md', 'kinds.md', 'limits.md']) {
    for (const [, path] of read(page).matchAll(/`([a-z]+\/[\w/-]+\.ts)`/g)) {
      assert.ok(existsSync(`${root}/src/${path}`), `${page} names ${path}`);
    }
  }
});
