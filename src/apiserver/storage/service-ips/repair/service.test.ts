import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IPAddress, Service } from '#api/generated/types.gen.ts';
import { newService } from '#testing/objects/services.ts';
import { addressObject } from '../service-addresses.ts';
import { type RepairView, repairService } from './service.ts';
import type { RepairStep } from './step.ts';

const service = (name: string, clusterIP = '10.96.0.10') =>
  newService(name, { clusterIP, clusterIPs: [clusterIP] });
const web = service('web');
const own = addressObject('10.96.0.10', web);
const referring = (parentRef: IPAddress['spec']): IPAddress => ({ ...own, spec: parentRef! });
const viewOf = (address: IPAddress | undefined, ...others: Service[]): RepairView => ({
  address: () => address,
  service: (_namespace, name) => others.find(({ metadata }) => metadata?.name === name),
  isInRange: (address) => /^(10\.96\.|fd00:96::)/.test(address),
});
const text = (step: RepairStep): string => {
  if (step.do === 'warn') return `${step.reason}: ${step.message}`;
  return step.do === 'create' ? `create ${step.address.metadata?.name}` : `delete ${step.name}`;
};

const wrong =
  'ClusterIPNotAllocated: the ClusterIP [IPv4]: 10.96.0.10 for Service default/web has a wrong reference; repairing';
const rows: [string, Service, RepairView, string[]][] = [
  ['an address that refers to its service', web, viewOf(own), []],
  ['a headless service', service('web', 'None'), viewOf(undefined), []],
  [
    'no address',
    web,
    viewOf(undefined),
    ['ClusterIPNotAllocated: Cluster IP [IPv4]: 10.96.0.10 is not allocated; repairing', 'create 10.96.0.10'],
  ],
  [
    'an address outside every range',
    service('web', '10.1.0.1'),
    viewOf(undefined),
    [
      'ClusterIPOutOfRange: Cluster IP [IPv4]: 10.1.0.1 is not within any configured Service CIDR; please recreate service',
    ],
  ],
  [
    'an address that refers to another kind',
    web,
    viewOf(referring({ parentRef: { group: 'example.org', resource: 'gateways', name: 'a' } })),
    [wrong, 'delete 10.96.0.10', 'create 10.96.0.10'],
  ],
  [
    'an address that refers to a service that is not there',
    web,
    viewOf(referring({ parentRef: { resource: 'services', namespace: 'default', name: 'gone' } })),
    [wrong, 'delete 10.96.0.10', 'create 10.96.0.10'],
  ],
  [
    'an address that another service has too',
    web,
    viewOf(addressObject('10.96.0.10', service('other')), service('other')),
    [
      'ClusterIPAlreadyAllocated: Cluster IP [IPv4]:10.96.0.10 was assigned to multiple services; please recreate service',
    ],
  ],
  [
    'an address without the labels',
    web,
    viewOf({ ...own, metadata: { name: '10.96.0.10' } }),
    ['delete 10.96.0.10', 'create 10.96.0.10'],
  ],
];
for (const [name, object, view, expected] of rows) {
  test(`${name} – ${expected.length === 0 ? 'nothing is done' : expected.map((step) => step.split(':')[0]).join(', ')}`, () => {
    assert.deepEqual(repairService(object, view).steps.map(text), expected);
  });
}
