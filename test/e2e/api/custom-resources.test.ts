/** Custom resources under stock kubectl: defined, explained, applied, printed, scaled, patched, selected, deleted. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually, kubectl, startTestCluster, tryKubectl } from '../../support/cluster.ts';

let cluster: Awaited<ReturnType<typeof startTestCluster>>;
const k = (...args: string[]) => kubectl(cluster, args);
async function apply(object: object, ...args: string[]): Promise<void> {
  const output = await tryKubectl(cluster, ['apply', '-f', '-', ...args], JSON.stringify(object));
  assert.equal(output.code, 0, output.stderr);
}

before(async () => {
  cluster = await startTestCluster(['--nodes', '0', '--simulated', '1', '--store', 'memory'], 'custom');
});
after(() => cluster?.dispose());

const name = 'crontabs.stable.example.com';
const spec = {
  type: 'object',
  required: ['cronSpec'],
  properties: {
    cronSpec: { type: 'string', description: 'When it runs.', pattern: '^(\\S+ ){4}\\S+$' },
    image: { type: 'string' },
    replicas: { type: 'integer', minimum: 0, maximum: 10, default: 1 },
  },
  'x-kubernetes-validations': [
    { rule: "self.replicas < 5 || self.image != ''", message: 'many replicas need an image' },
  ],
};
const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name },
  spec: {
    group: 'stable.example.com',
    scope: 'Namespaced',
    names: {
      plural: 'crontabs',
      singular: 'crontab',
      kind: 'CronTab',
      shortNames: ['ct'],
      categories: ['all'],
    },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            description: 'A table of times.',
            properties: { spec, status: { type: 'object', properties: { replicas: { type: 'integer' } } } },
          },
        },
        subresources: {
          status: {},
          scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
        },
        selectableFields: [{ jsonPath: '.spec.image' }],
        additionalPrinterColumns: [
          { name: 'Spec', type: 'string', jsonPath: '.spec.cronSpec' },
          { name: 'Replicas', type: 'integer', jsonPath: '.spec.replicas' },
          { name: 'Image', type: 'string', jsonPath: '.spec.image', priority: 1 },
        ],
      },
    ],
  },
};
const cronTab = (named: string, spec: object) => ({
  apiVersion: 'stable.example.com/v1',
  kind: 'CronTab',
  metadata: { name: named },
  spec,
});

test('a definition – applied – its objects live under kubectl as any others', async () => {
  await apply(definition);
  await k('wait', '--for=condition=Established', `crd/${name}`, '--timeout=30s');
  assert.match(await k('explain', 'crontab'), /A table of times/);
  assert.match(await k('explain', 'ct.spec.cronSpec'), /When it runs/);
  await apply(cronTab('a', { cronSpec: '* * * * */5', image: 'one' }));
  assert.match(await k('get', 'ct'), /NAME +SPEC +REPLICAS\na +\* \* \* \* \*\/5 +1\n/);
  assert.match(await k('get', 'ct', '-o', 'wide'), /IMAGE\na .* one\n/);
  assert.match(await k('get', 'all'), /crontab\.stable\.example\.com\/a/);
  assert.match(
    await k('api-resources', '--api-group=stable.example.com'),
    /crontabs +ct +stable\.example\.com\/v1 +true +CronTab/,
  );
  await k('scale', 'ct/a', '--replicas=3');
  await k('patch', 'ct', 'a', '--type=merge', '-p', '{"spec":{"image":"two"}}');
  await k('patch', 'ct', 'a', '--subresource=status', '--type=merge', '-p', '{"status":{"replicas":3}}');
  assert.equal(
    await k('get', 'ct', 'a', '-o', 'jsonpath={.spec.replicas} {.spec.image} {.status.replicas}'),
    '3 two 3',
  );
  assert.equal(
    await k('get', 'ct', '--field-selector=spec.image=two', '-o', 'name'),
    'crontab.stable.example.com/a\n',
  );
});

test('an object – that its schema refuses – kubectl prints why', async () => {
  await assert.rejects(
    apply(cronTab('b', { cronSpec: 'x', replicas: 20 })),
    /spec\.cronSpec in body should match .*spec\.replicas in body should be less than or equal to 10/s,
  );
  await assert.rejects(
    apply(cronTab('b', { cronSpec: '* * * * *', image: '', replicas: 7 })),
    /many replicas need an image/,
  );
  await assert.rejects(apply(cronTab('b', { cronSpec: '* * * * *', more: 1 })), /unknown field "spec\.more"/);
  await assert.rejects(apply(cronTab('b', {})), /spec\.cronSpec: Required value/);
});

test('an object – applied by the server for two managers – each keeps its fields', async () => {
  const args = (manager: string) => ['--server-side', `--field-manager=${manager}`];
  await apply(cronTab('c', { cronSpec: '* * * * *', image: 'one' }), ...args('first'));
  await apply(cronTab('c', { cronSpec: '* * * * *', replicas: 2 }), ...args('second'));
  await assert.rejects(
    apply(cronTab('c', { cronSpec: '1 * * * *' }), ...args('second')),
    /conflict with "first"/,
  );
  assert.equal(await k('get', 'ct', 'c', '-o', 'jsonpath={.spec.image} {.spec.replicas}'), 'one 2');
});

test('a definition – deleted – its objects and its resource are gone', async () => {
  await k('delete', 'crd', name, '--timeout=60s');
  await eventually('the resource is unknown', async () => {
    const resources = await k('api-resources', '--api-group=stable.example.com');
    return !resources.includes('crontabs');
  });
});
