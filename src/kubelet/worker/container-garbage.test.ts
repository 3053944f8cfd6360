import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '#base/log.ts';
import { collectGarbage, type GarbageParts } from './container-garbage.ts';

/** Ten sandboxes of pods that there are no more; removing the first takes until `end`. */
function tenOrphans(end: Promise<void>) {
  const left = new Set(Array.from({ length: 10 }, (_, index) => `uid-${index}`));
  const parts = {
    env: { log: silentLog },
    runtime: {
      listPodSandboxes: async () =>
        [...left].map((podUid) => ({
          id: podUid,
          podUid,
          namespace: 'default',
          name: podUid,
          createdAtMs: 0,
        })),
      listContainers: async () => [],
      stopPodSandbox: async () => undefined,
      removePodSandbox: async (id: string) => {
        if (id === 'uid-0') await end;
        left.delete(id);
      },
    },
    setup: { cleanUp: async () => undefined, removeLogs: async () => undefined, knownPods: async () => [] },
    readView: async (uid: string) => ({ containers: [], sandboxes: [{ id: uid }] }),
  };
  return { left, parts: parts as unknown as GarbageParts };
}

test('pods that an earlier life of the kubelet left – when one takes long to remove – are removed meanwhile', async () => {
  const { promise: end, resolve } = Promise.withResolvers<void>();
  const { left, parts } = tenOrphans(end);
  const collected = collectGarbage(parts, () => false);
  for (let turns = 0; turns < 100 && left.size > 1; turns++) await new Promise(setImmediate);
  assert.deepEqual([...left], ['uid-0']);
  resolve();
  await collected;
  assert.equal(left.size, 0);
});
