import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#host/system-env.ts';
import type { KubeNode } from '#kubelet/node/kube-node.ts';
import { StateFileError } from '#kubelet/paths/state-file.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { HeldKubelet } from './held-kubelet.ts';

const clock = new VirtualClock();
const errors: unknown[] = [];
const log = {
  ...silentLog,
  error: (_: string, { error }: { error?: unknown } = {}) => void errors.push(error),
};
const env = { clock, random: systemRandom, log };
const node = { name: 'n1' } as KubeNode;

/** A kubelet that fails as often as there are reasons, and what became of it. */
async function held(...reasons: Error[]) {
  const did: string[] = [];
  const kubelet = await HeldKubelet.start(env, async () => {
    did.push('start');
    const reason = reasons.shift();
    if (reason) throw reason;
    return { node, stop: async () => void did.push('stop') };
  });
  kubelet.whenStarted(({ name }) => void did.push(`runs as ${name}`));
  return { kubelet, did };
}

const corrupted = () => new StateFileError('checkpoint is corrupted');

test('a kubelet – that starts – runs, and stops', async () => {
  const { kubelet, did } = await held();
  await kubelet.stop();
  assert.deepEqual([kubelet.problem, did], [undefined, ['start', 'runs as n1', 'stop']]);
});

test('a kubelet – that refuses the state of an earlier one – is started again every ten seconds until it runs', async () => {
  errors.length = 0;
  const { kubelet, did } = await held(corrupted(), corrupted(), new Error('no containerd'));
  assert.deepEqual([kubelet.problem, did], ['checkpoint is corrupted', ['start']]);
  await clock.advance(10_000);
  assert.deepEqual([kubelet.problem, did.length], ['checkpoint is corrupted', 2]);
  await clock.advance(10_000);
  assert.equal(kubelet.problem, 'no containerd');
  await clock.advance(10_000);
  assert.deepEqual([kubelet.problem, did], [undefined, ['start', 'start', 'start', 'start', 'runs as n1']]);
  await clock.advance(60_000);
  assert.equal(did.length, 5);
  assert.deepEqual(errors, ['checkpoint is corrupted', 'no containerd']);
  await kubelet.stop();
  assert.equal(did.at(-1), 'stop');
});

test('a kubelet – that is stopped while it is held back – is not started again', async () => {
  const { kubelet, did } = await held(corrupted());
  await kubelet.stop();
  await clock.advance(60_000);
  assert.deepEqual(did, ['start']);
});

test('a kubelet – that cannot start for another reason – is the error of its node', async () => {
  await assert.rejects(held(new Error('no containerd')), { message: 'no containerd' });
});
