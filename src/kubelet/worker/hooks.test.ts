import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#host/system-env.ts';
import { storedPod } from '#testing/objects.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { hookRunner } from './hooks.ts';

test('a hook of a kind that was never run – tcpSocket – it fails instead of passing for done', async () => {
  const hooks = hookRunner(
    { clock: new VirtualClock(), random: systemRandom, log: silentLog },
    {} as Runtime,
  );
  await assert.rejects(
    hooks.run(storedPod('p'), { name: 'c' }, 'id', '10.0.0.1', { tcpSocket: { port: 80 } }),
    {
      message: 'invalid handler: tcpSocket',
    },
  );
});
