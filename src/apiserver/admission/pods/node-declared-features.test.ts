import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodes, pods } from '#api/generated/kinds.gen.ts';
import type { Pod } from '#api/generated/types.gen.ts';
import { createDefaultAccount, startTestServer } from '#testing/server/test-server.ts';

const podLevel = 'InPlacePodLevelResourcesVerticalScaling';
const initContainers = 'InPlacePodVerticalScalingInitContainers';

const memory = (amount: string) => ({ requests: { memory: amount }, limits: { memory: amount } });
const container = (name: string, amount: string) => ({ name, image: 'i', resources: memory(amount) });

test('an update of a pod – needs a feature that its node does not declare – is rejected, any other is not', async () => {
  await using api = await startTestServer({ setup: 'kubernetes' });
  const { client } = api;
  await createDefaultAccount(client);
  await client.create(nodes, { metadata: { name: 'plain' } });
  await client.create(nodes, { metadata: { name: 'able' } });
  const allocatable = { cpu: '1', memory: '1Gi' };
  for (const [name, declaredFeatures] of [
    ['plain', []],
    ['able', [podLevel, initContainers]],
  ] as const) {
    await client.patch(
      nodes,
      { name },
      'merge',
      { status: { allocatable, capacity: allocatable, declaredFeatures } },
      { subresource: 'status' },
    );
  }
  for (const nodeName of ['plain', 'able']) {
    await client.create(pods, {
      metadata: { name: nodeName, namespace: 'default' },
      spec: {
        nodeName,
        resources: memory('64Mi'),
        initContainers: [container('i', '8Mi')],
        containers: [container('c', '8Mi')],
      },
    } as Pod);
  }
  const resize = (name: string, spec: object) =>
    client.patch(pods, { namespace: 'default', name }, 'strategic', { spec }, { subresource: 'resize' });
  const refused = (feature: string) => ({
    code: 403,
    message: `pods "plain" is forbidden: pod update requires features ${feature} which are not available on node "plain"`,
  });
  const wholePod = { resources: memory('128Mi') };
  const inits = { initContainers: [{ name: 'i', resources: memory('16Mi') }] };
  await assert.rejects(resize('plain', wholePod), refused(podLevel));
  await assert.rejects(resize('plain', inits), refused(initContainers));
  await resize('plain', { containers: [{ name: 'c', resources: memory('16Mi') }] });
  await resize('able', wholePod);
  await resize('able', inits);
});
