import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PersistentVolumeSpec } from '#api/generated/types.gen.ts';
import { storedVolume } from '#testing/objects/volumes.ts';
import { volumeOnNode } from './volume-on-node.ts';

const annotation = 'storage.alpha.kubernetes.io/migrated-plugins';
const disk = { awsElasticBlockStore: { volumeID: 'vol-1' } };
const share = { azureFile: { shareName: 's', secretName: 's', secretNamespace: 'ns' } };

/** The driver that the node gets the volume from. */
function driverOn(spec: Partial<PersistentVolumeSpec>, plugins: string | undefined): string | undefined {
  const annotations: Record<string, string> = plugins === undefined ? {} : { [annotation]: plugins };
  const csiNode = () => ({ metadata: { annotations }, spec: { drivers: [] } });
  return volumeOnNode(storedVolume('pv', spec), 'n', { csiNode }).spec?.csi?.driver;
}

const all = 'kubernetes.io/aws-ebs,kubernetes.io/azure-file';
const rows: [title: string, spec: Partial<PersistentVolumeSpec>, plugins?: string, driver?: string][] = [
  ['a disk of EBS on a node of this version', disk, all, 'ebs.csi.aws.com'],
  ['a disk of EBS on a node that says nothing', disk],
  ['a disk of EBS on a node of other drivers', disk, 'kubernetes.io/gce-pd'],
  ['a share of Azure, which upstream leaves out', share, all],
  ['a folder', { hostPath: { path: '/' } }, all],
];
for (const [title, spec, plugins, driver] of rows) {
  test(`a volume on a node – ${title} – ${driver ?? 'as it is'}`, () => {
    assert.equal(driverOn(spec, plugins), driver);
  });
}

test('a volume on a node – with a wrong id – is an error', () => {
  const spec = { awsElasticBlockStore: { volumeID: 'aws://a/1' } };
  assert.throws(
    () => driverOn(spec, all),
    /^Error: could not translate pv: failed to translate Kubernetes ID/,
  );
});
