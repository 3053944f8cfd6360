import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PersistentVolumeSpec, Volume } from '#api/generated/types.gen.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { storedClaim, storedVolume } from '#testing/objects/volumes.ts';
import { storedPod } from '#testing/objects.ts';
import type { ObjectSource } from '../../pod/objects/object-source.ts';
import { persistentSource } from './persistent-source.ts';

const claim = storedClaim('data', { uid: 'c1' }, { volumeName: 'pv' }, { phase: 'Bound' });
const named: Volume = { name: 'v', persistentVolumeClaim: { claimName: 'data' } };
const invalid = { awsElasticBlockStore: { volumeID: 'aws://a/1' } };
const failure =
  'failed to translate in-tree pv to CSI: failed to translate Kubernetes ID to EBS Volume ID Invalid format for AWS volume (aws://a/1)';

/** `KIND NAME: DRIVER`, or the error. */
async function found(volume: Volume, spec: Partial<PersistentVolumeSpec> = {}): Promise<string> {
  const reference = { namespace: 'default', name: 'data', uid: 'c1' };
  const objects: KubeObject[] = [claim, storedVolume('pv', { claimRef: reference, ...spec })];
  const get = async (_: unknown, __: string, name: string) =>
    objects.find(({ metadata }) => metadata?.name === name);
  try {
    const source = { get } as unknown as ObjectSource;
    const { claimed, inline } = await persistentSource(source, storedPod('p'), volume);
    const persistent = claimed?.volume ?? inline;
    if (!persistent) return 'nothing';
    const { metadata, spec: shown } = persistent;
    return `${claimed ? 'claim' : 'inline'} ${metadata.name}: ${shown.csi?.driver ?? 'no driver'}`;
  } catch (error) {
    return (error as Error).message;
  }
}

const disk = { awsElasticBlockStore: { volumeID: 'vol-1' } };
const rows: [title: string, volume: Volume, spec: Partial<PersistentVolumeSpec>, expected: string][] = [
  ['a claim', named, { hostPath: { path: '/' } }, 'claim pv: no driver'],
  ['a claim of a cloud’s disk', named, disk, 'claim pv: ebs.csi.aws.com'],
  ['a claim of a disk with a wrong id', named, invalid, failure],
  ['a cloud’s disk', { name: 'v', ...disk }, {}, 'inline ebs.csi.aws.com-vol-1: ebs.csi.aws.com'],
  ['a disk with a wrong id', { name: 'v', ...invalid }, {}, failure],
  ['a source of the pod’s own', { name: 'v', emptyDir: {} }, {}, 'nothing'],
];
for (const [title, volume, spec, expected] of rows) {
  test(`behind a volume – ${title} – ${expected.slice(0, 60)}`, async () => {
    assert.equal(await found(volume, spec), expected);
  });
}
