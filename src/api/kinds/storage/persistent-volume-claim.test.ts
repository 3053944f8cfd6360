import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, strategyFor } from '#testing/kind-cases.ts';
import type { PersistentVolumeClaim } from '../../generated/types.gen.ts';
import { matchesScopes } from '../../kind/quota.ts';
import { fieldErrorMessage } from '../../validation/field-error.ts';
import { persistentVolumeClaim } from './persistent-volume-claim.ts';

const claimWith = (wanted?: string, current?: string, target?: string): PersistentVolumeClaim => ({
  metadata: { name: 'c' },
  spec: wanted ? { volumeAttributesClassName: wanted } : {},
  status: {
    ...(current ? { currentVolumeAttributesClassName: current } : {}),
    ...(target
      ? { modifyVolumeStatus: { status: 'InProgress', targetVolumeAttributesClassName: target } }
      : {}),
  },
});

const rows: readonly [title: string, PersistentVolumeClaim, operator: string, values: string[], boolean][] = [
  ['the class it wants', claimWith('gold'), 'In', ['gold'], true],
  ['the class it has', claimWith('tin', 'gold'), 'In', ['gold'], true],
  ['the class it is on its way to', claimWith('tin', 'tin', 'gold'), 'In', ['gold'], true],
  ['another class', claimWith('tin'), 'In', ['gold'], false],
  ['another class than those', claimWith('tin', 'gold'), 'NotIn', ['gold'], true],
  ['no class, where some are excluded', claimWith(), 'NotIn', ['gold'], true],
  ['any class', claimWith(undefined, 'gold'), 'Exists', [], true],
  ['no class, where any will do', claimWith(), 'Exists', [], false],
  ['no class', claimWith(), 'DoesNotExist', [], true],
];

for (const [title, claim, operator, values, expected] of rows) {
  test(`a quota with a scope of volume attributes classes – ${title} – ${expected ? 'counts' : 'does not count'}`, () => {
    const scope = { scopeName: 'VolumeAttributesClass', operator, ...(values.length > 0 ? { values } : {}) };
    const quota = { spec: { scopeSelector: { matchExpressions: [scope] } } };
    assert.equal(matchesScopes(quota, persistentVolumeClaim, claim as never), expected);
  });
}

test('a quota with a scope of pods – no claim is counted', () => {
  const quota = { spec: { scopes: ['BestEffort'] } };
  assert.equal(matchesScopes(quota, persistentVolumeClaim, claimWith('gold') as never), false);
});

test('the data source of a claim – in the old field or the new one – is in both', () => {
  const source = { kind: 'PersistentVolumeClaim', name: 'x' };
  const snapshot = { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 'x' };
  for (const spec of [{ dataSource: source }, { dataSourceRef: source }, { dataSource: snapshot }]) {
    const claim = created('', 'persistentvolumeclaims', { spec: { ...spec } });
    const { dataSource, dataSourceRef } = claim['spec'] as Record<string, unknown>;
    assert.deepEqual(dataSource, Object.values(spec)[0]);
    assert.deepEqual(dataSourceRef, dataSource);
  }
});

const wrongName =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const resizeStatuses =
  'supported values: "ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizeInProgress", "NodeResizeInfeasible", "NodeResizePending"';

const statuses: readonly [status: object, messages: string[]][] = [
  [{ capacity: { storage: '1Gi' }, allocatedResources: { storage: '2Gi', 'example.com/x': '1' } }, []],
  [
    { capacity: { pods: '-1' } },
    ['status.capacity[pods]: Invalid value: -1: must be a valid resource quantity'],
  ],
  [
    { allocatedResources: { cpu: '1', 'bad key!': '1', storage: '-1' } },
    [
      'status.allocatedResources: Unsupported value: "cpu": supported values: "storage"',
      `status.allocatedResources: Invalid value: "bad key!": ${wrongName}`,
      'status.allocatedResources[storage]: Invalid value: -1: must be a valid resource quantity',
    ],
  ],
  [
    { allocatedResourceStatuses: { storage: 'NodeResizePending', a: 'x' } },
    [
      'status.allocatedResourceStatuses: Unsupported value: "a": supported values: "storage"',
      `status.allocatedResourceStatuses: Unsupported value: "a": ${resizeStatuses}`,
    ],
  ],
];

for (const [status, messages] of statuses) {
  test(`a claim's status – ${JSON.stringify(status)} – has its messages`, () => {
    const old = { metadata: { name: 'c', namespace: 'n' }, spec: {} };
    const errors = strategyFor('', 'persistentvolumeclaims').validateStatusUpdate!(
      { ...old, status } as object,
      old,
    );
    assert.deepEqual(
      errors.map((error) => fieldErrorMessage(error)),
      messages,
    );
  });
}
