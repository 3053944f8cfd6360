/** Endpoints and EndpointSlices: as objects, and as what the controllers make of services and pods. */

import assert from 'node:assert/strict';
import { endpointSlices, endpoints, services } from '#api/generated/kinds.gen.ts';
import { type Behaviour, type BehaviourContext, behaviour } from '../behaviour.ts';
import { deletePod, podOf, start } from '../common/running.ts';
import { watchFromNow } from '../shared/watching.ts';
import { change, isGone } from '../shared/workloads.ts';
import { createService } from './asking.ts';
import { slicesAsObjects } from './objects.ts';
import { ownSlices } from './own-slices.ts';

async function addresses({ client, namespace }: BehaviourContext, name: string) {
  const { subsets = [] } = await client.get(endpoints, { namespace, name });
  const labelSelector = `kubernetes.io/service-name=${name}`;
  const { items } = await client.list(endpointSlices, { namespace, labelSelector });
  return {
    old: subsets.flatMap((subset) => (subset.addresses ?? []).map(({ ip }) => ip)),
    current: items.flatMap((slice) => (slice.endpoints ?? []).flatMap((endpoint) => endpoint.addresses)),
    slices: items.length,
  };
}

async function follow(context: BehaviourContext): Promise<void> {
  await createService(context, 'followed', { selector: { name: 'follower' }, ports: [{ port: 80 }] });
  const { status } = await start(context, podOf(context, 'follower'));
  const becomes = (expected: string[]) =>
    context.eventually(`the endpoints are ${expected.join()}`, async () => {
      const { old, current } = await addresses(context, 'followed');
      assert.deepEqual([old, current], [expected, expected]);
      return true;
    });
  await becomes([status!.podIP!]);
  await deletePod(context, 'follower');
  await becomes([]);
}

/** Both kinds come empty with a service that finds no pods, and go with it. */
async function comeAndGo(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const key = { namespace, name: 'empty' };
  await createService(context, 'empty', { selector: { does: 'not-match' }, ports: [{ port: 80 }] });
  await context.eventually('empty endpoints are there', async () => {
    const { old, current, slices } = await addresses(context, 'empty');
    assert.deepEqual([old, current, slices], [[], [], 1]);
    return true;
  });
  await client.delete(services, key);
  await context.eventually('they are gone', async () => {
    const { items } = await client.list(endpointSlices, { namespace });
    return items.length === 0 && (await isGone(client, endpoints, key));
  });
}

export const endpointsObjects: readonly Behaviour[] = [
  behaviour(
    '[sig-network] Endpoints should test the lifecycle of an Endpoint [Conformance]',
    async (context) => {
      const { client, namespace } = context;
      const key = { namespace, name: 'living' };
      const labels = { 'test-endpoint-static': 'true' };
      const watching = await watchFromNow(context, endpoints, { namespace });
      const subset = (ip: string, port: number) => [{ addresses: [{ ip }], ports: [{ name: 'http', port }] }];
      await client.create(endpoints, { metadata: { ...key, labels }, subsets: subset('10.0.0.24', 80) });
      await change(client, endpoints, key, ({ metadata }) => {
        metadata.labels = { ...metadata.labels, 'test-service': 'updated' };
      });
      await watching.until(
        'the label is reported',
        ({ object }) => object.metadata.labels?.['test-service'] === 'updated',
      );
      await client.patch(endpoints, key, 'strategic', { subsets: subset('10.0.0.25', 8080) });
      const patched = (await client.get(endpoints, key)).subsets?.[0];
      assert.equal(patched?.addresses?.[0]?.ip, '10.0.0.25');
      assert.equal(patched?.ports?.[0]?.port, 8080);
      await client.deleteCollection(endpoints, { namespace, labelSelector: 'test-endpoint-static=true' });
      await watching.until('the end is reported', ({ type }) => type === 'DELETED');
      assert.ok(await isGone(client, endpoints, key));
    },
  ),
  behaviour(
    '[sig-network] EndpointsController should create Endpoints for Pods matching a Service [Conformance]',
    follow,
  ),
  behaviour(
    '[sig-network] EndpointsController should create and delete Endpoints for a Service with a selector that matches no pods [Conformance]',
    comeAndGo,
  ),
];

export const endpointSliceObjects: readonly Behaviour[] = [
  behaviour(
    '[sig-network] EndpointSlice should create Endpoints and EndpointSlices for Pods matching a Service [Conformance]',
    follow,
  ),
  behaviour(
    '[sig-network] EndpointSlice should create and delete EndpointSlices for a Service with a selector that matches no pods [Conformance]',
    comeAndGo,
  ),
  slicesAsObjects,
  ...ownSlices,
];

export const apiServerService: readonly Behaviour[] = [
  behaviour(
    '[sig-network] API Server should provide secure master service [Conformance]',
    async ({ client }) => {
      const { spec } = await client.get(services, { namespace: 'default', name: 'kubernetes' });
      assert.ok(spec?.ports?.some(({ name, port }) => name === 'https' && port === 443));
    },
  ),
  behaviour(
    '[sig-network] API Server should have Endpoints and EndpointSlices pointing to API Server [Conformance]',
    async (context) => {
      const { old, current } = await addresses({ ...context, namespace: 'default' }, 'kubernetes');
      assert.ok(old.length > 0);
      assert.deepEqual(current, old);
    },
  ),
];
