import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IPAddress, Service } from '#api/generated/types.gen.ts';
import { addressObject } from '../service-addresses.ts';
import { repairAddressObject } from './address.ts';

const now = Date.parse('2026-01-01T00:10:00Z');
const at = (agoMs: number) => new Date(now - agoMs).toISOString();
const name = '10.96.0.10';
const web = (spec: Service['spec'] = { clusterIPs: [name] }, agoMs = 120_000): Service => ({
  metadata: { name: 'web', namespace: 'default', creationTimestamp: at(agoMs) },
  spec: spec!,
});
function address(agoMs: number, change: Partial<IPAddress> = {}): IPAddress {
  const made = addressObject(name, web());
  return { ...made, metadata: { ...made.metadata, creationTimestamp: at(agoMs) }, ...change };
}
const view = (service?: Service) => ({
  address: () => undefined,
  service: () => service,
  isInRange: () => true,
});

const rows: [string, IPAddress, Service | undefined, string[], number | undefined][] = [
  ['an address that its service has', address(90_000), web(), [], undefined],
  ['an address of another owner', address(90_000, { metadata: { name } }), undefined, [], undefined],
  ['an address whose service is not stored yet', address(10_000), undefined, [], 50_001],
  [
    'an address without a service after a minute',
    address(61_000),
    undefined,
    [`IPAddressNotAllocated: IPAddress: ${name} for Service default/web appears to have leaked: cleaning up`],
    undefined,
  ],
  [
    'an address that was made to refer to another kind',
    address(0, { spec: { parentRef: { resource: 'gateways', name: 'a' } } }),
    web(),
    [
      `IPAddressNotAllocated: IPAddress ${name} appears to have been modified, not referencing a Service &ParentReference{Group:,Resource:gateways,Namespace:,Name:a,}: cleaning up`,
    ],
    undefined,
  ],
  [
    'an address whose service has another address',
    address(90_000),
    web({ clusterIPs: ['10.96.0.11'] }),
    [
      `IPAddressWrongReference: IPAddress: ${name} for Service default/web has a wrong reference; cleaning up`,
    ],
    undefined,
  ],
  ['such an address, made a moment ago', address(1_000), web({ clusterIPs: ['10.96.0.11'] }), [], 5_000],
  [
    'an address for an ExternalName that is changing',
    address(20_000),
    web({ type: 'ExternalName' }),
    [],
    40_000,
  ],
];
for (const [title, object, service, warnings, againInMs] of rows) {
  const result =
    warnings.length > 0 ? 'is removed' : againInMs === undefined ? 'stays' : 'is looked at again';
  test(`${title} – ${result}`, () => {
    const plan = repairAddressObject(object, view(service), now);
    const removal = warnings.length > 0 ? [`delete ${name}`] : [];
    const steps = plan.steps.map((step) => {
      if (step.do === 'warn') return `${step.reason}: ${step.message}`;
      return step.do === 'delete' ? `delete ${step.name}` : step.do;
    });
    assert.deepEqual(steps, [...warnings, ...removal]);
    assert.equal(plan.againInMs, againInMs);
  });
}
