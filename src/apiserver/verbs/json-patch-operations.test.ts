import assert from 'node:assert/strict';
import { test } from 'node:test';
import { duplicatesInOutcome } from './json-patch-operations.ts';

const cases: readonly [errors: string[], patch: unknown, outcome: string[]][] = [
  [
    ['duplicate field "[0].op"', 'duplicate field "[0].value.a"', 'unknown field "[0].extra"'],
    [{ op: 'add', path: '/metadata/labels', value: {} }],
    ['duplicate field "metadata.labels.a"'],
  ],
  [
    ['duplicate field "[1].value[0].x"'],
    [{ op: 'test' }, { op: 'replace', path: '/spec/containers/0/a~1b', value: [] }],
    ['duplicate field "spec.containers[0].a/b[0].x"'],
  ],
  [['duplicate field "[0].value.a"'], [{ op: 'test', path: '/data', value: {} }], []],
];

for (const [errors, patch, outcome] of cases) {
  test(`a JSON patch – with ${errors.join(', ')} – has these in its outcome`, () => {
    assert.deepEqual(duplicatesInOutcome(errors, patch), outcome);
  });
}
