import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { describe, test } from 'node:test';
import type { PodSpec } from '#api/generated/types.gen.ts';
import { isMounted, mountHugePages, unmountUnder } from '#host/kernel/mounts.ts';
import { storedPod } from '#testing/objects.ts';
import type { NodePod } from '../pod/pod.ts';
import { memoryBytesMax, pageSizeOf } from './empty-dir.ts';

const podWith = (spec: Partial<PodSpec>) => storedPod('p', { spec: { containers: [], ...spec } });
const requesting = (...lists: Record<string, string>[]) =>
  podWith({ containers: lists.map((requests, i) => ({ name: `c${i}`, resources: { requests } })) });
const limited = podWith({ containers: [{ name: 'c', resources: { limits: { memory: '1Mi' } } }] });

test('an emptyDir in memory – with and without a size limit – is no larger than its pod or the node', () => {
  const allocatable = { memory: '2Mi' };
  const size = (pod: NodePod, limit?: string) => memoryBytesMax({ pod, allocatable }, limit) / 1024;
  assert.equal(size(podWith({})), 2048);
  assert.equal(size(podWith({}), '16Ki'), 16);
  assert.equal(size(podWith({}), '4Mi'), 2048);
  assert.equal(size(limited), 1024);
  assert.equal(size(limited, '16Ki'), 16);
  assert.equal(size(limited, '4Mi'), 1024);
});

describe('an emptyDir – in huge pages – has the page size of its medium, or the only one that the pod requests', () => {
  const both = requesting({ 'hugepages-2Mi': '4Mi' }, { 'hugepages-1Gi': '1Gi' });
  test('one size, or several', () => {
    assert.equal(pageSizeOf('HugePages', requesting({ 'hugepages-2Mi': '4Mi', cpu: '1' })), '2Mi');
    assert.equal(pageSizeOf('HugePages-1Gi', both), '1Gi');
    assert.throws(() => pageSizeOf('HugePages', both), /multiple huge page sizes/);
  });
  for (const medium of ['HugePages', 'HugePages-1Gi']) {
    test(medium, () => {
      assert.throws(() => pageSizeOf(medium, requesting({ cpu: '1' })), /there is no resource request/);
    });
  }
});

test('an emptyDir in huge pages – set up – is mounted', {
  skip: process.platform === 'linux' && process.getuid?.() === 0 ? false : 'needs root on Linux',
}, async () => {
  const dir = await mkdtemp(`${tmpdir()}/huge-pages-`);
  try {
    await mountHugePages(dir, '2Mi');
    assert.ok(await isMounted(dir));
  } finally {
    await unmountUnder(dir);
    await rm(dir, { recursive: true });
  }
});
