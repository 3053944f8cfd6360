import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodesOf } from '../../topology/numa-mask.ts';
import type { Device } from './device.ts';
import { deviceHints } from './hints.ts';

/** `a0` is near to node 0, `b01` to nodes 0 and 1, `c` has no topology; `!` is not healthy. */
const deviceOf = (text: string): Device => ({
  id: text,
  health: text.endsWith('!') ? 'Unhealthy' : 'Healthy',
  numaNodes: [...text.slice(1).replace('!', '')].map(Number),
});

interface Row {
  readonly what: string;
  readonly devices: string;
  readonly count: number;
  readonly allocated?: string;
  readonly reusable?: string;
  readonly inUse?: string;
  readonly hints: string | undefined;
}

const rows: Row[] = [
  { what: 'without topology', devices: 'a b', count: 1, hints: undefined },
  { what: 'of two nodes', devices: 'a0 b1', count: 1, hints: '0+ 1+ 01-' },
  { what: 'of both nodes', devices: 'a0 b1', count: 2, hints: '01+' },
  {
    what: 'of a node that has enough when it is free',
    devices: 'a0 b0 c1',
    count: 2,
    inUse: 'a0',
    hints: '01-',
  },
  { what: 'too many', devices: 'a0 b1', count: 3, hints: '' },
  { what: 'not healthy', devices: 'a0 b1!', count: 1, hints: '0+ 01-' },
  { what: 'near to two nodes', devices: 'a01', count: 1, hints: '0+ 1+ 01-' },
  { what: 'of nodes that the machine has not', devices: 'a0 b9', count: 1, hints: '0+' },
  { what: 'that it has', devices: 'a0 b1', count: 1, allocated: 'b1', inUse: 'b1', hints: '1+ 01-' },
  { what: 'that it has in another number', devices: 'a0 b1', count: 2, allocated: 'b1', hints: '' },
  {
    what: 'left by init containers',
    devices: 'a0 b1 c1',
    count: 2,
    reusable: 'c1',
    inUse: 'c1',
    hints: '1+ 01-',
  },
];
const listOf = (text = '') => text.split(' ').filter(Boolean);

for (const { what, devices, count, allocated, reusable, inUse, hints } of rows) {
  test(`hints of devices – ${what} – are ${hints || 'none'}`, () => {
    const all = new Map(listOf(devices).map((id) => [id, deviceOf(id)]));
    const healthy = new Map([...all].filter(([, { health }]) => health === 'Healthy'));
    const request = {
      resource: { devices: all, healthy },
      count,
      allocated: new Set(listOf(allocated)),
      reusable: new Set(listOf(reusable)),
      inUse: new Set(listOf(inUse)),
    };
    const found = deviceHints(request, [0, 1])?.map(
      ({ nodes, isPreferred }) => `${nodesOf(nodes ?? 0n).join('')}${isPreferred ? '+' : '-'}`,
    );
    assert.equal(found?.join(' '), hints);
  });
}
