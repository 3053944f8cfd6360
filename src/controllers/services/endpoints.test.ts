import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endpoints as endpointsType, pods, services } from '#api/generated/kinds.gen.ts';
import type { Endpoints } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { DryController } from '#testing/controllers/dry-controller.ts';
import { backend, backends, labels, webService } from '#testing/objects/services.ts';
import { storedMetadata, storedPod } from '#testing/objects.ts';
import { packSubsets, truncateSubsets } from './endpoint-subsets.ts';
import { decideEndpoints, endpoints } from './endpoints.ts';

test('Endpoints – they hold ready and unready addresses, with the named port found in the pod', () => {
  const [action] = decideEndpoints(webService(), backends, undefined, '2026-01-01T00:00:00Z');
  assert.equal(action?.do, 'create');
  const object = action?.do === 'create' ? (action.object as Endpoints) : undefined;
  assert.deepEqual(object?.subsets, [
    {
      addresses: [
        {
          ip: '10.0.0.2',
          hostname: 'a',
          nodeName: 'n1',
          targetRef: { kind: 'Pod', namespace: 'default', name: 'a', uid: 'a' },
        },
      ],
      notReadyAddresses: [
        {
          ip: '10.0.0.1',
          hostname: 'b',
          nodeName: 'n1',
          targetRef: { kind: 'Pod', namespace: 'default', name: 'b', uid: 'b' },
        },
      ],
      ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    },
  ]);
  assert.deepEqual(object?.metadata?.labels, {
    team: 'a',
    'endpoints.kubernetes.io/managed-by': 'endpoint-controller',
  });
  const existing = {
    ...object,
    metadata: { ...object!.metadata, ...storedMetadata('web', { namespace: 'default' }) },
  } as Stored<Endpoints>;
  assert.deepEqual(
    decideEndpoints(webService(), backends, existing, undefined),
    [],
    'nothing to do the second time',
  );
});

test('a service that publishes unready addresses – all are ready', () => {
  const [action] = decideEndpoints(
    webService({ publishNotReadyAddresses: true }),
    backends,
    undefined,
    undefined,
  );
  const object = action?.do === 'create' ? (action.object as Endpoints) : undefined;
  assert.deepEqual(
    object?.subsets?.[0]?.addresses?.map(({ ip }) => ip),
    ['10.0.0.1', '10.0.0.2', '10.0.0.3'],
  );
});

test('more than 1000 addresses – the unready are cut first', () => {
  const address = (i: number, ready: boolean) => ({
    address: { ip: `10.0.${i >> 8}.${i & 255}` },
    ports: [{ port: 80 }],
    ready,
  });
  const many = Array.from({ length: 1200 }, (_, i) => address(i, i % 2 === 0));
  const { subsets, isTruncated } = truncateSubsets(packSubsets(many));
  assert.equal(isTruncated, true);
  assert.deepEqual([subsets[0]?.addresses?.length, subsets[0]?.notReadyAddresses?.length], [600, 400]);
});

const leftOver = (annotations: Record<string, string> = {}): Stored<Endpoints> => ({
  metadata: storedMetadata('web', { namespace: 'default', annotations }),
});

test('Endpoints that the controller finds without a service – they go, unless they are a lock', async () => {
  const controller = new DryController(endpoints, {}, (shown) => shown.put(endpointsType, leftOver()));
  assert.deepEqual(controller.woken(), ['default/web']);
  assert.deepEqual(await controller.printed('default/web'), ['delete Endpoints default/web']);
  controller.put(endpointsType, leftOver({ 'control-plane.alpha.kubernetes.io/leader': '' }));
  assert.deepEqual(await controller.printed('default/web'), []);
});

test('Endpoints that are made by hand later – they are kept: their service may come', () => {
  const controller = new DryController(endpoints).put(endpointsType, leftOver());
  assert.deepEqual(controller.woken(), []);
});

test('a service with a selector – created, then updated', async () => {
  const controller = new DryController(endpoints).put(services, webService());
  assert.deepEqual(await controller.printed('default/web'), ['create Endpoints default/web']);
  controller.put(endpointsType, leftOver());
  assert.deepEqual(await controller.printed('default/web'), ['update Endpoints default/web']);
});

test('pods – which changes wake the services that select them', () => {
  const pod = backend('a', '10.0.0.2', true);
  const controller = new DryController(endpoints).put(services, webService());
  controller.woken();
  controller.put(pods, pod, storedPod('other'));
  assert.deepEqual(controller.woken(), ['default/web']);
  controller.put(pods, { ...pod, metadata: { ...pod.metadata, annotations: { a: 'b' } } });
  assert.deepEqual(controller.woken(), [], 'nothing of it shows in Endpoints');
  controller.put(pods, backend('a', '10.0.0.2', false));
  assert.deepEqual(controller.woken(), ['default/web'], 'it is not ready');
  controller.put(pods, backend('a', '10.0.0.2', false, { labels: {} }));
  assert.deepEqual(controller.woken(), ['default/web'], 'it was selected before');
  controller.put(pods, backend('a', '10.0.0.2', false, { labels })).remove(pods, pod);
  assert.deepEqual(controller.woken(), ['default/web']);
});
