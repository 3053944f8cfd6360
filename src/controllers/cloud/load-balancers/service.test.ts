import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodes, services } from '#api/generated/kinds.gen.ts';
import type { Node, Service } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { type ControlledCluster, withControllers } from '#testing/controllers/controlled-cluster.ts';
import { DryController } from '#testing/controllers/dry-controller.ts';
import { newService, webService } from '#testing/objects/services.ts';
import { storedNode } from '#testing/objects.ts';
import type { LoadBalancers } from '../cloud-provider.ts';
import { cleanupFinalizer } from './balanced-service.ts';
import { serviceController } from './service.ts';

/** A cloud that gives one address, and remembers what it was called with. */
class OneAddress implements LoadBalancers {
  readonly calls: string[] = [];
  failure: string | undefined;
  #held = false;

  restore(): void {}

  async exists(): Promise<boolean> {
    return this.#held;
  }

  async ensure(service: Stored<Service>, hosts: readonly Stored<Node>[]) {
    this.#note('ensure', service, hosts);
    this.#held = true;
    return { ingress: [{ ip: '192.0.2.7', ipMode: 'VIP' }] };
  }

  async update(service: Stored<Service>, hosts: readonly Stored<Node>[]): Promise<void> {
    this.#note('update', service, hosts);
  }

  async remove(service: Stored<Service>): Promise<void> {
    this.#note('remove', service, []);
    this.#held = false;
  }

  #note(verb: string, { metadata }: Stored<Service>, hosts: readonly Stored<Node>[]): void {
    const names = hosts.map((node) => node.metadata.name).join(',');
    this.calls.push(`${verb} ${metadata.name} ${names}`.trim());
    if (this.failure) throw new Error(this.failure);
  }
}

const balanced = { type: 'LoadBalancer', ports: [{ port: 80 }] };
const web = { namespace: 'default', name: 'web' };

async function addressed({ client, eventually }: ControlledCluster): Promise<Stored<Service>> {
  return eventually('an address', async () => {
    const service = await client.get(services, web);
    return service.status?.loadBalancer?.ingress?.length ? service : undefined;
  });
}

test('a Service of type LoadBalancer – created, deleted – gets the finalizer and an address, and is gone after its load balancer', async () => {
  const cloud = new OneAddress();
  await withControllers([serviceController(cloud)], async (cluster) => {
    const { client, events } = cluster;
    await client.create(services, newService('web', balanced));
    const service = await addressed(cluster);
    assert.deepEqual(service.metadata.finalizers, [cleanupFinalizer]);
    assert.deepEqual(service.status?.loadBalancer?.ingress, [{ ip: '192.0.2.7', ipMode: 'VIP' }]);
    await client.delete(services, web);
    await cluster.eventually(
      'deleted',
      async () => !(await client.list(services, web)).items.some((left) => left.metadata.name === 'web'),
    );
    assert.deepEqual(cloud.calls, ['ensure web', 'remove web']);
    await cluster.eventually('events', async () => (await events()).length === 5);
    assert.deepEqual((await events()).sort(), [
      'DeletedLoadBalancer Deleted load balancer',
      'DeletingLoadBalancer Deleting load balancer',
      'EnsuredLoadBalancer Ensured load balancer',
      'EnsuringLoadBalancer Ensuring load balancer',
      'UnAvailableLoadBalancer There are no available nodes for LoadBalancer',
    ]);
  });
});

test('a Service – that becomes ClusterIP – loses its load balancer, address and finalizer', async () => {
  const cloud = new OneAddress();
  await withControllers([serviceController(cloud)], async (cluster) => {
    const { client, eventually } = cluster;
    await client.create(services, newService('web', balanced));
    await addressed(cluster);
    await client.patch(services, web, 'merge', { spec: { type: 'ClusterIP' } });
    const service = await eventually('released', async () => {
      const now = await client.get(services, web);
      return now.metadata.finalizers ? undefined : now;
    });
    assert.deepEqual(service.status, { loadBalancer: {} });
    assert.deepEqual(cloud.calls, ['ensure web', 'remove web']);
  });
});

test('a cloud that fails – then does not – one event says why, and it is tried again', async () => {
  const cloud = new OneAddress();
  cloud.failure = 'no address is left';
  await withControllers([serviceController(cloud)], async (cluster) => {
    await cluster.client.create(services, newService('web', balanced));
    const text =
      'SyncLoadBalancerFailed Error syncing load balancer: failed to ensure load balancer: no address is left';
    await cluster.eventually('an event', async () => (await cluster.events()).includes(text));
    cloud.failure = undefined;
    await addressed(cluster);
  });
});

function dry() {
  const controller = new DryController(serviceController(new OneAddress()));
  controller.put(nodes, storedNode('a'));
  return controller;
}

const changes: readonly (readonly [what: string, change: object, wakes: boolean])[] = [
  ['a port', { ports: [{ name: 'http', port: 81, targetPort: 'http' }] }, true],
  ['source ranges', { loadBalancerSourceRanges: ['10.0.0.0/8'] }, true],
  ['the traffic policy', { externalTrafficPolicy: 'Local' }, true],
  ['the selector', { selector: { app: 'other' } }, false],
  ['the internal traffic policy', { internalTrafficPolicy: 'Local' }, false],
];

for (const [what, change, wakes] of changes) {
  test(`a balanced Service – with another value of ${what} – ${wakes ? 'wakes' : 'does not wake'} the controller`, () => {
    const controller = dry().put(services, webService({ type: 'LoadBalancer' }));
    controller.woken();
    controller.put(services, webService({ type: 'LoadBalancer', ...change }));
    assert.deepEqual(controller.woken(), wakes ? ['default/web'] : []);
  });
}

test('a Service of another class, or of another type – is left to others', async () => {
  const controller = dry().put(
    services,
    webService({ type: 'LoadBalancer', loadBalancerClass: 'example.com/x' }),
  );
  assert.deepEqual(controller.woken(), []);
  assert.deepEqual(await controller.printed('default/web'), []);
});

test('nodes – added, excluded by label – update the load balancer, and other changes of a node do not', async () => {
  const controller = dry().put(services, webService({ type: 'LoadBalancer' }));
  await controller.plan('default/web');
  assert.deepEqual(await controller.printed('default/web'), []);
  controller.woken();
  controller.put(nodes, storedNode('b'));
  assert.deepEqual(controller.woken(), ['default/web']);
  assert.equal((await controller.plan('default/web')).actions.length, 1);
  controller.put(nodes, storedNode('b', { ready: 'False' }));
  assert.deepEqual(controller.woken(), []);
  controller.put(
    nodes,
    storedNode('b', {
      metadata: { labels: { 'node.kubernetes.io/exclude-from-external-load-balancers': '' } },
    }),
  );
  assert.deepEqual(controller.woken(), ['default/web']);
});
