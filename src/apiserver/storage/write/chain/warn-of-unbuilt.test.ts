import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { namespaces } from '#api/generated/kinds.gen.ts';
import { kinds } from '#api/kinds/kinds.ts';
import { startTestServer, type TestServer } from '#testing/server/test-server.ts';
import type { ObjectReader } from '../../../contract/stored-objects.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer();
  await server.client.create(namespaces, { metadata: { name: 'default' } });
});
after(() => server.stop());

const inNamespace = (group: string, resource: string) =>
  `${group === '' ? '/api/v1' : `/apis/${group}`}/namespaces/default/${resource}`;
const services = inNamespace('', 'services');
const ingresses = inNamespace('networking.k8s.io/v1', 'ingresses');
const noObjects: ObjectReader = { get: () => undefined, list: () => [] };

const notModified = 'kybern stores this object, but does not run drivers that modify volumes yet';

/** The warnings of an answer that is no refusal. */
async function warningsOf(method: string, path: string, body: object): Promise<string[]> {
  const response = await server.transport.request({
    method,
    path,
    headers: { 'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json' },
    body: Buffer.from(JSON.stringify(body)),
  });
  const text = Buffer.concat([response.body as Uint8Array].flat()).toString();
  assert.ok(response.status < 300, text);
  return [...(response.headers['warning'] ?? '').matchAll(/299 - "((?:[^"\\]|\\.)*)"/g)].map(
    ([, kind]) => kind!,
  );
}

const port = [{ port: 80 }];

test('a class of volume attributes – made, made dry, changed in name only – its author is warned of what has no effect', async () => {
  const classes = '/apis/storage.k8s.io/v1/volumeattributesclasses';
  const fast = (name: string) => ({
    metadata: { name },
    driverName: 'd.example.com',
    parameters: { iops: '9' },
  });
  assert.deepEqual(await warningsOf('POST', classes, fast('a')), [notModified]);
  assert.deepEqual(await warningsOf('POST', `${classes}?dryRun=All`, fast('b')), [notModified]);
  assert.deepEqual(await warningsOf('PATCH', `${classes}/a`, { metadata: { labels: { a: 'b' } } }), []);
});

test('a service – plain, or with a topology that is not built – only the latter is warned about', async () => {
  const spec = { ports: port };
  const metadata = { name: 's', annotations: { 'service.kubernetes.io/topology-mode': 'Auto' } };
  const lacks = 'kybern does not spread traffic by topology-mode yet: use spec.trafficDistribution';
  assert.deepEqual(await warningsOf('POST', services, { metadata: { name: 'plain' }, spec }), []);
  assert.deepEqual(await warningsOf('POST', services, { metadata, spec }), [lacks]);
});

test('an ingress – of a class that is there or not – only the latter is warned about', async () => {
  const classes = '/apis/networking.k8s.io/v1/ingressclasses';
  const ingress = (name: string, ingressClassName?: string) => ({
    metadata: { name },
    spec: { ingressClassName, defaultBackend: { service: { name: 's', port: { number: 80 } } } },
  });
  await warningsOf('POST', classes, { metadata: { name: 'there' }, spec: { controller: 'example.com/c' } });
  assert.match(
    (await warningsOf('POST', ingresses, ingress('a'))).join(),
    /^kybern has no ingress controller yet/,
  );
  assert.match(
    (await warningsOf('POST', ingresses, ingress('b', 'gone'))).join(),
    /^kybern has no ingress controller/,
  );
  assert.deepEqual(await warningsOf('POST', ingresses, ingress('c', 'there')), []);
});

test('a secret – of the type that a controller fills – no warning', async () => {
  const secrets = inNamespace('', 'secrets');
  const metadata = { name: 't', annotations: { 'kubernetes.io/service-account.name': 'default' } };
  const type = 'kubernetes.io/service-account-token';
  assert.deepEqual(await warningsOf('POST', secrets, { metadata, type }), []);
});

for (const { type, unbuilt } of kinds.filter((kind) => kind.unbuilt)) {
  test(`the warning of ${type.resource} – an object that gets it – it has at most as many characters as upstream allows`, () => {
    const object = {
      metadata: { annotations: { 'service.kubernetes.io/topology-mode': 'Auto' } },
      spec: {
        volumeClaimTemplates: [{}],
        cidrs: ['2001:db8::/108'],
      },
    };
    const text = unbuilt!(object as object, noObjects) ?? '';
    assert.ok(text.length > 0 && text.length <= 256, text);
  });
}
