/** Namespaces, case by case as in upstream's tables. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { changeMessagesOf, messagesOf, strategyFor } from '#testing/kind-cases.ts';
import type { AnyObject } from '../../meta/object.ts';
import { fieldErrorMessage } from '../../validation/field-error.ts';

const named = (more: object = {}, spec: object = {}) =>
  ({ metadata: { name: 'abc', ...more }, spec }) as AnyObject;
const finalizers = (...list: string[]) => named({}, { finalizers: list });
const noName =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const unknown = 'name is neither a standard finalizer name nor is it fully qualified';

const creations: readonly [what: string, namespace: AnyObject, messages: string[]][] = [
  ['with a label', named({ labels: { a: 'b' } }), []],
  ['with finalizers', finalizers('example.com/something', 'example.com/other'), []],
  [
    'without a name',
    named({ name: '' }),
    ['metadata.name: Required value: name or generateName is required'],
  ],
  ['in a namespace', named({ namespace: 'x' }), ['metadata.namespace: Forbidden: not allowed on this type']],
  [
    'with a bad label',
    named({ labels: { 'A=b': 'c' } }),
    [`metadata.labels: Invalid value: "A=b": ${noName}`],
  ],
  ['with an unknown finalizer', finalizers('Foo'), [`spec.finalizers: Invalid value: "Foo": ${unknown}`]],
];

for (const [what, namespace, messages] of creations) {
  test(`a namespace – ${what} – has its messages`, () => {
    assert.deepEqual(messagesOf('', 'namespaces', namespace), messages);
  });
}

describe('a namespace – updated – may change its labels, not its name', () => {
  const old = named({ labels: { foo: 'bar' } });
  for (const labels of [{ foo: 'baz' }, { Foo: 'baz' }, {}]) {
    test(JSON.stringify(labels), () => {
      assert.deepEqual(changeMessagesOf('', 'namespaces', named({ labels }), old), []);
    });
  }
  test('another name', () => {
    assert.deepEqual(changeMessagesOf('', 'namespaces', named({ name: 'bar' }), old), [
      'metadata.name: Invalid value: "bar": field is immutable',
    ]);
  });
});

const { validateStatusUpdate, subresources } = strategyFor('', 'namespaces');
const deletionTimestamp = '2026-01-01T00:00:00Z';

const statuses: readonly [before: object, now: object, phase: string, messages: string[]][] = [
  [{}, {}, 'Active', []],
  [{ deletionTimestamp }, { deletionTimestamp }, 'Terminating', []],
  [
    {},
    { deletionTimestamp },
    'Terminating',
    [`metadata.deletionTimestamp: Invalid value: "${deletionTimestamp}": field is immutable`],
  ],
  [
    {},
    {},
    'Terminating',
    ['status.Phase: Invalid value: "Terminating": may only be \'Active\' if `deletionTimestamp` is empty'],
  ],
  [
    { deletionTimestamp },
    { deletionTimestamp },
    'Active',
    [
      'status.Phase: Invalid value: "Active": may only be \'Terminating\' if `deletionTimestamp` is not empty',
    ],
  ],
];

for (const [before, now, phase, messages] of statuses) {
  test(`a namespace – ${JSON.stringify(now)} after ${JSON.stringify(before)} – is ${phase}`, () => {
    const namespace = { ...named(now), status: { phase } } as AnyObject;
    const found = validateStatusUpdate!(namespace, named(before));
    assert.deepEqual([...new Set(found.map((error) => fieldErrorMessage(error)))], messages);
  });
}

describe('finalizers – written through finalize – have errors with their index', () => {
  const empty = `spec.finalizers[0]: Invalid value: ""`;
  for (const [list, messages] of [
    [['foo.com/bar', 'what.com/bar'], []],
    [['Foo'], [`spec.finalizers[0]: Invalid value: "Foo": ${unknown}`]],
    [
      ['', 'foo.com/bar'],
      [`${empty}: name part must be non-empty`, `${empty}: ${noName}`, `${empty}: ${unknown}`],
    ],
  ] as const) {
    test(JSON.stringify(list), () => {
      const errors = subresources!['finalize']!.validateUpdate!(finalizers(...list), finalizers());
      assert.deepEqual(
        errors.map((error) => fieldErrorMessage(error)),
        messages,
      );
    });
  }
});
