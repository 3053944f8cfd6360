import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IPAddress, ServiceCIDR } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { planServiceCidr } from './service-cidr.ts';

const now = Date.parse('2026-01-01T00:01:00Z');
const finalizer = 'networking.k8s.io/service-cidr-finalizer';
const condition = {
  type: 'Ready',
  status: 'True',
  reason: '',
  message: 'Kubernetes Service CIDR is ready',
  lastTransitionTime: '2026-01-01T00:00:00Z',
};

function range(name: string, cidr: string, deletedAgoMs?: number): Stored<ServiceCIDR> {
  const deletionTimestamp =
    deletedAgoMs === undefined ? {} : { deletionTimestamp: new Date(now - deletedAgoMs).toISOString() };
  return {
    metadata: { name, uid: name, resourceVersion: '1', finalizers: [finalizer], ...deletionTimestamp },
    spec: { cidrs: [cidr] },
    status: { conditions: [condition] },
  } as Stored<ServiceCIDR>;
}
const address = (name: string, managedBy = 'ipallocator.k8s.io') =>
  ({
    metadata: { name, labels: { 'ipaddress.kubernetes.io/managed-by': managedBy } },
  }) as unknown as Stored<IPAddress>;

function plan(
  serviceCidr: Stored<ServiceCIDR>,
  others: Stored<ServiceCIDR>[] = [],
  addresses: Stored<IPAddress>[] = [],
) {
  const { actions, againInMs } = planServiceCidr(serviceCidr, [serviceCidr, ...others], addresses, now);
  return { actions: actions.map((action) => action.do), againInMs, all: actions };
}

test('a new range – gets the finalizer and becomes ready', () => {
  const { metadata, spec } = range('a', '10.97.0.0/24');
  const { finalizers: _, ...bare } = metadata;
  const { actions, all } = plan({ metadata: bare, spec } as Stored<ServiceCIDR>);
  assert.deepEqual(actions, ['update', 'patch']);
  assert.deepEqual(all[1], {
    do: 'patch',
    type: all[1]!.do === 'patch' ? all[1]!.type : undefined,
    name: 'a',
    patchType: 'merge',
    subresource: 'status',
    patch: { status: { conditions: [{ ...condition, lastTransitionTime: '2026-01-01T00:01:00Z' }] } },
  });
});

test('a range that is ready – stays as it is', () => {
  assert.deepEqual(plan(range('a', '10.97.0.0/24')).actions, []);
});

test('a deleted range that addresses depend on – is kept, and says why', () => {
  const { all } = plan(range('a', '10.97.0.0/24', 20_000), [], [address('10.97.0.5')]);
  const patch = all[0]?.do === 'patch' ? JSON.stringify(all[0].patch) : '';
  assert.match(
    patch,
    /"status":"False","reason":"Terminating","message":"There are still IPAddresses referencing/,
  );
});

const free: [string, Stored<ServiceCIDR>[], Stored<IPAddress>[]][] = [
  ['no address', [], []],
  ['addresses that a larger range holds too', [range('b', '10.97.0.0/16')], [address('10.97.0.5')]],
  ['addresses that others manage', [], [address('10.97.0.5', 'me')]],
  ['addresses that another range holds too', [range('b', '10.97.0.0/28')], [address('10.97.0.5')]],
];
for (const [name, others, addresses] of free) {
  test(`a deleted range with ${name} – goes after ten seconds`, () => {
    const early = plan(range('a', '10.97.0.0/24', 4_000), others, addresses);
    assert.deepEqual([early.actions, early.againInMs], [[], 6_000]);
    assert.deepEqual(plan(range('a', '10.97.0.0/24', 10_000), others, addresses).actions, ['update']);
  });
}
