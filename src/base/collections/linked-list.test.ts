import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LinkedList } from './linked-list.ts';

test('LinkedList – values come and go – the rest stay in the order in which they came', () => {
  const list = new LinkedList<string>();
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((value) => list.add(value));
  assert.ok(list.remove(b!));
  assert.deepEqual([[...list], list.first, list.size], [['a', 'c', 'd'], 'a', 3]);
  list.remove(a!);
  list.remove(d!);
  list.add('e');
  assert.deepEqual([[...list], list.first, list.size], [['c', 'e'], 'c', 2]);
  list.remove(c!);
  assert.deepEqual([[...list], list.first], [['e'], 'e']);
});

test('LinkedList – a value is removed twice – the second time nothing happens', () => {
  const list = new LinkedList<string>();
  const a = list.add('a');
  list.add('b');
  assert.deepEqual([list.remove(a), list.remove(a), [...list]], [true, false, ['b']]);
});

test('LinkedList – the last value leaves – another can come', () => {
  const list = new LinkedList<string>();
  list.remove(list.add('a'));
  assert.deepEqual([[...list], list.first, list.size], [[], undefined, 0]);
  list.add('b');
  assert.deepEqual([...list], ['b']);
});

test('LinkedList – values are removed while it is walked – each of the others is given once', () => {
  const list = new LinkedList<number>();
  const places = [0, 1, 2, 3].map((value) => list.add(value));
  const seen: number[] = [];
  for (const value of list) {
    seen.push(value);
    if (value % 2 === 0) list.remove(places[value]!);
  }
  assert.deepEqual(
    [seen, [...list]],
    [
      [0, 1, 2, 3],
      [1, 3],
    ],
  );
});

test('LinkedList – a value that has left – refers to no other', () => {
  const list = new LinkedList<string>();
  const [, b] = ['a', 'b', 'c'].map((value) => list.add(value));
  list.remove(b!);
  assert.deepEqual([b!.before, b!.after], [undefined, undefined]);
});
