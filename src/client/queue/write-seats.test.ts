import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { WritePace } from './write-pace.ts';

/** Writes that last until they are ended, by name. */
function writing() {
  const clock = new VirtualClock();
  const pace = new WritePace(clock);
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const all: Promise<void>[] = [];
  const write = (key: string, name = key) =>
    void all.push(
      pace.write(key, () => {
        begun.push(name);
        return new Promise<void>((resolve) => ends.set(name, resolve));
      }),
    );
  const end = async (name: string) => {
    ends.get(name)!();
    await clock.advance(0);
  };
  return { clock, begun, write, end, all };
}

test('write seats – more writes of one key than seats – 64 are in flight, the others wait in order', async () => {
  const { begun, write, end, all } = writing();
  for (let i = 0; i < 100; i++) write('set', `${i}`);
  assert.equal(begun.length, 64);
  await end('5');
  assert.deepEqual(begun.slice(64), ['64']);
  for (let i = 0; i < 100; i++) if (i !== 5) await end(`${i}`);
  await Promise.all(all);
  assert.deepEqual(
    begun.map(Number),
    begun.map((_, i) => i),
  );
});

test('write seats – a set has a thousand writes waiting – a single object of another key is the second to begin', async () => {
  const { begun, write, end } = writing();
  for (let i = 0; i < 1_000; i++) write('set', `${i}`);
  write('namespace');
  await end('0');
  await end('1');
  assert.deepEqual(begun.slice(64), ['64', 'namespace']);
});

test('write seats – all writes of a set hang – others begin within a second', async () => {
  const { clock, begun, write } = writing();
  for (let i = 0; i < 500; i++) write('set', `${i}`);
  write('namespace');
  await clock.advance(999);
  assert.equal(begun.includes('namespace'), false);
  await clock.advance(1);
  assert.equal(begun.includes('namespace'), true);
  assert.equal(begun.length, 128, 'of the set no more than as many again');
});

test('write seats – slow writes end – seats are not given out twice, and no timer is left', async () => {
  const { clock, begun, write, end, all } = writing();
  for (let i = 0; i < 200; i++) write('set', `${i}`);
  await clock.advance(1_000);
  for (let i = 0; i < 64; i++) await end(`${i}`);
  assert.equal(begun.length, 128);
  for (let i = 64; i < 200; i++) await end(`${i}`);
  await Promise.all(all);
  assert.equal(clock.pendingTimers(), 0);
});
