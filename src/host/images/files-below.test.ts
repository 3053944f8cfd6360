import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { FilesBelow } from './files-below.ts';

test('the files below – with links in a path – say where a folder is, inside the image alone', (t) => {
  const root = mkdtempSync(`${tmpdir()}/files-below-`);
  t.after(() => rmSync(root, { recursive: true }));
  mkdirSync(`${root}/usr/lib`, { recursive: true });
  writeFileSync(`${root}/usr/file`, '');
  symlinkSync('usr/lib', `${root}/lib`);
  symlinkSync('/lib', `${root}/usr/lib/absolute`);
  symlinkSync('../../../../etc', `${root}/out`);
  const below = new FilesBelow(root);
  const places = ['usr', 'lib', 'lib/new', 'lib/absolute/x', 'out', 'new/deep'].map((path) =>
    below.folderAt(path),
  );
  assert.deepEqual(places, ['usr/', 'usr/lib/', 'usr/lib/new/', 'usr/lib/x/', 'etc/', 'new/deep/']);
  assert.deepEqual(
    ['', 'usr/', 'usr/lib/', 'etc/'].map((path) => below.has(path)),
    [true, true, true, false],
  );
});

test('the files below – of no image – are none', () => {
  const below = new FilesBelow(undefined);
  assert.deepEqual([below.folderAt('bin'), below.has('bin/'), below.has('')], ['bin/', false, true]);
});
