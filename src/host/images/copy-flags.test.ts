import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCopy } from './copy-flags.ts';

// biome-ignore format: a table
for (const { words, copy } of [
  { words: 'a b /c', copy: { sources: ['a', 'b'], target: '/c' } },
  { words: '["two words", "/c d"]', copy: { sources: ['two words'], target: '/c d' } },
  { words: '--from=build --chmod=0750 a /', copy: { from: 'build', mode: 0o750, sources: ['a'], target: '/' } },
  { words: '--chown=web:staff a /', copy: { owner: { user: 'web', group: 'staff' }, sources: ['a'], target: '/' } },
  { words: '--chown=:7 a /', copy: { owner: { user: '0', group: '7' }, sources: ['a'], target: '/' } },
]) {
  test(`COPY – ${words} – is read`, () => assert.deepEqual(readCopy('COPY', words), copy));
}

// biome-ignore format: a table
for (const { name, words, message } of [
  { name: 'COPY', words: '', message: 'COPY needs sources and a target' },
  { name: 'ADD', words: 'a', message: 'ADD needs sources and a target' },
  { name: 'COPY', words: '--parents a /', message: '--parents is not supported, only --from, --chmod and --chown' },
  { name: 'COPY', words: '--from= a /', message: '--from= is not supported, only --from, --chmod and --chown' },
  { name: 'COPY', words: '--chmod=999 a /', message: '--chmod=999 is no octal mode such as 755' },
  { name: 'ADD', words: 'a b.tgz /', message: 'ADD b.tgz is not supported: use COPY, and RUN tar' },
  { name: 'ADD', words: 'git@example.com:a/b /', message: 'ADD git@example.com:a/b is not supported: nothing is fetched' },
]) {
  test(`${name} – ${words} – is refused`, () => assert.throws(() => readCopy(name, words), { message }));
}
