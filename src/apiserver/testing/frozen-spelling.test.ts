/** What counts as a change, where an object says the same amount in another spelling. */

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { configMaps, deployments } from '#api/generated/kinds.gen.ts';
import { startTestServer } from '#testing/server/test-server.ts';

const server = await startTestServer();
after(() => server.stop());

describe('an immutable ConfigMap – a value that is another spelling of the same amount – may not change', () => {
  const { client } = server;
  const frozen = { metadata: { name: 'f', namespace: 'default' }, immutable: true };
  for (const key of ['sizeLimit', 'limits']) {
    test(key, async () => {
      const name = key.toLowerCase();
      const metadata = { name, namespace: 'default' };
      await client.create(configMaps, { ...frozen, metadata, data: { [key]: '1024Mi' } });
      await assert.rejects(
        client.patch(configMaps, { namespace: 'default', name }, 'merge', { data: { [key]: '1Gi' } }),
        /field is immutable when `immutable` is set/,
      );
    });
  }
});

test('a Deployment – an amount spelled differently – the generation stays; a variable spelled differently – it rises', async () => {
  const { client } = server;
  const container = (cpu: string, value: string) => ({
    name: 'c',
    image: 'nginx',
    env: [{ name: 'A', value }],
    resources: { limits: { cpu } },
  });
  const at = { namespace: 'default', name: 'web' };
  const spec = (cpu: string, value: string) => ({
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [container(cpu, value)] } },
  });
  await client.create(deployments, { metadata: at, spec: spec('1.500', '1k') });
  const respelled = await client.patch(deployments, at, 'merge', { spec: spec('1500m', '1k') });
  assert.equal(respelled.metadata.generation, 1);
  const changed = await client.patch(deployments, at, 'merge', { spec: spec('1500m', '1000') });
  assert.equal(changed.metadata.generation, 2);
});
