import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type MemoryFields, readMemorySettings } from './memory.ts';

test('memory manager – without settings – assigns nothing', () => {
  assert.deepEqual(readMemorySettings({}), { policy: 'None', reserved: [] });
});

test('memory manager – Static with reserved memory – has both', () => {
  const limits = { memory: '1Gi', 'hugepages-2Mi': '10Mi' };
  const { policy, reserved } = readMemorySettings({
    memoryManagerPolicy: 'Static',
    reservedMemory: [{ numaNode: 1, limits }],
  });
  assert.equal(policy, 'Static');
  const texts = reserved.map(({ numaNode, limits: amounts }) => [
    numaNode,
    Array.from(amounts, ([name, quantity]) => `${name}=${quantity}`),
  ]);
  assert.deepEqual(texts, [[1, ['memory=1Gi', 'hugepages-2Mi=10Mi']]]);
});

const reserving = (...limits: Record<string, string>[]): MemoryFields => ({
  reservedMemory: limits.map((amounts) => ({ numaNode: 0, limits: amounts })),
});
const table: [fields: MemoryFields, message: string][] = [
  [{ memoryManagerPolicy: 'static' }, 'unknown policy: "static"'],
  [{ memoryManagerPolicy: 'Static' }, '[memorymanager] you should specify the system reserved memory'],
  [
    reserving({ cpu: '1' }),
    'invalid configuration: the limit type "cpu" for NUMA node 0 is not supported, only [memory hugepages-<HugePageSize>] is accepted',
  ],
  [
    reserving({ memory: '0' }),
    'invalid configuration: reserved memory may not be zero for NUMA node 0 and resource "memory"',
  ],
  [
    reserving({ memory: '1Gi' }, { memory: '1Gi' }),
    'invalid configuration: the reserved memory has a duplicate value for NUMA node 0 and resource "memory"',
  ],
];

for (const [fields, message] of table) {
  test(`memory manager – ${JSON.stringify(fields)} – is refused`, () =>
    assert.throws(() => readMemorySettings(fields), { message: `kubelet: ${message}` }));
}
