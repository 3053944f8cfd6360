import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Device } from '#api/generated/types.gen.ts';
import { storedSlice } from '#testing/objects/devices.ts';
import { AllocatedDevices } from './allocated-devices.ts';
import type { Candidate } from './candidate.ts';
import { Counters } from './counters.ts';
import { buildPool } from './pool.ts';

const partition = (name: string, memory: string): Device => ({
  name,
  consumesCounters: [{ counterSet: 'card', counters: { memory: { value: memory } } }],
});

/** A card of 8 Gi in partitions, some of them on slices of other nodes. */
function setUp(devices: Device[], { allocated = [] as string[], elsewhere = [] as Device[] } = {}) {
  const pool = { name: 'a', generation: 1, resourceSliceCount: 3 };
  const sets = [{ name: 'card', counters: { memory: { value: '8Gi' } } }];
  const counters = storedSlice('counters', [], { pool, sharedCounters: sets });
  const slice = storedSlice('a', devices, { pool });
  const built = buildPool([counters, slice], [storedSlice('b', elsewhere, { pool })]);
  const inUse = new AllocatedDevices();
  const results = allocated.map((device) => ({ request: 'r', driver: 'gpu.example.com', pool: 'a', device }));
  inUse.add({ devices: { results } });
  const candidateOf = (name: string): Candidate => {
    const device = devices.find((each) => each.name === name)!;
    return { id: `gpu.example.com/a/${name}`, device, slice, pool: built };
  };
  const taken = new Counters(inUse);
  return {
    take: (name: string) => taken.take(candidateOf(name)),
    giveBack: (name: string) => taken.giveBack(candidateOf(name)),
  };
}

test('partitions of a card – taken one after the other – fit until its memory is used up', () => {
  const { take, giveBack } = setUp([
    partition('half', '4Gi'),
    partition('quarter', '2Gi'),
    partition('most', '6Gi'),
  ]);
  assert.deepEqual([take('half'), take('most'), take('quarter')], [true, false, true]);
  assert.equal(take('half'), false);
  giveBack('quarter');
  giveBack('half');
  assert.deepEqual([take('most'), take('quarter'), take('quarter')], [true, true, false]);
});

test('partitions of a card – one is allocated on another node – leave less', () => {
  const { take } = setUp([partition('half', '4Gi'), partition('quarter', '2Gi')], {
    allocated: ['other'],
    elsewhere: [partition('other', '6Gi')],
  });
  assert.deepEqual([take('half'), take('quarter')], [false, true]);
});

test('a card – of which more is allocated than it has – gives nothing, not even a device that takes nothing', () => {
  const { take } = setUp([partition('small', '0'), partition('a', '6Gi'), partition('b', '6Gi')], {
    allocated: ['a', 'b'],
  });
  assert.equal(take('small'), false);
});
