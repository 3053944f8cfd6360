import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FieldSet, setOf } from '#api/fields/field-set.ts';
import { capManagers } from './cap-managers.ts';
import { type FieldManager, type FieldManagers, managerId } from './field-managers.ts';

function fieldManager(
  manager: string,
  second: number,
  set: FieldSet,
  apiVersion = 'v1',
): [string, FieldManager] {
  const named = { manager, operation: 'Update', apiVersion, subresource: '' } as const;
  const time = `2026-01-01T00:00:${String(second).padStart(2, '0')}Z`;
  return [managerId(named), { ...named, time, set }];
}

const field = (name: string) => setOf(['f:data', `f:${name}`]);

function shown(managers: FieldManagers): string[] {
  return Array.from(
    managers.values(),
    ({ manager, apiVersion, time, set }) =>
      `${manager} ${apiVersion} ${time!.slice(17, 19)} ${Object.keys(set['f:data']!).join(',')}`,
  );
}

test('field managers – ten that update – stay as they are', () => {
  const managers: FieldManagers = new Map(
    Array.from({ length: 10 }, (_, i) => fieldManager(`m${i}`, i, field('k'))),
  );
  capManagers(managers);
  assert.equal(managers.size, 10);
});

test('field managers – twelve that update, in two versions – the oldest of each become one', () => {
  const managers: FieldManagers = new Map([
    fieldManager('a', 1, field('a'), 'v1'),
    fieldManager('b', 2, field('b'), 'v2'),
    fieldManager('c', 3, field('c'), 'v1'),
    fieldManager('d', 4, field('d'), 'v2'),
    ...Array.from({ length: 8 }, (_, i) => fieldManager(`m${i}`, 10 + i, field('k'))),
  ]);
  capManagers(managers);
  assert.deepEqual(
    shown(managers)
      .filter((text) => !text.startsWith('m'))
      .sort(),
    ['ancient-changes v1 03 f:a,f:c', 'ancient-changes v2 04 f:b,f:d'],
  );
  assert.equal(managers.size, 10);
});

test('field managers – ancient-changes is there already – it gets the fields of the next oldest', () => {
  const managers: FieldManagers = new Map([
    fieldManager('ancient-changes', 1, field('a')),
    ...Array.from({ length: 10 }, (_, i) => fieldManager(`m${i}`, 10 + i, field(`k${i}`))),
  ]);
  capManagers(managers);
  assert.equal(managers.size, 10);
  assert.deepEqual(shown(managers)[9], 'ancient-changes v1 10 f:a,f:k0');
});

test('field managers – 5000, each of another field – become ten', () => {
  const managers: FieldManagers = new Map(
    Array.from({ length: 5000 }, (_, i) => fieldManager(`m${i}`, 1, field(`k${i}`))),
  );
  capManagers(managers);
  assert.equal(managers.size, 10);
  const folded = [...managers.values()].find(({ manager }) => manager === 'ancient-changes')!;
  assert.equal(Object.keys(folded.set['f:data']!).length, 4991);
});
