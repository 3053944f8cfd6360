import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { pluginLabel, VolumeMetrics } from './volume-metrics.ts';

const secret = 'kubernetes.io/secret';

test('operations on volumes – one succeeds, one fails – are timed by plugin, operation and status', async () => {
  const clock = new VirtualClock();
  const measured = new VolumeMetrics(clock, { actual: () => [], desired: () => [] });
  const work = () => clock.advance(300);
  await measured.measure('volume_mount', { plugin: secret, isMigrated: true }, work);
  await assert.rejects(
    measured.measure('volume_unmount', { plugin: secret }, async () => {
      await work();
      throw new Error('it is busy');
    }),
  );
  const readings = [...measured.metrics[0]!.readings()];
  assert.deepEqual(
    readings.map(([labels, value]) => [labels, (value as { sum: number }).sum]),
    [
      [{ volume_plugin: secret, operation_name: 'volume_mount', status: 'success', migrated: 'true' }, 0.3],
      [
        {
          volume_plugin: secret,
          operation_name: 'volume_unmount',
          status: 'fail-unknown',
          migrated: 'false',
        },
        0.3,
      ],
    ],
  );
});

test('volumes – wanted and set up – are counted by plugin and state', () => {
  const csi = pluginLabel({ name: 'csi' }, 'd');
  const counts = { actual: () => [secret], desired: () => [secret, csi, secret] };
  const [, total] = new VolumeMetrics(new VirtualClock(), counts).metrics;
  assert.deepEqual(
    [...(total?.readings() ?? [])],
    [
      [{ plugin_name: secret, state: 'actual_state_of_world' }, 1],
      [{ plugin_name: secret, state: 'desired_state_of_world' }, 2],
      [{ plugin_name: 'kubernetes.io/csi:d', state: 'desired_state_of_world' }, 1],
    ],
  );
});
