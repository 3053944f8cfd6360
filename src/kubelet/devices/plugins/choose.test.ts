import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maskOf } from '../../topology/numa-mask.ts';
import { byNumaNode, chooseDevices } from './choose.ts';
import type { Device } from './device.ts';

/** `a0` is near to node 0, `b01` to nodes 0 and 1, `c` has no topology. */
const deviceOf = (id: string): Device => ({
  id,
  health: 'Healthy',
  numaNodes: [...id.slice(1)].map(Number),
});

interface Row {
  readonly what: string;
  readonly devices: string[];
  readonly count: number;
  readonly affinity?: number[];
  readonly inUse?: string[];
  readonly reusable?: string[];
  /** What the plugin prefers; undefined where it is not to be asked. */
  readonly preferred?: string[];
  readonly asked?: [available: string[], mustInclude: string[], size: number];
  readonly chosen: string[];
}

const table: Row[] = [
  { what: 'without topology', devices: ['a', 'b', 'c'], count: 2, chosen: ['a', 'b'] },
  { what: 'in use', devices: ['a', 'b', 'c'], count: 2, inUse: ['a'], chosen: ['b', 'c'] },
  {
    what: 'left by init containers',
    devices: ['a', 'b', 'c'],
    count: 2,
    inUse: ['c'],
    reusable: ['c'],
    chosen: ['c', 'a'],
  },
  { what: 'near to the node', devices: ['a0', 'b1', 'c1'], count: 2, affinity: [1], chosen: ['b1', 'c1'] },
  {
    what: 'too few near to the node',
    devices: ['a', 'b0', 'c1'],
    count: 2,
    affinity: [1],
    chosen: ['c1', 'b0'],
  },
  {
    what: 'too few with topology',
    devices: ['a', 'b0', 'c1'],
    count: 3,
    affinity: [1],
    chosen: ['c1', 'b0', 'a'],
  },
  { what: 'near to two nodes', devices: ['a0', 'b01'], count: 1, affinity: [1], chosen: ['b01'] },
  {
    what: 'preferred among the near ones',
    devices: ['a0', 'b1', 'c1', 'd1'],
    count: 2,
    affinity: [1],
    preferred: ['a0', 'd1'],
    asked: [['b1', 'c1', 'd1'], [], 2],
    chosen: ['d1', 'b1'],
  },
  {
    what: 'preferred beside the near ones',
    devices: ['a0', 'b0', 'c1'],
    count: 2,
    affinity: [1],
    preferred: ['b0'],
    asked: [['c1', 'a0', 'b0'], ['c1'], 2],
    chosen: ['c1', 'b0'],
  },
  {
    what: 'preferred without topology',
    devices: ['a', 'b', 'c'],
    count: 1,
    preferred: ['c', 'x'],
    asked: [['a', 'b', 'c'], [], 1],
    chosen: ['c'],
  },
];

for (const row of table) {
  test(`devices – ${row.what} – are chosen as upstream chooses them`, async () => {
    const devices = new Map(row.devices.map((id) => [id, deviceOf(id)]));
    let asked: unknown;
    let reserved: ReadonlySet<string> = new Set();
    const chosen = await chooseDevices({
      resource: { name: 'r', devices, healthy: devices },
      count: row.count,
      reusable: new Set(row.reusable),
      affinity: row.affinity && maskOf(row.affinity),
      inUse: () => new Set(row.inUse),
      reserve: (ids) => {
        reserved = ids;
      },
      prefer: (...question) => {
        asked = question;
        return row.preferred && Promise.resolve(row.preferred);
      },
    });
    assert.deepEqual([...chosen], row.chosen);
    assert.deepEqual(reserved, chosen);
    if (row.asked) assert.deepEqual(asked, row.asked);
  });
}

test('devices – taken while the plugin was asked – are not chosen', async () => {
  const devices = new Map(['a', 'b'].map((id) => [id, deviceOf(id)]));
  const inUse = new Set<string>();
  const chosen = await chooseDevices({
    resource: { name: 'r', devices, healthy: devices },
    count: 1,
    reusable: new Set(),
    affinity: undefined,
    inUse: () => inUse,
    reserve: () => undefined,
    prefer: async () => {
      inUse.add('a');
      return ['a'];
    },
  });
  assert.deepEqual([...chosen], ['b']);
});

test('devices by NUMA node – near to none, one and two – stand where they are near', () => {
  const devices = new Map(['a', 'b1', 'c01'].map((id) => [id, deviceOf(id)]));
  assert.deepEqual(
    byNumaNode(devices, devices.keys()),
    new Map([
      [-1, ['a']],
      [1, ['b1', 'c01']],
      [0, ['c01']],
    ]),
  );
});

test('devices by NUMA node – a hundred thousand near to one – take time that grows with their number', () => {
  const ids = Array.from({ length: 100_000 }, (_, i) => `dev-${i}`);
  const devices = new Map(ids.map((id) => [id, { id, health: 'Healthy', numaNodes: [0] }]));
  const before = process.threadCpuUsage();
  assert.deepEqual(byNumaNode(devices, ids).get(0), ids);
  // Copied for each of them, the list would take a minute.
  assert.ok(process.threadCpuUsage(before).user < 3_000_000);
});
