import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gcePd } from './gce-pd.ts';

const zone = 'topology.kubernetes.io/zone';
const betaZone = 'failure-domain.beta.kubernetes.io/zone';
const gcePersistentDisk = { pdName: 'pd' };

describe('handle of a disk – by the labels of its volume', () => {
  const multiple = 'multiple or no regions gotten from zones, got: map[europe-west1:{} us-central1:{}]';
  const unexpected = 'zone in unexpected format, expected: {locale}-{region}-{zone}, got: b';
  const rows: [title: string, labels: Record<string, string>, place: string | Error][] = [
    ['none', {}, 'zones/UNSPECIFIED'],
    ['an older zone', { [betaZone]: 'us-east1-a' }, 'zones/us-east1-a'],
    ['a zone', { [zone]: 'us-east1-a' }, 'zones/us-east1-a'],
    ['both, the older one first', { [zone]: 'us-east1-b', [betaZone]: 'us-east1-a' }, 'zones/us-east1-a'],
    ['older zones of a region', { [betaZone]: 'us-central1-a__us-central1-c' }, 'regions/us-central1'],
    ['zones of a region', { [zone]: 'us-central1-a__us-central1-c' }, 'regions/us-central1'],
    ['zones of two regions', { [zone]: 'us-central1-a__europe-west1-c' }, new Error(multiple)],
    ['zones of another form', { [zone]: 'us-central1-a__b' }, new Error(unexpected)],
  ];
  for (const [title, labels, place] of rows) {
    test(title, () => {
      const translate = () => gcePd.ofVolume({ metadata: { labels }, spec: { gcePersistentDisk } });
      if (place instanceof Error) {
        assert.throws(translate, new Error(`failed to get region from zones: ${place.message}`));
      } else assert.equal(translate()?.csi.volumeHandle, `projects/UNSPECIFIED/${place}/disks/pd`);
    });
  }
});

const modes: [modes: string[] | undefined, translated: string[] | undefined][] = [
  [undefined, undefined],
  [[], ['ReadWriteOnce']],
  [['ReadOnlyMany'], ['ReadOnlyMany']],
  [['ReadWriteOnce'], ['ReadWriteOnce']],
  [['ReadWriteMany'], ['ReadWriteOnce']],
  [['ReadWriteOnce', 'ReadOnlyMany'], ['ReadWriteOnce']],
  [['ReadWriteOnce', 'ReadWriteMany'], ['ReadWriteOnce']],
  [['ReadWriteMany', 'ReadOnlyMany'], ['ReadWriteOnce']],
  [['ReadWriteMany', 'ReadWriteOnce', 'ReadOnlyMany'], ['ReadWriteOnce']],
];
for (const [accessModes, translated] of modes) {
  test(`access modes – ${accessModes?.join() ?? 'none'} – ${translated?.join() ?? 'none'}`, () => {
    const spec = { gcePersistentDisk, ...(accessModes ? { accessModes } : {}) };
    assert.deepEqual(gcePd.ofVolume({ spec })?.accessModes, translated);
  });
}

test('an inline disk – read-only – may be read by many nodes', () => {
  const source = { ...gcePersistentDisk, readOnly: true, partition: 2, fsType: 'ext4' };
  assert.deepEqual(gcePd.ofInline({ name: 'v', gcePersistentDisk: source }, 'default'), {
    name: 'pd.csi.storage.gke.io-pd',
    accessMode: 'ReadOnlyMany',
    csi: {
      driver: 'pd.csi.storage.gke.io',
      volumeHandle: 'projects/UNSPECIFIED/zones/UNSPECIFIED/disks/pd',
      fsType: 'ext4',
      readOnly: true,
      volumeAttributes: { partition: '2' },
    },
  });
});

test('an inline disk – to be written – is for one node', () => {
  const inline = gcePd.ofInline({ name: 'v', gcePersistentDisk }, 'default');
  assert.equal(inline?.accessMode, 'ReadWriteOnce');
  assert.deepEqual(inline?.csi.volumeAttributes, { partition: '' });
});
