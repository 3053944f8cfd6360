import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FieldSet, setOf } from '#api/fields/field-set.ts';
import { capOwners } from './cap-owners.ts';
import { type Owner, type Owners, ownerId } from './owners.ts';

function owner(manager: string, second: number, set: FieldSet, apiVersion = 'v1'): [string, Owner] {
  const named = { manager, operation: 'Update', apiVersion, subresource: '' } as const;
  const time = `2026-01-01T00:00:${String(second).padStart(2, '0')}Z`;
  return [ownerId(named), { ...named, time, set }];
}

const field = (name: string) => setOf(['f:data', `f:${name}`]);

function shown(owners: Owners): string[] {
  return Array.from(
    owners.values(),
    ({ manager, apiVersion, time, set }) =>
      `${manager} ${apiVersion} ${time!.slice(17, 19)} ${Object.keys(set['f:data']!).join(',')}`,
  );
}

test('owners – ten that update – stay as they are', () => {
  const owners: Owners = new Map(Array.from({ length: 10 }, (_, i) => owner(`m${i}`, i, field('k'))));
  capOwners(owners);
  assert.equal(owners.size, 10);
});

test('owners – twelve that update in two versions – the oldest of each become one, with all their fields', () => {
  const owners: Owners = new Map([
    owner('a', 1, field('a'), 'v1'),
    owner('b', 2, field('b'), 'v2'),
    owner('c', 3, field('c'), 'v1'),
    owner('d', 4, field('d'), 'v2'),
    ...Array.from({ length: 8 }, (_, i) => owner(`m${i}`, 10 + i, field('k'))),
  ]);
  capOwners(owners);
  assert.deepEqual(
    shown(owners)
      .filter((text) => !text.startsWith('m'))
      .sort(),
    ['ancient-changes v1 03 f:a,f:c', 'ancient-changes v2 04 f:b,f:d'],
  );
  assert.equal(owners.size, 10);
});

test('owners – among them one that was made of older ones – it takes the next ones in', () => {
  const owners: Owners = new Map([
    owner('ancient-changes', 1, field('a')),
    ...Array.from({ length: 10 }, (_, i) => owner(`m${i}`, 10 + i, field(`k${i}`))),
  ]);
  capOwners(owners);
  assert.equal(owners.size, 10);
  assert.deepEqual(shown(owners)[9], 'ancient-changes v1 10 f:a,f:k0');
});

test('owners – very many, each of another field – become ten', () => {
  const owners: Owners = new Map(Array.from({ length: 5000 }, (_, i) => owner(`m${i}`, 1, field(`k${i}`))));
  capOwners(owners);
  assert.equal(owners.size, 10);
  const folded = [...owners.values()].find(({ manager }) => manager === 'ancient-changes')!;
  assert.equal(Object.keys(folded.set['f:data']!).length, 4991);
});
