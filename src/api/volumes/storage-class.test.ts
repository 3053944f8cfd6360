import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storedClaim, storedClass } from '#testing/objects/volumes.ts';
import { bindsAtFirstUse, defaultClass, namedClass } from './storage-class.ts';

const annotations = { 'volume.beta.kubernetes.io/storage-class': 'old' };
const rows: [string, object, object, string | undefined][] = [
  ['without a class', {}, { storageClassName: undefined }, undefined],
  ['with the empty class', {}, { storageClassName: '' }, ''],
  ['with the field', {}, { storageClassName: 'new' }, 'new'],
  ['with field and annotation', { annotations }, { storageClassName: 'new' }, 'old'],
];
for (const [title, metadata, spec, name] of rows) {
  test(`a claim ${title} – names ${name}`, () => {
    assert.equal(namedClass(storedClaim('c', metadata, spec)), name);
  });
}

test('classes – marked by the old and the new annotation – the newest is the default', () => {
  const marked = (name: string, key: string, year: number) =>
    storedClass(name, {
      metadata: { annotations: { [key]: 'true' }, creationTimestamp: `${year}-01-01T00:00:00Z` },
    });
  const older = marked('a', 'storageclass.kubernetes.io/is-default-class', 2025);
  const newer = marked('b', 'storageclass.beta.kubernetes.io/is-default-class', 2026);
  assert.equal(defaultClass([older, newer, storedClass('c')]), newer);
});

test('a class – immediate, waiting, unknown – only the waiting one binds at first use', () => {
  assert.equal(bindsAtFirstUse(storedClass('s')), true);
  assert.equal(bindsAtFirstUse(storedClass('s', { volumeBindingMode: 'Immediate' })), false);
  assert.equal(bindsAtFirstUse(undefined), false);
});
