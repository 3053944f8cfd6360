import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { CallPace } from './call-pace.ts';

/** Calls of a pace for one processor, which allows two: those that began, and how to end each. */
function paced() {
  const clock = new VirtualClock();
  const pace = new CallPace(clock, 1);
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const call = (method: string, signal?: AbortSignal) =>
    pace.run(
      method,
      () => {
        begun.push(method);
        return new Promise<void>((resolve) => {
          ends.push(resolve);
        });
      },
      signal,
    );
  /** Ends the call that has run the longest. */
  const endFirst = async () => {
    ends.shift()!();
    await clock.advance(0);
  };
  return { clock, begun, call, endFirst };
}

test('calls that start programs – many at once – run two for each processor, those first that bring a pod further', async () => {
  const { clock, begun, call, endFirst } = paced();
  for (let pod = 0; pod < 3; pod++) void call('RunPodSandbox');
  void call('StartContainer');
  await clock.advance(0);
  assert.deepEqual(begun, ['RunPodSandbox', 'RunPodSandbox']);
  await endFirst();
  assert.deepEqual(begun.slice(2), ['StartContainer']);
  await endFirst();
  assert.deepEqual(begun.slice(3), ['RunPodSandbox']);
  for (let i = 0; i < 2; i++) await endFirst();
  void call('CreateContainer');
  await clock.advance(0);
  assert.equal(begun.length, 5);
});

test('a call – that does not end – holds no other back for long; other calls wait for none', async () => {
  const { clock, begun, call } = paced();
  const methods = ['RunPodSandbox', 'StopContainer', 'RunPodSandbox', 'ListContainers'];
  for (const method of methods) void call(method);
  await clock.advance(0);
  assert.deepEqual(begun, ['RunPodSandbox', 'StopContainer', 'ListContainers']);
  await clock.advance(200);
  assert.deepEqual(begun.slice(3), ['RunPodSandbox'], 'the container has the rest of its time');
  void call('StopContainer');
  await clock.advance(4799);
  assert.equal(begun.length, 4);
  await clock.advance(1);
  assert.deepEqual(begun.slice(4), ['StopContainer']);
});

test('a call – aborted before its turn – is never made, nor one before the next', async () => {
  const { clock, begun, call, endFirst } = paced();
  for (let pod = 0; pod < 2; pod++) void call('RunPodSandbox');
  const wanted = new AbortController();
  const aborted = assert.rejects(call('CreateContainer', wanted.signal), /not wanted/);
  void call('StopPodSandbox');
  wanted.abort(new Error('not wanted'));
  await aborted;
  await endFirst();
  await clock.advance(0);
  assert.deepEqual(begun, ['RunPodSandbox', 'RunPodSandbox', 'StopPodSandbox']);
});
