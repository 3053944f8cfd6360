import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from './system-env.ts';

const held = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;

test('a timer – that holds the process – keeps it alive; any other timer does not', () => {
  const before = held();
  const idle = systemClock.after(60_000, () => {});
  assert.equal(held(), before);
  const awaited = systemClock.after(60_000, () => {}, { holdsProcess: true });
  assert.equal(held(), before + 1);
  awaited.cancel();
  idle.cancel();
  assert.equal(held(), before);
});
