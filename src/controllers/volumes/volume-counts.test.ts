import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  volumeAttachments,
} from '#api/generated/kinds.gen.ts';
import { StaticInformers } from '#testing/controllers/static-informers.ts';
import { storedClaim, storedVolume } from '#testing/objects/volumes.ts';
import { storedMetadata, storedPod } from '#testing/objects.ts';
import { VolumeCounts } from './volume-counts.ts';

/** By metric, each series as text. */
function readings(counts: VolumeCounts): Record<string, string[]> {
  return Object.fromEntries(
    counts.metrics.map((metric) => {
      const series = Array.from(metric.readings());
      return [metric.name, series.map(([labels, value]) => `${Object.values(labels).join()} ${value}`)];
    }),
  );
}

test('volumes, claims and attachments – of a cluster – are counted by upstream’s labels', () => {
  const informers = new StaticInformers();
  const csi = { driver: 'd', volumeHandle: 'h' };
  informers.put(persistentVolumes, {
    ...storedVolume('a', { csi, storageClassName: 'fast' }),
    status: { phase: 'Bound' },
  });
  informers.put(
    persistentVolumes,
    storedVolume('b', { hostPath: { path: '/tmp/b' }, storageClassName: 'slow' }),
  );
  informers.put(persistentVolumes, {
    metadata: storedMetadata('c'),
    spec: { cephfs: { monitors: [] }, storageClassName: 'slow' },
  });
  informers.put(
    persistentVolumeClaims,
    storedClaim('data', {}, { volumeName: 'a', storageClassName: 'fast' }, { phase: 'Bound' }),
  );
  informers.put(persistentVolumeClaims, storedClaim('waits', {}, { storageClassName: 'slow' }));
  const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }];
  informers.put(pods, storedPod('p', { node: 'n1', spec: { volumes } }));
  informers.put(volumeAttachments, {
    metadata: storedMetadata('x'),
    spec: { attacher: 'd', nodeName: 'n1', source: { persistentVolumeName: 'a' } },
    status: { attached: true },
  });
  const counts = new VolumeCounts();
  assert.deepEqual(readings(counts)['pv_collector_total_pv_count'], []);
  counts.follow(informers);
  counts.forcedDetach('timeout');
  assert.deepEqual(readings(counts), {
    pv_collector_total_pv_count: [
      'kubernetes.io/csi:d,Filesystem 1',
      'kubernetes.io/host-path,Filesystem 1',
      'N/A,Filesystem 1',
    ],
    pv_collector_bound_pv_count: ['fast 1'],
    pv_collector_unbound_pv_count: ['slow 2'],
    pv_collector_bound_pvc_count: ['default,fast, 1'],
    pv_collector_unbound_pvc_count: ['default,slow, 1'],
    storage_count_attachable_volumes_in_use: ['n1,kubernetes.io/csi:d 1'],
    attachdetach_controller_total_volumes: [
      'kubernetes.io/csi:d,desired_state_of_world 1',
      'kubernetes.io/csi:d,actual_state_of_world 1',
    ],
    attach_detach_controller_attachdetach_controller_forced_detaches: ['timeout 1'],
  });
});

test('disks of clouds – of a claim and of a pod itself – are counted as their drivers’', () => {
  const informers = new StaticInformers();
  const disk = { awsElasticBlockStore: { volumeID: 'vol-1' } };
  informers.put(persistentVolumes, { metadata: storedMetadata('a'), spec: disk });
  informers.put(persistentVolumeClaims, storedClaim('data', {}, { volumeName: 'a' }, { phase: 'Bound' }));
  const volumes = [
    { name: 'v', persistentVolumeClaim: { claimName: 'data' } },
    { name: 'w', gcePersistentDisk: { pdName: 'pd' } },
  ];
  informers.put(pods, storedPod('p', { node: 'n1', spec: { volumes } }));
  const inlineVolumeSpec = { csi: { driver: 'pd.csi.storage.gke.io', volumeHandle: 'h' } };
  for (const [name, source] of Object.entries({
    x: { persistentVolumeName: 'a' },
    y: { inlineVolumeSpec },
  })) {
    const spec = { attacher: 'd', nodeName: 'n1', source };
    informers.put(volumeAttachments, { metadata: storedMetadata(name), spec });
  }
  const counts = new VolumeCounts();
  counts.follow(informers);
  const { storage_count_attachable_volumes_in_use: inUse, ...others } = readings(counts);
  const plugins = ['kubernetes.io/csi:ebs.csi.aws.com', 'kubernetes.io/csi:pd.csi.storage.gke.io'];
  assert.deepEqual(
    inUse,
    plugins.map((plugin) => `n1,${plugin} 1`),
  );
  assert.deepEqual(
    others['attachdetach_controller_total_volumes'],
    plugins.map((plugin) => `${plugin},desired_state_of_world 1`),
  );
  assert.deepEqual(others['pv_collector_total_pv_count'], ['N/A,Filesystem 1']);
});
