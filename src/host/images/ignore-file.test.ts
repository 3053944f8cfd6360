import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readIgnoreFile } from './ignore-file.ts';

// biome-ignore format: a table
for (const { file, ignored, kept } of [
  { file: '', ignored: [], kept: ['a'] },
  { file: '# all\n\n  \na', ignored: ['a', 'a/b/c'], kept: ['ab', 'b/a', '# all'] },
  { file: '/a/', ignored: ['a', 'a/b'], kept: ['b/a'] },
  { file: '*.log', ignored: ['x.log'], kept: ['d/x.log', 'x.logs'] },
  { file: '**/*.log', ignored: ['x.log', 'd/e/x.log'], kept: ['x.log.gz'] },
  { file: '*/temp*', ignored: ['d/temp', 'd/temporary.txt', 'd/temp/x'], kept: ['temp', 'd/e/temp'] },
  { file: 'a/**', ignored: ['a/b', 'a/b/c'], kept: ['b'] },
  { file: 'temp?', ignored: ['tempa'], kept: ['temp', 'tempab', 'temp/'.slice(0, 4)] },
  { file: '[a-c].txt', ignored: ['b.txt'], kept: ['d.txt'] },
  { file: '*\n!keep', ignored: ['a', 'a/keep'], kept: ['keep', 'keep/b'] },
  { file: '*.md\n!README*.md\nREADME-secret.md', ignored: ['a.md', 'README-secret.md'], kept: ['README.md'] },
  { file: 'a\n!a/b', ignored: ['a', 'a/c'], kept: ['a/b'] },
  { file: '../a\n.\n/', ignored: [], kept: ['a', 'b'] },
  { file: 'a\\*b', ignored: ['a*b'], kept: ['acb'] },
  { file: 'a.b', ignored: ['a.b'], kept: ['acb'] },
]) {
  test(`.dockerignore – ${JSON.stringify(file)} – ignores ${ignored.join(', ') || 'nothing'}`, () => {
    const read = readIgnoreFile(file);
    assert.deepEqual([...ignored, ...kept].filter((path) => read.ignores(path)), ignored);
  });
}

test('.dockerignore – with a pattern without end – is refused with its line', () => {
  assert.throws(() => readIgnoreFile('a\n[b'), { message: '.dockerignore line 2: "[b" is no pattern' });
});
