import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DownwardAPIVolumeFile } from '#api/generated/types.gen.ts';
import { filesIn, volumeContext } from '#testing/kubelet/volume-context.ts';
import { newContainer } from '#testing/objects.ts';
import { downwardApiVolume } from './downward-api.ts';

const pod = {
  metadata: {
    uid: 'u-1',
    labels: { b: '2', a: 'one "and" two' },
    annotations: { 'example.com/x': 'line\nline' },
  },
  spec: {
    serviceAccountName: 'build',
    containers: [newContainer({ name: 'main', resources: { limits: { cpu: '1500m', memory: '64Mi' } } })],
  },
};

const field = (fieldPath: string): Partial<DownwardAPIVolumeFile> => ({ fieldRef: { fieldPath } });
const resource = (name: string, divisor?: string): Partial<DownwardAPIVolumeFile> => ({
  resourceFieldRef: { containerName: 'main', resource: name, ...(divisor ? { divisor } : {}) },
});

describe('a downwardAPI volume – set up – has the value of each field', () => {
  // biome-ignore format: a table
  const rows: [what: string, item: Partial<DownwardAPIVolumeFile>, text: string][] = [
    ['the name', field('metadata.name'), '644 p'],
    ['the namespace', field('metadata.namespace'), '644 default'],
    ['the uid', field('metadata.uid'), '644 u-1'],
    ['all labels', field('metadata.labels'), '644 a="one \\"and\\" two"\nb="2"'],
    ['one label', field("metadata.labels['b']"), '644 2'],
    ['a label that is missing', field("metadata.labels['c']"), '644 '],
    ['one annotation', field("metadata.annotations['example.com/x']"), '644 line\nline'],
    ['a mode', { ...field('metadata.name'), mode: 0o400 }, '400 p'],
    ['a limit in whole CPUs, rounded up', resource('limits.cpu'), '644 2'],
    ['a limit in thousandths', resource('limits.cpu', '1m'), '644 1500'],
    ['a limit in mebibytes', resource('limits.memory', '1Mi'), '644 64'],
    ['a request that is missing', resource('requests.ephemeral-storage'), '644 0'],
  ];
  for (const [what, item, text] of rows) {
    test(what, async (t) => {
      const { context } = volumeContext(t, { pod });
      const volume = { name: 'v', downwardAPI: { items: [{ path: 'f', ...item }] } };
      assert.deepEqual(filesIn(await downwardApiVolume.setUp(context, volume)), { f: text });
    });
  }
});

describe('a downwardAPI volume – a field that is not offered – waits with the message of FailedMount', () => {
  for (const [item, message] of [
    [field('spec.hostname'), 'unsupported fieldPath: spec.hostname'],
    [resource('usage.cpu'), 'unsupported container resource : usage.cpu'],
    [{ resourceFieldRef: { containerName: 'x', resource: 'limits.cpu' } }, 'container x not found'],
  ] as const) {
    test(message, async (t) => {
      const { context } = volumeContext(t, { pod });
      const volume = { name: 'v', downwardAPI: { items: [{ path: 'f', ...item }] } };
      await assert.rejects(downwardApiVolume.setUp(context, volume), { message });
    });
  }
});

test('a downwardAPI volume – the labels of its pod change – follows them', async (t) => {
  const { context } = volumeContext(t, { pod });
  const volume = { name: 'v', downwardAPI: { items: [{ path: 'labels', ...field('metadata.labels') }] } };
  const path = await downwardApiVolume.setUp(context, volume);
  context.pod.metadata.labels = { a: 'changed' };
  assert.equal(await downwardApiVolume.setUp(context, volume), path);
  assert.deepEqual(filesIn(path), { labels: '644 a="changed"' });
});
