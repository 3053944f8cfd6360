/** Claims are counted by state and source, creations by how they ended. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { extendedResourceClaimAnnotation, podClaimAnnotation } from '#api/devices/names.ts';
import { storedDeviceClaim } from '#testing/objects/devices.ts';
import { ClaimMetrics } from './claim-metrics.ts';

const readings = (metrics: ClaimMetrics) =>
  Object.fromEntries(metrics.metrics.map((metric) => [metric.name, [...metric.readings()]]));

test('claims – of every source – are counted by their labels', () => {
  const metrics = new ClaimMetrics();
  const status = { allocation: {} };
  const from = (annotation: string, value: string) => ({ annotations: { [annotation]: value } });
  const admin = { requests: [{ name: 'r', exactly: { deviceClassName: 'c', adminAccess: true } }] };
  const claims = [
    storedDeviceClaim('a'),
    storedDeviceClaim('b'),
    storedDeviceClaim('c', { metadata: from(podClaimAnnotation, 'gpu'), status }),
    storedDeviceClaim('d', { metadata: from(extendedResourceClaimAnnotation, 'true'), status }),
    storedDeviceClaim('e', { devices: admin }),
  ];
  assert.deepEqual(readings(metrics)['resourceclaim_controller_resource_claims'], []);
  metrics.follow({ list: () => claims });
  const labels = (allocated: string, admin_access: string, source: string) => ({
    allocated,
    admin_access,
    source,
  });
  assert.deepEqual(readings(metrics)['resourceclaim_controller_resource_claims'], [
    [labels('false', 'false', ''), 2],
    [labels('true', 'false', 'resource_claim_template'), 1],
    [labels('true', 'false', 'extended_resource'), 1],
    [labels('false', 'true', ''), 1],
  ]);
});

test('creations – done and failed – are counted apart', () => {
  const metrics = new ClaimMetrics();
  metrics.created(storedDeviceClaim('a'), 'success');
  metrics.created(storedDeviceClaim('b'), 'success');
  metrics.created(storedDeviceClaim('c'), 'failure');
  assert.deepEqual(readings(metrics)['resourceclaim_controller_creates_total'], [
    [{ status: 'success', admin_access: 'false' }, 2],
    [{ status: 'failure', admin_access: 'false' }, 1],
  ]);
});
