import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ImageMountMetrics } from './mount-metrics.ts';

test('mounts of image volumes – some of which fail – are counted', async () => {
  const counted = new ImageMountMetrics();
  const unmounted: string[] = [];
  const mounter = counted.measured({
    mount: async (image) => {
      if (image === 'broken') throw new Error('no snapshot');
    },
    unmount: async (directory) => void unmounted.push(directory),
  });
  await mounter.mount('good', '/a');
  await mounter.mount('good', '/b');
  await assert.rejects(mounter.mount('broken', '/c'), { message: 'no snapshot' });
  await mounter.unmount('/a');
  const readings = counted.metrics.map((metric) => [
    metric.name.replace('kubelet_image_volume_', ''),
    [...metric.readings()].map(([, value]) => value),
  ]);
  assert.deepEqual(readings, [
    ['requested_total', [3]],
    ['mounted_succeed_total', [2]],
    ['mounted_errors_total', [1]],
  ]);
  assert.deepEqual(unmounted, ['/a']);
});
