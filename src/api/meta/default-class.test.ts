import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultClassOf } from './default-class.ts';

const classOf = (name: string, created: string, value: string, key = 'is-default') => ({
  metadata: { name, creationTimestamp: `2026-01-0${created}T00:00:00Z`, annotations: { [key]: value } },
});
const rows: [title: string, classes: ReturnType<typeof classOf>[], chosen: string | undefined][] = [
  ['none is marked', [classOf('a', '1', 'false'), classOf('b', '1', 'true', 'other')], undefined],
  ['one is marked', [classOf('a', '2', 'false'), classOf('b', '1', 'true')], 'b'],
  ['one is marked by the older key', [classOf('a', '1', 'true', 'beta.is-default')], 'a'],
  ['two are marked', [classOf('a', '1', 'true'), classOf('b', '2', 'true')], 'b'],
  ['two are marked and as old', [classOf('b', '1', 'true'), classOf('a', '1', 'true')], 'a'],
];

for (const [title, classes, chosen] of rows) {
  test(`classes – ${title} – the default is ${chosen ?? 'none'}`, () => {
    assert.equal(defaultClassOf(classes, ['is-default', 'beta.is-default'])?.metadata.name, chosen);
  });
}
