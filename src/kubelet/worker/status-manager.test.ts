import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namespaces, pods } from '#api/generated/kinds.gen.ts';
import { openInProcess } from '#testing/api-server.ts';
import type { NodePod } from '../pod/pod.ts';
import { StatusManager } from './status-manager.ts';

test('a pod whose sandbox was made anew has its new addresses and no others', async (t) => {
  const { client, env, close } = await openInProcess();
  t.after(close);
  await client.create(namespaces, { metadata: { name: 'default' } });
  const spec = { containers: [{ name: 'main', image: 'busybox' }] };
  const pod = (await client.create(pods, { metadata: { name: 'p', namespace: 'default' }, spec })) as NodePod;
  const manager = new StatusManager(env, client);
  t.after(() => manager.stop());
  for (const [ip, hostIP] of [
    ['10.244.0.5', '192.0.2.1'],
    ['10.244.0.8', '192.0.2.2'],
  ] as const) {
    manager.set(pod, { phase: 'Running', podIP: ip, podIPs: [{ ip }], hostIP, hostIPs: [{ ip: hostIP }] });
    await manager.flushed(pod.metadata.uid);
    const { status } = await client.get(pods, { namespace: 'default', name: 'p' });
    assert.deepEqual([status?.podIP, status?.podIPs], [ip, [{ ip }]]);
    assert.deepEqual([status?.hostIP, status?.hostIPs], [hostIP, [{ ip: hostIP }]]);
  }
});
