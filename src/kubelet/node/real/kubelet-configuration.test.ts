import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readKubeletConfiguration } from '#api/configuration/kubelet/kubelet-configuration.ts';
import { kubeletConfiguration } from './kubelet-configuration.ts';

const place = { nodeIp: '10.0.0.1', port: 10250, clusterDns: '10.96.0.10', clusterDomain: 'cluster.local' };

test('the configuration of a node – with soft thresholds – is shown in the form that it was read from', () => {
  const section = {
    evictionHard: { 'memory.available': '200Mi', 'nodefs.available': '7.5%' },
    evictionSoft: { 'memory.available': '1Gi' },
    evictionSoftGracePeriod: { 'memory.available': '1m30s' },
    evictionMinimumReclaim: { 'memory.available': '10Mi' },
    maxPods: 20,
  };
  const shown = kubeletConfiguration({ config: readKubeletConfiguration(section), ...place }) as Record<
    string,
    unknown
  >;
  for (const [field, value] of Object.entries(section)) assert.deepEqual(shown[field], value, field);
  assert.deepEqual(
    [shown['kind'], shown['port'], shown['evictionPressureTransitionPeriod'], shown['containerLogMaxSize']],
    ['KubeletConfiguration', 10250, '5m0s', '10Mi'],
  );
  // What is shown can be a configuration again, as far as it can be configured.
  const { evictionHard, evictionSoft, evictionSoftGracePeriod, evictionMinimumReclaim, maxPods } =
    shown as never;
  const again = { evictionHard, evictionSoft, evictionSoftGracePeriod, evictionMinimumReclaim, maxPods };
  assert.deepEqual(kubeletConfiguration({ config: readKubeletConfiguration(again), ...place }), shown);
});
