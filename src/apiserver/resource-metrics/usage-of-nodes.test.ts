import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '#base/log.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import type { NodeStats } from '../contract/usage-source.ts';
import { UsageOfNodes } from './usage-of-nodes.ts';

const stats: NodeStats = { pods: new Map() };

test('the stats of nodes – of which one fails and one does not answer – are those of the others', async () => {
  const clock = new VirtualClock();
  const warned: unknown[] = [];
  const log = { ...silentLog, warn: (_: string, fields: unknown) => void warned.push(fields) };
  const usage = new UsageOfNodes({
    async read(node) {
      if (node === 'broken') throw new Error('no cgroup');
      if (node === 'hanging') return new Promise(() => {});
      return node === 'unknown' ? undefined : stats;
    },
  });
  const found = usage.read(['a', 'broken', 'hanging', 'unknown', 'b', 'a'], { clock, log });
  await clock.advance(10_000);
  assert.deepEqual([...(await found).keys()].sort(), ['a', 'b']);
  assert.deepEqual(warned, [
    { node: 'broken', error: 'no cgroup' },
    { node: 'hanging', error: 'no answer within 10 s' },
  ]);
});
