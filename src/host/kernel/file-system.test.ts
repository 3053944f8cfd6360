import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFileSystem } from './file-system.ts';
import { fileSystemRoom } from './node-signals.ts';

test('a file system – asked by a program – has the same size as by the kernel’s call', async () => {
  const found = await readFileSystem('/proc/..');
  const { bytes, inodes } = await fileSystemRoom('/');
  assert.equal(found?.room.bytes.capacity, bytes.capacity);
  assert.equal(found?.room.inodes?.capacity, inodes?.capacity);
});

test('file systems – mounted at different places – have different ids', async () => {
  const [root, proc] = await Promise.all([readFileSystem('/'), readFileSystem('/proc')]);
  assert.notEqual(root?.id, proc?.id);
});

test('a file system – of a path that is not there – is unknown', async () => {
  assert.equal(await readFileSystem('/no/such/path'), undefined);
});
