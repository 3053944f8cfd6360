import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#host/system-env.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import type { NodePod } from '../pod/pod.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { hookRunner } from './hooks.ts';

test('a hook of a kind that was never run – tcpSocket – it fails instead of passing for done', async () => {
  const hooks = hookRunner(
    { clock: new VirtualClock(), random: systemRandom, log: silentLog },
    {} as Runtime,
  );
  const pod = { metadata: { name: 'p' }, spec: { containers: [] } } as unknown as NodePod;
  await assert.rejects(hooks.run(pod, { name: 'c' }, 'id', '10.0.0.1', { tcpSocket: { port: 80 } }), {
    message: 'invalid handler: tcpSocket',
  });
});
