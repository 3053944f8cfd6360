import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VolumesInUse } from './volumes-in-use.ts';

function recorded() {
  const inUse = new VolumesInUse();
  const log: string[] = [];
  inUse.subscribe(() => log.push(`report ${inUse.names()}`));
  return { inUse, log };
}

test('volume – used – waits until the status lists it', async () => {
  const { inUse, log } = recorded();
  const used = inUse.use('a').then(() => log.push('used'));
  inUse.reported([]);
  inUse.reported(['a']);
  await used;
  await inUse.use('a');
  assert.deepEqual(log, ['report a', 'used']);
});

test('volume – of an earlier life – is listed without a change', () => {
  const { inUse, log } = recorded();
  inUse.add('b');
  inUse.add('a');
  assert.deepEqual(inUse.names(), ['a', 'b']);
  assert.deepEqual(log, []);
});

test('volume – released – is reported once, and used again waits again', async () => {
  const { inUse, log } = recorded();
  inUse.add('a');
  inUse.reported(['a']);
  inUse.release('a');
  inUse.release('a');
  const used = inUse.use('a').then(() => log.push('used'));
  inUse.reported([]);
  inUse.reported(['a']);
  await used;
  assert.deepEqual(log, ['report ', 'report a', 'used']);
});
