/** Stock gRPC calls over a socket in a folder of the test's own. */

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { systemEnv } from '#host/system-env.ts';
import { storedPod } from '#testing/objects.ts';
import { PluginChannel } from '../../grpc/plugin-channel.ts';
import type { ResourceSources } from './answers.ts';
import { PodResourcesMetrics, servePodResources } from './serve.ts';
import v1 from './v1.gen.json' with { type: 'json' };
import v1alpha1 from './v1alpha1.gen.json' with { type: 'json' };

const pod = storedPod('p', {
  spec: {
    initContainers: [{ name: 'init' }, { name: 'sidecar', restartPolicy: 'Always' }],
    containers: [{ name: 'main' }],
  },
});
const thing = 'example.com/thing';

const managers: ResourceSources = {
  devices: {
    allocated: (_, container) =>
      container === 'main' ? [{ resource: thing, id: 'dev1', numaNodes: [0, 1] }] : [],
    allocatable: () => [{ resource: thing, id: 'dev2', numaNodes: [] }],
  },
  cpus: {
    exclusive: (_, container) => new Set(container === 'sidecar' ? [2, 3] : []),
    allocatable: new Set([1, 2, 3]),
  },
  memory: {
    blocks: (_, container) =>
      container === 'main' ? [{ numaAffinity: [0, 1], type: 'memory', size: 64 }] : [],
    allocatable: () => [{ numaAffinity: [0], type: 'memory', size: 128 }],
  },
  claims: {
    manager: {
      preparedClaims: (_, container) => {
        if (container.name !== 'main') throw new Error('not prepared');
        const device = {
          poolName: 'pool',
          deviceName: 'gpu0',
          requestNames: [],
          cdiDeviceIds: ['example.com/gpu=0'],
        };
        return [
          {
            namespace: 'default',
            name: 'claim',
            uid: 'u',
            podUids: new Set(['p']),
            devices: new Map([['gpu.example.com', [device]]]),
            isPrepared: true,
          },
        ];
      },
    },
  },
};

async function serve(t: TestContext) {
  const folder = await mkdtemp('/tmp/kybern-pod-resources-');
  const { clock } = systemEnv();
  const metrics = new PodResourcesMetrics();
  const findPod = (namespace: string, name: string) =>
    namespace === 'default' && name === 'p' ? pod : undefined;
  const node = { activePods: () => [pod], pods: () => [pod], findPod };
  const parts = { clock, folder, managers, node };
  const server = await servePodResources(parts, metrics);
  const channels = await Promise.all(
    [v1, v1alpha1].map((description) => PluginChannel.open(`${folder}/kubelet.sock`, description)),
  );
  t.after(async () => {
    for (const channel of channels) await channel.close();
    await server.close();
    await rm(folder, { recursive: true });
  });
  const call = (channel: PluginChannel | undefined) => (method: string, request: object) =>
    channel!.call('PodResourcesLister', method, { ...request }, { timeoutMs: 5000 });
  return { call: call(channels[0]), callAlpha: call(channels[1]), metrics };
}

const at = (node: number) => ({
  resourceName: thing,
  deviceIds: ['dev1'],
  topology: { nodes: [{ ID: node }] },
});
const answer = {
  name: 'p',
  namespace: 'default',
  containers: [
    { name: 'sidecar', devices: [], cpuIds: [2, 3], memory: [], dynamicResources: [] },
    {
      name: 'main',
      devices: [at(0), at(1)],
      cpuIds: [],
      memory: [{ memoryType: 'memory', size: 64, topology: { nodes: [{ ID: 0 }, { ID: 1 }] } }],
      dynamicResources: [
        {
          claimName: 'claim',
          claimNamespace: 'default',
          claimResources: [
            {
              cdiDevices: [{ name: 'example.com/gpu=0' }],
              driverName: 'gpu.example.com',
              poolName: 'pool',
              deviceName: 'gpu0',
            },
          ],
        },
      ],
    },
  ],
};
const plain = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown;

test('pod resources – List and Get – say what sidecars and containers have', async (t) => {
  const { call, metrics } = await serve(t);
  assert.deepEqual(plain(await call('List', {})), { podResources: [answer] });
  const request = { podNamespace: 'default', podName: 'p' };
  assert.deepEqual(plain(await call('Get', request)), { podResources: answer });
  assert.deepEqual([...metrics.requests.readings()], [[{ server_api_version: 'v1' }, 2]]);
});

test('pod resources – of a pod that is not here – are an error', async (t) => {
  const { call, metrics } = await serve(t);
  await assert.rejects(call('Get', { podNamespace: 'default', podName: 'q' }), {
    message: 'rpc error: code = Unknown desc = pod q in namespace default not found',
  });
  assert.deepEqual([...metrics.getErrors.readings()], [[{ server_api_version: 'v1' }, 1]]);
});

test('pod resources – allocatable ones – are the healthy devices and the processors that are not reserved', async (t) => {
  const { call } = await serve(t);
  assert.deepEqual(plain(await call('GetAllocatableResources', {})), {
    devices: [{ resourceName: thing, deviceIds: ['dev2'], topology: null }],
    cpuIds: [1, 2, 3],
    memory: [{ memoryType: 'memory', size: 128, topology: { nodes: [{ ID: 0 }] } }],
  });
});

test('pod resources – v1alpha1 – has the devices of app containers', async (t) => {
  const { callAlpha } = await serve(t);
  const devices = [{ resourceName: thing, deviceIds: ['dev1'] }];
  assert.deepEqual(plain(await callAlpha('List', {})), {
    podResources: [{ name: 'p', namespace: 'default', containers: [{ name: 'main', devices }] }],
  });
});

test('pod resources – more than ten requests at once – are rejected, and not so soon that they are repeated at once', async (t) => {
  const { call } = await serve(t);
  const beganMs = performance.now();
  const results = await Promise.allSettled(Array.from({ length: 30 }, () => call('List', {})));
  const rejected = results.filter((result) => result.status === 'rejected');
  assert.ok(rejected.length > 0);
  assert.ok(performance.now() - beganMs > 900);
  assert.equal(
    (rejected[0]!.reason as Error).message,
    'rpc error: code = ResourceExhausted desc = rejected by rate limit',
  );
});
