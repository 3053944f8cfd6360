import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closest, intersection } from './hostnames.ts';

const rows: [string, string | undefined, string[], string[] | undefined][] = [
  ['no names on either side – every host', undefined, [], ['']],
  ['a listener alone – its name', '*.example.com', [], ['*.example.com']],
  ['a route alone – its names', undefined, ['a.com', '*.b.com'], ['a.com', '*.b.com']],
  [
    'a wildcard listener – the names below it',
    '*.example.com',
    ['a.example.com', 'a.b.example.com', 'x.com'],
    ['a.example.com', 'a.b.example.com'],
  ],
  ['a wildcard listener – not its own parent', '*.example.com', ['example.com'], undefined],
  [
    'an exact listener under a wildcard route – the listener’s name',
    'a.example.com',
    ['*.example.com'],
    ['a.example.com'],
  ],
  [
    'two wildcards – the longer',
    '*.example.com',
    ['*.a.example.com', '*.com'],
    ['*.a.example.com', '*.example.com'],
  ],
  ['nothing in common – none', 'a.com', ['b.com'], undefined],
];
for (const [name, listener, route, common] of rows) {
  test(`hosts of a route at a listener – ${name}`, () =>
    assert.deepEqual(intersection(listener, route), common));
}

test('a host – of several listeners – belongs to the closest name', () => {
  const names = ['', '*.example.com', 'a.example.com'];
  const found = ['a.example.com', 'b.example.com', 'a.b.example.com', 'other.com'].map((host) =>
    closest(names, host),
  );
  assert.deepEqual(found, ['a.example.com', '*.example.com', '*.example.com', '']);
});
