import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PersistentVolume, PersistentVolumeClaim } from '#api/generated/types.gen.ts';
import { storedClaim, storedVolume } from '#testing/objects/volumes.ts';
import { chooseForNode, findVolume, fittingVolumes } from './find-volume.ts';

type ClaimSpec = PersistentVolumeClaim['spec'];
const claimRef = { namespace: 'default', name: 'c' };
const sized = (storage: string) => ({ capacity: { storage } });
const both = ['ReadWriteOnce', 'ReadOnlyMany'];
const at = (zone: string) => ({
  nodeAffinity: {
    required: {
      nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: [zone] }] }],
    },
  },
});

const rows: [title: string, spec: ClaimSpec, volumes: PersistentVolume[], found: string | undefined][] = [
  ['no volumes', {}, [], undefined],
  ['two that fit', {}, [storedVolume('a', sized('3Gi')), storedVolume('b', sized('2Gi'))], 'b'],
  ['one too small', {}, [storedVolume('a', sized('500Mi'))], undefined],
  ['one of another class', {}, [storedVolume('a', { storageClassName: 'x' })], undefined],
  [
    'one of the class, by the old annotation',
    { storageClassName: 'x' },
    [storedVolume('a', {}, { annotations: { 'volume.beta.kubernetes.io/storage-class': 'x' } })],
    'a',
  ],
  ['one of another mode', {}, [storedVolume('a', { volumeMode: 'Block' })], undefined],
  ['one of another attributes class', { volumeAttributesClassName: 'gold' }, [storedVolume('a')], undefined],
  ['one with other access modes', {}, [storedVolume('a', { accessModes: ['ReadOnlyMany'] })], undefined],
  [
    'a larger one with fewer access modes',
    {},
    [storedVolume('a', { accessModes: both }), storedVolume('b', sized('2Gi'))],
    'b',
  ],
  ['one that is not available yet', {}, [storedVolume('a', {}, {}, 'Pending')], undefined],
  [
    'one being deleted',
    {},
    [storedVolume('a', {}, { deletionTimestamp: '2026-01-01T00:00:00Z' })],
    undefined,
  ],
  [
    'one reserved for another claim',
    {},
    [storedVolume('a', { claimRef: { ...claimRef, name: 'd' } })],
    undefined,
  ],
  [
    'a larger one reserved by name',
    {},
    [storedVolume('a'), storedVolume('b', { ...sized('9Gi'), claimRef }, {}, 'Pending')],
    'b',
  ],
  [
    'one reserved for an earlier claim',
    {},
    [storedVolume('a', { claimRef: { ...claimRef, uid: 'x' } })],
    undefined,
  ],
  ['one reserved, of another class', {}, [storedVolume('a', { claimRef, storageClassName: 'x' })], 'a'],
  ['one reserved, too small', {}, [storedVolume('a', { ...sized('1'), claimRef })], undefined],
  [
    'one with the labels',
    { selector: { matchLabels: { tier: 'fast' } } },
    [storedVolume('a'), storedVolume('b', sized('2Gi'), { labels: { tier: 'fast' } })],
    'b',
  ],
];
for (const [title, spec, volumes, found] of rows) {
  test(`a claim – ${title} – finds ${found ?? 'none'}`, () => {
    assert.equal(findVolume(storedClaim('c', {}, spec), volumes)?.metadata?.name, found);
  });
}

const none: ReadonlySet<string> = new Set();
const here = (name: string) => ({
  nodeAffinity: {
    required: {
      nodeSelectorTerms: [
        { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [name] }] },
      ],
    },
  },
});
const forNode: [string, PersistentVolume[], ReadonlySet<string>, string | undefined][] = [
  ['volumes here and elsewhere', [storedVolume('a', at('y')), storedVolume('b', at('x'))], none, 'b'],
  ['a volume that was taken', [storedVolume('a'), storedVolume('b', sized('2Gi'))], new Set(['a']), 'b'],
  [
    'one reserved that is elsewhere',
    [storedVolume('a'), storedVolume('b', { ...at('y'), claimRef })],
    none,
    undefined,
  ],
  [
    'local volumes of this node and another',
    [storedVolume('a', here('m')), storedVolume('b', here('n'))],
    none,
    'b',
  ],
  [
    'a local volume, and a smaller one for all nodes',
    [storedVolume('a', { ...here('n'), ...sized('2Gi') }), storedVolume('b')],
    none,
    'b',
  ],
  [
    'a smaller one with more access modes',
    [storedVolume('a', { accessModes: both }), storedVolume('b', sized('2Gi'))],
    none,
    'a',
  ],
];
for (const [title, volumes, taken, found] of forNode) {
  test(`a claim on a node – ${title} – finds ${found ?? 'none'}`, () => {
    const fitting = fittingVolumes(storedClaim('c'), volumes);
    const volume = chooseForNode(fitting, { zone: 'x', 'kubernetes.io/hostname': 'n' }, taken);
    assert.equal(volume?.metadata?.name, found);
  });
}
