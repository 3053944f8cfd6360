import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PersistentVolume, PersistentVolumeClaim } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { boundClaim, storedClaim, storedClass, storedVolume } from '#testing/objects/volumes.ts';
import type { Listers } from '../../cache/listers.ts';
import type { NodeInfo } from '../../cache/node-info.ts';
import { type ClaimsOfPod, isConflict, podVolumeFinder } from './find-pod-volumes.ts';

const hostname = 'kubernetes.io/hostname';
const onlyOn = (node: string) => ({
  nodeAffinity: {
    required: {
      nodeSelectorTerms: [{ matchExpressions: [{ key: hostname, operator: 'In', values: [node] }] }],
    },
  },
});
const requests = (storage: string) => ({ resources: { requests: { storage } } });
const waiting = (name: string, storageClassName: string, more = {}, metadata = {}) =>
  storedClaim(name, metadata, { storageClassName, ...more });

const classes = [
  storedClass('made'),
  storedClass('by-hand', { provisioner: 'kubernetes.io/no-provisioner' }),
  storedClass('zoned', {
    allowedTopologies: [{ matchLabelExpressions: [{ key: hostname, values: ['a'] }] }],
  }),
];
const ebsZone = 'topology.ebs.csi.aws.com/zone';
/** A cloud's disk, whose label alone says its zone. */
function diskOf(zone: string): Stored<PersistentVolume> {
  const disk = storedVolume('disk', { awsElasticBlockStore: { volumeID: 'vol-1' } });
  return { ...disk, metadata: { ...disk.metadata, labels: { 'topology.kubernetes.io/zone': zone } } };
}
const migrated = { 'storage.alpha.kubernetes.io/migrated-plugins': 'kubernetes.io/aws-ebs' };
const volumes: readonly Stored<PersistentVolume>[] = [
  storedVolume('anywhere'),
  storedVolume('on-a', onlyOn('a')),
  diskOf('a'),
  storedVolume('small', { storageClassName: 'by-hand', ...onlyOn('a'), capacity: { storage: '2Gi' } }),
  storedVolume('large', { storageClassName: 'by-hand', ...onlyOn('a'), capacity: { storage: '9Gi' } }),
];

const listers = {
  volume: (name: string) => volumes.find(({ metadata }) => metadata.name === name),
  volumesOfClass: (name: string) => volumes.filter(({ spec }) => spec?.storageClassName === name),
  storageClass: (name: string) => classes.find(({ metadata }) => metadata.name === name),
  csiDriver: () => undefined,
  csiNode: () => ({ metadata: { annotations: migrated }, spec: { drivers: [] } }),
  storageCapacities: () => [],
} as unknown as Listers;

/** What the pod would have on the nodes a and b: `claim←volume`, `+claim` for one to be created, or conflicts. */
function found(claims: Partial<ClaimsOfPod>): string {
  const find = podVolumeFinder({ bound: [], delayed: [], ...claims }, listers);
  if (!find) return 'any node';
  const onNode = (name: string) => {
    const result = find({ name, labels: { [hostname]: name, [ebsZone]: name } } as unknown as NodeInfo);
    if (isConflict(result)) return `no: ${result.join()}`;
    const bound = result.bindings.map(({ claim, volume }) => `${nameOf(claim)}←${volume.metadata.name}`);
    return [...bound, ...result.provisions.map((claim) => `+${nameOf(claim)}`)].join(' ');
  };
  return `a: ${onNode('a')}; b: ${onNode('b')}`;
}

const nameOf = ({ metadata }: Stored<PersistentVolumeClaim>) => metadata.name;
const selected = { annotations: { 'volume.kubernetes.io/selected-node': 'a' } };

const rows: [title: string, claims: Partial<ClaimsOfPod>, found: string][] = [
  ['no claims', {}, 'any node'],
  ['a bound volume that every node reaches', { bound: [boundClaim('c', 'anywhere')] }, 'any node'],
  ['a bound volume of one node', { bound: [boundClaim('c', 'on-a')] }, 'a: ; b: no: affinity'],
  ['a bound disk of a cloud', { bound: [boundClaim('c', 'disk')] }, 'a: ; b: no: affinity'],
  [
    'a bound volume that is gone',
    { bound: [boundClaim('c', 'none')] },
    'a: no: volume is gone; b: no: volume is gone',
  ],
  ['a volume to be created', { delayed: [waiting('c', 'made')] }, 'a: +c; b: +c'],
  [
    'a volume to be created where its class allows it',
    { delayed: [waiting('c', 'zoned')] },
    'a: +c; b: no: no volume',
  ],
  [
    'a volume that is being created for a node',
    { delayed: [waiting('c', 'made', {}, selected)] },
    'a: +c; b: no: no volume',
  ],
  [
    'two claims and two free volumes: the smaller chooses first',
    { delayed: [waiting('big', 'by-hand', requests('5Gi')), waiting('tiny', 'by-hand')] },
    'a: tiny←small big←large; b: no: no volume',
  ],
  [
    'a claim that no volume is large enough for',
    { delayed: [waiting('huge', 'by-hand', requests('10Gi'))] },
    'a: no: no volume; b: no: no volume',
  ],
  [
    'a bound volume elsewhere and none free',
    { bound: [boundClaim('c', 'on-a')], delayed: [waiting('d', 'by-hand')] },
    'a: d←small; b: no: affinity,no volume',
  ],
];
for (const [title, claims, expected] of rows) {
  test(`a pod – ${title} – ${expected}`, () => assert.equal(found(claims), expected));
}
