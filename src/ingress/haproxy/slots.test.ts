import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Endpoint } from '../model/model.ts';
import { newSlots, reassigned, slotCommands } from './slots.ts';

const at = (...names: string[]): Endpoint[] => names.map((name) => ({ address: `10.0.0.${name}`, port: 80 }));
const shown = (slots: ReturnType<typeof newSlots> | undefined) =>
  slots?.map((slot) => slot?.address.slice(7) ?? '-').join('');

test('slots – of a new backend – have room for half as many endpoints again', () => {
  const counts = [0, 2, 3, 6, 20].map(
    (count) => newSlots(at(...Array.from({ length: count }, (_, i) => `${i}`))).length,
  );
  assert.deepEqual(counts, [4, 4, 8, 16, 32]);
});

const rows: [string, string, string, string | undefined][] = [
  ['an endpoint more – takes a free slot', '12', '123', '123-'],
  ['an endpoint replaced – takes a slot that was free before', '12', '23', '-23-'],
  ['all replaced – uses freed slots last', '12', '345', '5-34'],
  ['more than fit – needs a new configuration', '12', '34567', undefined],
  ['none left – empties all', '12', '', '----'],
];
for (const [name, before, now, result] of rows) {
  test(`slots – ${name}`, () => assert.equal(shown(reassigned(newSlots(at(...before)), at(...now))), result));
}

test('commands – for a changed, an emptied and an unchanged slot – name the server', () => {
  const before = newSlots(at('1', '2', '3'));
  assert.deepEqual(slotCommands('b', before, reassigned(before, at('1', '4'))!), [
    'set server b/s1 state maint',
    'set server b/s2 state maint',
    'set server b/s3 addr 10.0.0.4 port 80',
    'set server b/s3 state ready',
  ]);
});
