/** What an update of a service keeps of the old one, and what is dropped with the old type. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ServiceSpec } from '../../generated/types.gen.ts';
import { dropForeignFields, keepAllocated } from './update.ts';

const ports = (...nodePorts: number[]) =>
  nodePorts.map((nodePort, i) => ({ port: 80 + i, name: `p${i}`, nodePort }));
const balancer: ServiceSpec = {
  type: 'LoadBalancer',
  allocateLoadBalancerNodePorts: true,
  ports: ports(31000, 31001),
};

describe('node ports of a load balancer – after an update – as upstream has them', () => {
  const cases: [title: string, update: ServiceSpec, nodePorts: (number | undefined)[]][] = [
    [
      'that is to get no more: what it has stays',
      { ...balancer, allocateLoadBalancerNodePorts: false },
      [31000, 31001],
    ],
    [
      'that is to get no more, and is sent without: they go',
      { ...balancer, allocateLoadBalancerNodePorts: false, ports: ports(31000, 0) },
      [31000, 0],
    ],
    ['sent without: they are kept', { ...balancer, ports: ports(0, 0) }, [31000, 31001]],
    ['that is none any more: they go', { ...balancer, type: 'ClusterIP' }, [undefined, undefined]],
    [
      'that is none any more, with a port it never had: validation sees them',
      { ...balancer, type: 'ClusterIP', ports: ports(31000, 31009) },
      [31000, 31009],
    ],
  ];
  for (const [title, update, nodePorts] of cases) {
    test(title, () => {
      const spec = structuredClone(update);
      keepAllocated(spec, balancer);
      dropForeignFields(spec, balancer);
      assert.deepEqual(
        spec.ports?.map(({ nodePort }) => nodePort),
        nodePorts,
      );
    });
  }
});
