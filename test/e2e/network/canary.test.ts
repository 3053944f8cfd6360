/** A canary release in each of the three ways of docs/guides/canary.md: what share it gets, and that no request fails. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually, kubectl, startTestCluster } from '../../support/cluster.ts';
import { addNginx } from '../../support/images.ts';
import { ask, type LoadTarget, steadyLoad } from '../../support/steady-load.ts';

let cluster: Awaited<ReturnType<typeof startTestCluster>>;
let address = '';
const k = (...args: string[]) => kubectl(cluster, args);
const apply = (...items: object[]) =>
  kubectl(cluster, ['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
const requests = 2000;
const clients = 8;

function deployment(track: string, image: string, replicas: number) {
  const labels = { app: 'shop', track };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: `shop-${track}` },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [
            { name: 'nginx', image, readinessProbe: { httpGet: { path: '/', port: 80 }, periodSeconds: 1 } },
          ],
        },
      },
    },
  };
}

function service(name: string, selector: object) {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { selector, ports: [{ port: 80 }] } };
}

function ingress(name: string, backend: string, annotations: object = {}) {
  const path = {
    path: '/',
    pathType: 'Prefix',
    backend: { service: { name: backend, port: { number: 80 } } },
  };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name, annotations },
    spec: { rules: [{ host: 'shop.com', http: { paths: [path] } }] },
  };
}

const weight = (percent: number) => ({
  'nginx.ingress.kubernetes.io/canary': 'true',
  'nginx.ingress.kubernetes.io/canary-by-header': 'X-Canary',
  'nginx.ingress.kubernetes.io/canary-weight': String(percent),
});

function httpRoute(percent: number) {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'shop' },
    spec: {
      parentRefs: [{ name: 'shop' }],
      rules: [
        {
          backendRefs: [
            { name: 'stable', port: 80, weight: 100 - percent },
            { name: 'canary', port: 80, weight: percent },
          ],
        },
      ],
    },
  };
}

/** How many of 2,000 requests, each by a connection of its own, the canary answers. Any other answer fails. */
async function canaryCount(target: LoadTarget): Promise<number> {
  let count = 0;
  let left = requests;
  const loop = async () => {
    while (left-- > 0) {
      const { status, body } = await ask(target);
      assert.equal(status, 200, body);
      if (body === 'canary') count++;
    }
  };
  await Promise.all(Array.from({ length: clients }, loop));
  return count;
}

async function mustBeTenPercent(target: LoadTarget): Promise<void> {
  const share = ((await canaryCount(target)) / requests) * 100;
  assert.ok(Math.abs(share - 10) <= 2, `the canary got ${share} %`);
}

/** Rolls on to all requests and back to none, under load. */
async function rollOnAndBack(
  target: LoadTarget,
  setPercent: (percent: number) => Promise<unknown>,
): Promise<void> {
  const end = steadyLoad(target);
  await setPercent(100);
  await eventually('all requests reach the canary', async () => (await ask(target)).body === 'canary');
  await setPercent(0);
  await eventually('no request reaches the canary', async () => {
    const bodies = await Promise.all(Array.from({ length: 20 }, async () => (await ask(target)).body));
    return bodies.every((body) => body === 'stable');
  });
  const { failures, answers } = await end();
  assert.deepEqual(failures, []);
  assert.deepEqual([...answers.keys()].toSorted(), ['canary', 'stable']);
}

before(async () => {
  cluster = await startTestCluster(['--gateway'], 'canary');
  await addNginx(cluster, 'shop:1', 'stable');
  await addNginx(cluster, 'shop:2', 'canary');
  await apply(deployment('stable', 'shop:1', 9), deployment('canary', 'shop:2', 1));
  await apply(
    service('shop', { app: 'shop' }),
    service('stable', { app: 'shop', track: 'stable' }),
    service('canary', { app: 'shop', track: 'canary' }),
  );
  await k('rollout', 'status', 'deployment/shop-stable', '--timeout=90s');
  await k('rollout', 'status', 'deployment/shop-canary', '--timeout=90s');
  const [node] = JSON.parse(await k('get', 'nodes', '-o', 'json')).items;
  address = node.status.addresses.find(({ type }: { type: string }) => type === 'InternalIP').address;
});
after(() => cluster?.dispose());

test('a canary by weight of an Ingress – of 10 % – gets 10 %, and is rolled on and back without an error', async () => {
  const target = { address, host: 'shop.com', path: '/' };
  await apply(ingress('stable', 'stable'), ingress('canary', 'canary', weight(10)));
  await eventually('the header leads to the canary', async () => {
    return (await ask(target, false, { 'x-canary': 'always' })).body === 'canary';
  });
  await mustBeTenPercent(target);
  await rollOnAndBack(target, (percent) => apply(ingress('canary', 'canary', weight(percent))));
});

test('a canary by weights of an HTTPRoute – of 10 % – gets 10 %, and is rolled on and back without an error', async () => {
  const listeners = [{ name: 'http', port: 80, protocol: 'HTTP' }];
  const gateway = {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name: 'shop' },
    spec: { gatewayClassName: 'kybern', listeners },
  };
  await apply(gateway, httpRoute(10));
  await k('wait', '--for=condition=Programmed', 'gateway/shop', '--timeout=30s');
  const found = await k('get', 'gateway', 'shop', '-o', 'jsonpath={.status.addresses[0].value}');
  const target = { address: found, host: 'shop.com', path: '/' };
  await eventually('the Gateway serves', async () => (await ask(target)).status === 200);
  await mustBeTenPercent(target);
  await rollOnAndBack(target, (percent) => apply(httpRoute(percent)));
});

test('a canary by labels behind one Service – one pod of ten – gets 10 %, and is rolled on and back without an error', async () => {
  await apply(ingress('stable', 'shop'));
  await k('delete', 'ingress', 'canary');
  const target = { address, host: 'shop.com', path: '/' };
  await eventually('both tracks answer', async () => {
    const bodies = await Promise.all(Array.from({ length: 30 }, async () => (await ask(target)).body));
    return new Set(bodies).size === 2;
  });
  await mustBeTenPercent(target);
  await rollOnAndBack(target, async (percent) => {
    const [to, from] = percent === 100 ? ['canary', 'stable'] : ['stable', 'canary'];
    await k('scale', `deployment/shop-${to}`, '--replicas=3');
    await k('rollout', 'status', `deployment/shop-${to}`, '--timeout=60s');
    await k('scale', `deployment/shop-${from}`, '--replicas=0');
  });
});
