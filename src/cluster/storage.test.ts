/** Claims on simulated nodes: bound where their pod runs, and gone with their volumes, without a folder. */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { persistentVolumeClaims, persistentVolumes, pods } from '#api/generated/kinds.gen.ts';
import { systemClock } from '#host/system-env.ts';
import { startCluster } from './cluster.ts';
import { informerShows } from './readiness.ts';

const limitMs = 30_000;

test('a claim – of a pod on a simulated node – gets a volume of that node, and both are deleted', async () => {
  await using cluster = await startCluster({ simulatedNodes: 2 });
  const { client, informers } = cluster;
  await client.create(persistentVolumeClaims, {
    metadata: { name: 'data', namespace: 'default' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  });
  await client.create(pods, {
    metadata: { name: 'p', namespace: 'default' },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'main', image: 'db', volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
    },
  });
  await informerShows(informers.for(pods), systemClock, limitMs, 'a running pod', (found) =>
    found.some(({ metadata, status }) => metadata.name === 'p' && status?.phase === 'Running'),
  );
  const { spec } = await client.get(pods, { namespace: 'default', name: 'p' });
  const [volume] = (await client.list(persistentVolumes)).items;
  const [term] = volume?.spec?.nodeAffinity?.required?.nodeSelectorTerms ?? [];
  assert.deepEqual(term?.matchExpressions?.[0]?.values, [spec?.nodeName]);
  assert.equal(existsSync(volume?.spec?.local?.path ?? ''), false);
  await client.delete(pods, { namespace: 'default', name: 'p' });
  await client.delete(persistentVolumeClaims, { namespace: 'default', name: 'data' });
  await informerShows(
    informers.for(persistentVolumes),
    systemClock,
    limitMs,
    'no volume',
    (found) => found.length === 0,
  );
});
