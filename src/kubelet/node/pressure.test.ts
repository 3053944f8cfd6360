import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { type MachineRoom, NodePressure } from './pressure.ts';

const roomy: MachineRoom = {
  memoryAvailableBytes: 2 ** 30,
  diskAvailableBytes: 50,
  diskTotalBytes: 100,
  inodesAvailable: 50,
  inodesTotal: 100,
};

const table: [what: string, room: Partial<MachineRoom>, expected: string[]][] = [
  ['enough of all', {}, []],
  ['memory below 100 MiB', { memoryAvailableBytes: 100 * 2 ** 20 - 1 }, ['MemoryPressure']],
  ['just enough memory', { memoryAvailableBytes: 100 * 2 ** 20 }, []],
  ['a full disk', { diskAvailableBytes: 4 }, ['DiskPressure']],
  ['a disk with a twentieth left', { diskAvailableBytes: 5 }, []],
  ['no inodes', { inodesAvailable: 4 }, ['DiskPressure']],
  ['a file system without inodes', { inodesAvailable: 0, inodesTotal: 0 }, []],
];

for (const [what, room, expected] of table) {
  test(what, async () => {
    const pressure = new NodePressure(new VirtualClock(), async () => ({ ...roomy, ...room }));
    assert.deepEqual([...(await pressure.look())], expected);
    assert.deepEqual([...pressure.lastSeen()], expected);
  });
}

test('pressure – last seen less than five minutes ago – holds', async () => {
  const clock = new VirtualClock();
  let room = { ...roomy, diskAvailableBytes: 1 };
  const pressure = new NodePressure(clock, async () => room);
  assert.equal((await pressure.look()).size, 1);
  room = roomy;
  await clock.advance(5 * 60_000 - 1);
  assert.equal((await pressure.look()).size, 1);
  await clock.advance(1);
  assert.equal((await pressure.look()).size, 0);
});
