import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodSpec } from '#api/generated/types.gen.ts';
import { storedPod } from '#testing/objects.ts';
import { hasStorageLimit, storageExcess } from './storage-limits.ts';

const podWith = (spec: Partial<PodSpec>) =>
  storedPod('p', { spec: { containers: [{ name: 'a' }], ...spec } });
const limited = (limits: Record<string, string>): Partial<PodSpec> => ({
  containers: Object.entries(limits).map(([name, limit]) => ({
    name,
    resources: { limits: { 'ephemeral-storage': limit } },
  })),
});
const volume = (sizeLimit?: string): Partial<PodSpec> => ({
  volumes: [{ name: 'v', emptyDir: sizeLimit === undefined ? {} : { sizeLimit } }],
});

const emptyDirs = (bytes: number) => ({
  emptyDirs: new Map([['v', bytes]]),
  containers: new Map<string, number>(),
});
const containers = (use: Record<string, number>) => ({
  emptyDirs: new Map<string, number>(),
  containers: new Map(Object.entries(use)),
});

const cases: [
  what: string,
  spec: Partial<PodSpec>,
  use: Parameters<typeof storageExcess>[1],
  excess?: string,
][] = [
  ['an emptyDir at its limit', volume('1Ki'), emptyDirs(1024)],
  [
    'an emptyDir above its limit',
    volume('1Ki'),
    emptyDirs(1025),
    'Usage of EmptyDir volume "v" exceeds the limit "1Ki". ',
  ],
  ['an emptyDir without a limit', volume(), emptyDirs(2 ** 40)],
  ['an emptyDir with a limit of nothing', volume('0'), emptyDirs(2 ** 40)],
  [
    'containers that together use more than all may',
    limited({ a: '1Ki', b: '1Ki' }),
    containers({ a: 1500, b: 600 }),
    'Pod ephemeral local storage usage exceeds the total limit of containers 2Ki. ',
  ],
  [
    'an emptyDir that counts against the containers',
    { ...volume(), ...limited({ a: '1Ki' }) },
    emptyDirs(2000),
    'Pod ephemeral local storage usage exceeds the total limit of containers 1Ki. ',
  ],
  [
    'one container that uses more than it may',
    limited({ a: '1Ki', b: '1Ki' }),
    containers({ a: 1500, b: 10 }),
    'Container a exceeded its local ephemeral storage limit "1Ki". ',
  ],
  ['containers within their limits', limited({ a: '1Ki', b: '1Ki' }), containers({ a: 1000, b: 1000 })],
];

for (const [what, spec, use, excess] of cases) {
  test(`a pod – ${what} – is evicted for: ${excess ?? 'nothing'}`, () =>
    assert.equal(storageExcess(podWith(spec), use)?.message, excess));
}

test('local storage – of pods without a limit, and of critical ones – is not measured', () => {
  assert.equal(hasStorageLimit(podWith({})), false);
  assert.equal(hasStorageLimit(podWith(volume())), false);
  assert.equal(hasStorageLimit(podWith(volume('1Gi'))), true);
  assert.equal(hasStorageLimit(podWith(limited({ a: '1Gi' }))), true);
  assert.equal(hasStorageLimit(podWith({ ...volume('1Gi'), priority: 2_000_000_000 })), false);
});
