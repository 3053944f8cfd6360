import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namespaces } from '#api/generated/kinds.gen.ts';
import { startTestServer } from '../../../testing/server/test-server.ts';

const text =
  'admin access to devices requires the `resource.kubernetes.io/admin-access: true` label on the containing namespace';
const claims = '/apis/resource.k8s.io/v1/namespaces/ns/resourceclaims';
const metadata = { name: 'a' };
const requests = [{ name: 'r', exactly: { deviceClassName: 'c', adminAccess: true } }];
const plain = [{ name: 'r', exactly: { deviceClassName: 'c' } }];
const results = [{ request: 'r', driver: 'd.example.com', pool: 'p', device: 'd', adminAccess: true }];

test('devices for administrators – asked for in a namespace without the label – are refused; with it they are not', async () => {
  await using api = await startTestServer({ setup: 'kubernetes' });
  const { client } = api;
  await client.create(namespaces, { metadata: { name: 'ns' } });
  const claim = { metadata, spec: { devices: { requests } } };
  await assert.rejects(client.raw('POST', claims, claim), {
    code: 422,
    message: `ResourceClaim.resource.k8s.io "a" is invalid: spec.devices.requests[0].adminAccess: Forbidden: ${text}`,
  });
  const templates = '/apis/resource.k8s.io/v1/namespaces/ns/resourceclaimtemplates';
  await assert.rejects(client.raw('POST', templates, { metadata, spec: { spec: claim.spec } }), {
    code: 422,
    message: `ResourceClaimTemplate.resource.k8s.io "a" is invalid: spec.devices.requests[0].adminAccess: Forbidden: ${text}`,
  });
  await client.raw('POST', claims, { metadata: { name: 'none' }, spec: { devices: {} } });
  await client.raw('POST', claims, { metadata, spec: { devices: { requests: plain } } });
  const status = { allocation: { devices: { results } } };
  const allocated = { metadata, spec: { devices: { requests: plain } }, status };
  await assert.rejects(client.raw('PUT', `${claims}/a/status`, allocated), {
    code: 422,
    message: `ResourceClaim.resource.k8s.io "a" is invalid: status.allocation.devices.results[0].adminAccess: Forbidden: ${text}`,
  });
  const labels = { 'resource.kubernetes.io/admin-access': 'true' };
  await client.raw('PUT', '/api/v1/namespaces/ns', { metadata: { name: 'ns', labels } });
  await client.raw('PUT', `${claims}/a/status`, allocated);
  await client.raw('POST', claims, { ...claim, metadata: { name: 'b' } });
});
