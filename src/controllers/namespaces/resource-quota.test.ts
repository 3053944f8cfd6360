import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  configMaps,
  namespaces,
  pods,
  replicationControllers,
  resourceQuotas,
} from '#api/generated/kinds.gen.ts';
import { startControllers } from '#client/controllers/controller-runner.ts';
import { createInformers } from '#client/informers/informers.ts';
import { openInProcess } from '#testing/api-server.ts';
import { eventually } from '#testing/client-suite.ts';
import { replicationController } from '../workloads/replica-set/replication-controller.ts';
import { resourceQuota } from './resource-quota.ts';

const namespace = 'default';

test('a quota reports what its namespace uses, and follows', async () => {
  const { env, client, close } = await openInProcess();
  const informers = createInformers(client, env);
  const controllers = startControllers([resourceQuota, replicationController], { env, client, informers });
  const used = (name: string, amount: string) =>
    eventually(env, `${amount} ${name}`, async () => {
      const { status } = await client.get(resourceQuotas, { namespace, name: 'q' });
      return status?.used?.[name] === amount || undefined;
    });
  try {
    await client.create(namespaces, { metadata: { name: namespace } });
    const hard = { pods: '5', 'requests.cpu': '2', 'count/configmaps': '3' };
    await client.create(resourceQuotas, { metadata: { name: 'q', namespace }, spec: { hard } });
    await used('pods', '0');
    const labels = { app: 'web' };
    const container = { name: 'c', image: 'x', resources: { requests: { cpu: '250m' } } };
    const template = { metadata: { labels }, spec: { containers: [container] } };
    const spec = { replicas: 3, selector: labels, template };
    await client.create(replicationControllers, { metadata: { name: 'rc', namespace }, spec });
    await used('pods', '3');
    await used('requests.cpu', '750m');
    await client.create(configMaps, { metadata: { name: 'm', namespace } });
    await used('count/configmaps', '1');
    await client.patch(replicationControllers, { namespace, name: 'rc' }, 'merge', { spec: { replicas: 1 } });
    await used('pods', '1');
    assert.equal((await client.list(pods, { namespace })).items.length, 1);
    const { status } = await client.get(resourceQuotas, { namespace, name: 'q' });
    assert.deepEqual(status?.hard, hard);
  } finally {
    await controllers.stop();
    informers.stop();
    await close();
  }
});
