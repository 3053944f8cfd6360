import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#host/system-env.ts';
import { storedPod } from '#testing/objects.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { FailedPulls } from './failed-pulls.ts';

const pod = storedPod('p', { metadata: { uid: 'u' } });
const other = storedPod('other', { metadata: { uid: 'o' } });

/** Chance adds half of the jitter. */
function failedPulls() {
  const clock = new VirtualClock();
  const random = { ...systemRandom, float: () => 0.5 };
  return { clock, failed: new FailedPulls({ clock, random, log: silentLog }) };
}

test('a pull – failed once, then again – is looked at after a second, then after 10 to 15', async () => {
  const { clock, failed } = failedPulls();
  assert.equal(failed.add(pod, 'web', 'not found'), 1000);
  await clock.advance(10_000);
  assert.equal(failed.add(pod, 'web', 'not found'), 12_500);
});

test('a pull – failed – backs off 10 seconds, then 20', async () => {
  const { clock, failed } = failedPulls();
  failed.add(pod, 'web', 'not found');
  assert.deepEqual(failed.backingOff(pod, 'web'), { message: 'not found', retryInMs: 12_500 });
  await clock.advance(10_000);
  assert.equal(failed.backingOff(pod, 'web'), undefined);
  failed.add(pod, 'web', 'refused');
  await clock.advance(19_999);
  assert.equal(failed.backingOff(pod, 'web')?.message, 'refused');
  await clock.advance(1);
  assert.equal(failed.backingOff(pod, 'web'), undefined);
});

test('a pull – failed for a pod and an image – holds up no other image and no other pod', () => {
  const { failed } = failedPulls();
  failed.add(pod, 'web', 'not found');
  assert.equal(failed.backingOff(pod, 'db'), undefined);
  assert.equal(failed.backingOff(other, 'web'), undefined);
});

test('a pod – forgotten – has failed no pull', () => {
  const { failed } = failedPulls();
  failed.add(pod, 'web', 'not found');
  failed.forget(pod);
  assert.equal(failed.backingOff(pod, 'web'), undefined);
  assert.equal(failed.add(pod, 'web', 'not found'), 1000);
});
