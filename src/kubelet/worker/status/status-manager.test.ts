import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namespaces, pods } from '#api/generated/kinds.gen.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import type { NodePod } from '../../pod/pod.ts';
import { ContainerMetrics } from './container-metrics.ts';
import { StatusManager } from './status-manager.ts';

test('a pod – its sandbox was recreated – has its new addresses and no others', async (t) => {
  await using api = await startTestServer();
  const { client, env } = api;
  await client.create(namespaces, { metadata: { name: 'default' } });
  const spec = { containers: [{ name: 'main', image: 'busybox' }] };
  const pod = (await client.create(pods, { metadata: { name: 'p', namespace: 'default' }, spec })) as NodePod;
  const manager = new StatusManager({ env, client, metrics: new ContainerMetrics() });
  t.after(() => manager.stop());
  for (const [ip, hostIP] of [
    ['10.244.0.5', '192.0.2.1'],
    ['10.244.0.8', '192.0.2.2'],
  ] as const) {
    await t.test(ip, async () => {
      manager.set(pod, { phase: 'Running', podIP: ip, podIPs: [{ ip }], hostIP, hostIPs: [{ ip: hostIP }] });
      await manager.flushed(pod.metadata.uid);
      const { status } = await client.get(pods, { namespace: 'default', name: 'p' });
      assert.deepEqual([status?.podIP, status?.podIPs], [ip, [{ ip }]]);
      assert.deepEqual([status?.hostIP, status?.hostIPs], [hostIP, [{ ip: hostIP }]]);
    });
  }
});

test('a condition – that another client set – is set right when the kubelet looks at the pod again, once', async (t) => {
  await using api = await startTestServer();
  const { client, env } = api;
  const at = { namespace: 'default', name: 'p' };
  await client.create(namespaces, { metadata: { name: 'default' } });
  const spec = { containers: [{ name: 'main', image: 'busybox' }] };
  const pod = (await client.create(pods, { metadata: at, spec })) as NodePod;
  const manager = new StatusManager({ env, client, metrics: new ContainerMetrics() });
  t.after(() => manager.stop());
  const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }];
  const report = async (seen: NodePod) => {
    manager.set(seen, { phase: 'Running', conditions });
    await manager.flushed(pod.metadata.uid);
    return (await client.get(pods, at)) as NodePod;
  };
  const reported = await report(pod);
  const silent = [{ type: 'Ready', status: 'False', lastTransitionTime: '2026-01-01T00:01:00Z' }];
  const marking = { status: { conditions: silent } };
  const marked = await client.patch(pods, at, 'strategic', marking, { subresource: 'status' });
  assert.equal((await report(reported)).status?.conditions?.[0]?.status, 'False', 'not seen yet');
  const righted = await report(marked as NodePod);
  assert.deepEqual(righted.status?.conditions, [{ ...conditions[0], lastProbeTime: null }]);
  assert.equal((await report(righted)).metadata.resourceVersion, righted.metadata.resourceVersion);
  const labelled = await client.patch(pods, at, 'merge', { metadata: { labels: { a: 'b' } } });
  const after = await report(labelled as NodePod);
  assert.equal(after.metadata.resourceVersion, labelled.metadata?.resourceVersion);
});
