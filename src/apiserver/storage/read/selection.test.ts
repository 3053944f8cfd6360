/**
 * The fields by which objects of each kind can be selected are upstream's, and so is what is said of any
 * other.
 */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { resourceSlices } from '#api/generated/kinds.gen.ts';
import { bodyText } from '#client/transport/body.ts';
import { startTestServer } from '#testing/server/test-server.ts';

const server = await startTestServer();
after(() => server.stop());

async function list(path: string, field: string, value = 'x') {
  const query = `fieldSelector=${encodeURIComponent(`${field}=${value}`)}`;
  const answer = await server.transport.request({ method: 'GET', path: `${path}?${query}`, headers: {} });
  return { status: answer.status, body: JSON.parse(await bodyText(answer)) };
}

const everyReference = 'kind namespace name uid apiVersion resourceVersion fieldPath'.split(' ');
const fieldsByPath: Readonly<Record<string, readonly string[]>> = {
  '/api/v1/pods': [
    'spec.nodeName spec.host spec.restartPolicy spec.schedulerName spec.serviceAccountName spec.hostNetwork',
    'status.phase status.podIP status.podIPs status.nominatedNodeName metadata.namespace',
  ],
  '/api/v1/nodes': ['spec.unschedulable'],
  '/api/v1/replicationcontrollers': ['status.replicas metadata.namespace'],
  '/api/v1/events': [
    'reason reportingComponent source type metadata.namespace',
    ...everyReference.map((name) => `involvedObject.${name}`),
  ],
  '/apis/events.k8s.io/v1/events': [
    'reason reportingController type metadata.namespace',
    ...everyReference.map((name) => `regarding.${name}`),
  ],
  '/api/v1/namespaces': ['status.phase'],
  '/api/v1/secrets': ['type metadata.namespace'],
  '/api/v1/services': ['spec.clusterIP spec.type metadata.namespace'],
  '/apis/certificates.k8s.io/v1/certificatesigningrequests': ['spec.signerName'],
  '/apis/batch/v1/jobs': ['status.successful metadata.namespace'],
  '/apis/resource.k8s.io/v1/resourceslices': ['spec.nodeName spec.driver'],
  // Without a list of their own: these two, and for any kind.
  '/api/v1/persistentvolumes': ['metadata.namespace'],
  '/api/v1/persistentvolumeclaims': ['metadata.namespace'],
  '/apis/apps/v1/replicasets': ['metadata.namespace'],
  '/apis/apps/v1/deployments': ['metadata.namespace'],
};
const withoutList = new Set(Object.keys(fieldsByPath).slice(-4));

const candidates = new Set([
  'name',
  'spec.x',
  'constructor',
  '__proto__',
  ...Object.values(fieldsByPath).flatMap((lines) => lines.join(' ').split(' ')),
]);

function refusal(path: string, field: string): string {
  if (withoutList.has(path)) {
    return `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`;
  }
  if (path.endsWith('/jobs')) return `field label "${field}" not supported for Job`;
  if (!path.endsWith('/resourceslices')) return `field label not supported: ${field}`;
  return `field label not supported for resource.k8s.io/v1, Kind=ResourceSlice: ${field}`;
}

for (const [path, lines] of Object.entries(fieldsByPath)) {
  test(`${path} – selected by every field of every kind – only its own are known`, async (t) => {
    const known = new Set(['metadata.name', ...lines.join(' ').split(' ')]);
    for (const field of candidates.union(known)) {
      await t.test(field, async () => {
        const { status, body } = await list(path, field);
        assert.equal(status, known.has(field) ? 200 : 400, `${field}: ${body.message}`);
        if (status === 400) assert.equal(body.message, refusal(path, field));
      });
    }
  });
}

test('resource slices – selected by their node and by their driver – are those', async () => {
  const pool = { name: 'p', generation: 1, resourceSliceCount: 1 };
  for (const [name, nodeName, driver] of [
    ['a', 'n1', 'd.example.com'],
    ['b', 'n2', 'd.example.com'],
    ['c', 'n2', 'e.example.com'],
  ] as const) {
    await server.client.create(resourceSlices, { metadata: { name }, spec: { nodeName, driver, pool } });
  }
  const names = async (field: string, value: string) => {
    const { body } = await list('/apis/resource.k8s.io/v1/resourceslices', field, value);
    return body.items.map((item: { metadata: { name: string } }) => item.metadata.name);
  };
  assert.deepEqual(await names('spec.nodeName', 'n2'), ['b', 'c']);
  assert.deepEqual(await names('spec.driver', 'd.example.com'), ['a', 'b']);
});
