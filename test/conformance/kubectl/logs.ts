/** `kubectl logs` and its filters. */

import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { type Behaviour, type BehaviourContext, behaviour, images } from '../behaviour.ts';

const lines = 20;

async function filters(context: BehaviourContext): Promise<void> {
  const script = `for i in $(seq 1 ${lines}); do echo "line $i of the log"; sleep 0.1; done; sleep 3600`;
  await context.kubectl(
    'run',
    'logger',
    `--image=${images.busybox}`,
    '--restart=Never',
    '--overrides={"spec":{"terminationGracePeriodSeconds":0}}',
    '--',
    'sh',
    '-c',
    script,
  );
  const logs = (...args: string[]) => context.kubectl('logs', 'logger', ...args);
  await context.eventually('all is written', async () => {
    return (await logs()).endsWith(`line ${lines} of the log\n`);
  });
  const last = `line ${lines} of the log\n`;
  assert.equal((await logs()).trim().split('\n').length, lines);
  assert.equal(await logs('logger'), await logs());
  assert.equal(await logs('--tail=1'), last);
  assert.equal(await logs('--limit-bytes=1'), 'l');
  const stamped = await logs('--tail=1', '--timestamps');
  const [time, ...rest] = stamped.split(' ');
  assert.match(time ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+(Z|[+-]\d\d:\d\d)$/);
  assert.equal(rest.join(' '), last);
  await wait(2_500);
  assert.equal(await logs('--since=1s'), '');
  assert.equal((await logs('--since=24h')).trim().split('\n').length, lines);
}

export const logs: readonly Behaviour[] = [
  behaviour('[sig-cli] Kubectl logs logs should be able to retrieve and filter logs [Conformance]', filters),
];
