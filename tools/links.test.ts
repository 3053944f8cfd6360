/** Every page of the documentation links to targets that exist. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { brokenLinks, pagesOf } from './links.ts';

const root = `${import.meta.dirname}/..`;

for (const page of pagesOf(root)) {
  test(`${page} – its links and paths – all exist`, () => {
    assert.deepEqual(brokenLinks(root, page), []);
  });
}

test('a page – with a link, a heading and a path that do not exist – each is reported with its line', (t) => {
  const folder = mkdtempSync(`${tmpdir()}/links-`);
  t.after(() => rmSync(folder, { recursive: true }));
  const lines = [
    '# A page',
    '[gone](gone.md) and [here](page.md#a-page) and [far](https://example.com/gone)',
    '[no heading](#elsewhere), `src/gone.ts` and `src/*.gone`, `gone.ts`',
    '```',
    '[in a fence](gone.md)',
    '```',
  ];
  writeFileSync(`${folder}/page.md`, lines.join('\n'));
  assert.deepEqual(brokenLinks(folder, 'page.md'), [
    'page.md:2: gone.md does not exist',
    'page.md:3: #elsewhere does not exist',
    'page.md:3: /src/gone.ts does not exist',
    'page.md:3: /src/*.gone does not exist',
  ]);
});
