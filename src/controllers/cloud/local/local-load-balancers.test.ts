import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServiceSpec } from '#api/generated/types.gen.ts';
import { webService } from '#testing/objects/services.ts';
import { AddressRange } from './address-range.ts';
import { LocalLoadBalancers } from './local-load-balancers.ts';

function balancersOf(...ranges: string[]) {
  const announced = new Set<string>();
  const balancers = new LocalLoadBalancers(
    ranges.map((text) => new AddressRange(text)),
    {
      announce: async (address) => void announced.add(address),
      withdraw: async (address) => void announced.delete(address),
    },
  );
  return { announced, balancers };
}

function service(name: string, spec: Partial<ServiceSpec> = {}, ...ips: string[]) {
  const stored = webService({ type: 'LoadBalancer', ...spec }, { name, uid: name });
  return { ...stored, status: { loadBalancer: { ingress: ips.map((ip) => ({ ip })) } } };
}

const ipsOf = ({ ingress = [] }: { ingress?: { ip?: string }[] }) => ingress.map(({ ip }) => ip);

test('addresses – of several Services at once – differ, are announced, and stay with their Service', async () => {
  const { announced, balancers } = balancersOf('10.232.0.0/24');
  const [a, b] = await Promise.all([balancers.ensure(service('a')), balancers.ensure(service('b'))]);
  assert.deepEqual([ipsOf(a), ipsOf(b)], [['10.232.0.1'], ['10.232.0.2']]);
  assert.deepEqual(a.ingress?.[0]?.ipMode, 'VIP');
  await balancers.remove(service('a'));
  assert.deepEqual([...announced], ['10.232.0.2']);
  assert.deepEqual(ipsOf(await balancers.ensure(service('b'))), ['10.232.0.2']);
  assert.deepEqual(ipsOf(await balancers.ensure(service('c'))), ['10.232.0.1']);
});

test('a process that starts again – over Services with addresses – gives none of them to another Service', async () => {
  const { balancers } = balancersOf('10.232.0.0/24');
  balancers.restore([service('a', {}, '10.232.0.1'), service('b', {}, '192.0.2.1')]);
  assert.deepEqual(ipsOf(await balancers.ensure(service('new'))), ['10.232.0.2']);
  assert.deepEqual(ipsOf(await balancers.ensure(service('a'))), ['10.232.0.1']);
  assert.deepEqual(
    [await balancers.exists(service('a')), await balancers.exists(service('b'))],
    [true, false],
  );
});

test('a Service of both families – with a range of each – gets an address of each', async () => {
  const { balancers } = balancersOf('10.232.0.0/24', 'fd00:232::/120');
  const both = { ipFamilies: ['IPv4', 'IPv6'] };
  assert.deepEqual(ipsOf(await balancers.ensure(service('a', both))), ['10.232.0.1', 'fd00:232::1']);
  assert.deepEqual(ipsOf(await balancers.ensure(service('a', { ipFamilies: ['IPv6'] }))), ['fd00:232::1']);
});

test('an address that is requested – free, or the present one changes – is given', async () => {
  const { announced, balancers } = balancersOf('10.232.0.0/24');
  await balancers.ensure(service('a'));
  assert.deepEqual(ipsOf(await balancers.ensure(service('a', { loadBalancerIP: '10.232.0.9' }))), [
    '10.232.0.9',
  ]);
  assert.deepEqual([...announced], ['10.232.0.9']);
});

const refused: readonly (readonly [
  what: string,
  range: string,
  spec: Partial<ServiceSpec>,
  reason: string,
])[] = [
  [
    'taken',
    '10.232.0.0/24',
    { loadBalancerIP: '10.232.0.1' },
    'the address 10.232.0.1 is taken by the service default/holder',
  ],
  [
    'outside',
    '10.232.0.0/24',
    { loadBalancerIP: '192.0.2.1' },
    'the address 192.0.2.1 is not in 10.232.0.0/24',
  ],
  [
    'of a family without range',
    '10.232.0.0/24',
    { ipFamilies: ['IPv6'] },
    'there is no range of IPv6 addresses',
  ],
  ['of a full range', '10.232.0.0/31', {}, 'all addresses of 10.232.0.0/31 are taken'],
];

for (const [what, range, spec, message] of refused) {
  test(`an address – ${what} – is refused with the reason`, async () => {
    const { balancers } = balancersOf(range);
    await balancers.ensure(service('holder'));
    if (range.endsWith('/31')) await balancers.ensure(service('second'));
    await assert.rejects(balancers.ensure(service('late', spec)), { message });
  });
}
