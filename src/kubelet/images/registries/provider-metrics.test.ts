import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sleep } from '#base/clock.ts';
import { metricsPage } from '#base/metrics/exposition.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { ProviderMetrics } from './provider-metrics.ts';

const sampleLines = (text: string) =>
  text.split('\n').filter((line) => /^kubelet.*(_sum|_count|total|info)/.test(line));

test('the metrics of credential providers – one succeeds, fails, cannot be started – are upstream’s', async () => {
  const clock = new VirtualClock();
  const metrics = new ProviderMetrics(clock, 'sha256:1');
  const run = async (name: string, end: () => number) => {
    const running = metrics.run(name, async () => {
      await sleep(clock, 250);
      return { code: end() };
    });
    const ended = running.then(
      ({ code }) => code,
      (error: Error) => error.message,
    );
    await clock.advance(250);
    return ended;
  };
  assert.equal(await run('good', () => 0), 0);
  assert.equal(await run('bad', () => 7), 7);
  const absent = () => {
    throw new Error('ENOENT');
  };
  assert.equal(await run('bad', absent), 'ENOENT');
  assert.deepEqual(sampleLines(metricsPage(metrics.metrics)), [
    'kubelet_credential_provider_plugin_duration_sum{plugin_name="good"} 0.25',
    'kubelet_credential_provider_plugin_duration_count{plugin_name="good"} 1',
    'kubelet_credential_provider_plugin_duration_sum{plugin_name="bad"} 0.5',
    'kubelet_credential_provider_plugin_duration_count{plugin_name="bad"} 2',
    'kubelet_credential_provider_plugin_errors_total{plugin_name="bad"} 2',
    'kubelet_credential_provider_config_info{hash="sha256:1"} 1',
  ]);
});
