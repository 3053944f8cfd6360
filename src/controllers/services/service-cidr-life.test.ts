/** A ServiceCIDR from its creation to its end, in an API server that gives services addresses out of it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serviceCIDRs, services } from '#api/generated/kinds.gen.ts';
import { startControllers } from '#client/controllers/controller-runner.ts';
import { createInformers } from '#client/informers/informers.ts';
import { newService } from '#testing/objects/services.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { serviceCidr } from './service-cidr.ts';

test('a deleted ServiceCIDR – waits for its last address, then for ten seconds', async (t) => {
  const clock = new VirtualClock();
  await using api = await startTestServer({
    setup: 'kubernetes',
    serviceCidr: '10.96.0.0/30',
    env: { clock },
  });
  const { env, client } = api;
  const informers = createInformers(client, env);
  const controllers = startControllers([serviceCidr], { env, client, informers });
  t.after(async () => {
    await controllers.stop();
    informers.stop();
  });
  const service = (name: string) => client.create(services, newService(name, { ports: [{ port: 80 }] }));
  const key = { name: 'second' };
  const ready = async () => {
    await clock.advance(1_000);
    const { metadata, status } = await client.get(serviceCIDRs, key);
    const condition = status?.conditions?.find(({ type }) => type === 'Ready');
    return [metadata.finalizers?.length ?? 0, condition?.status, condition?.reason];
  };
  await service('fills-the-first');
  await client.create(serviceCIDRs, { metadata: key, spec: { cidrs: ['10.97.0.0/24'] } });
  assert.deepEqual(await ready(), [1, 'True', '']);
  assert.match((await service('in-the-second')).spec!.clusterIP!, /^10\.97\.0\./);

  await client.delete(serviceCIDRs, key);
  assert.deepEqual(await ready(), [1, 'False', 'Terminating']);
  await assert.rejects(service('more'), /range is full$/);
  await client.delete(services, { namespace: 'default', name: 'in-the-second' });
  await clock.advance(12_000);
  await assert.rejects(client.get(serviceCIDRs, key), { code: 404 });
});
