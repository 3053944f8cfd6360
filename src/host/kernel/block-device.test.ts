import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { blockDeviceBytes } from './block-device.ts';

test('a block device – by its path and by a link to it – has the size of what is behind it', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'kybern-block-'));
  t.after(() => rmSync(dir, { recursive: true }));
  writeFileSync(join(dir, 'file'), '');
  truncateSync(join(dir, 'file'), 3 * 1024 * 1024);
  const device = execFileSync('losetup', ['--find', '--show', join(dir, 'file')], {
    encoding: 'utf8',
  }).trim();
  t.after(() => execFileSync('losetup', ['--detach', device]));
  symlinkSync(device, join(dir, 'link'));
  assert.equal(await blockDeviceBytes(device), 3 * 1024 * 1024);
  assert.equal(await blockDeviceBytes(join(dir, 'link')), 3 * 1024 * 1024);
});

test('what is no block device – a folder, a character device, nothing – has no size', async () => {
  const sizes = await Promise.all(['/', '/dev/null', '/no/such/path'].map(blockDeviceBytes));
  assert.deepEqual(sizes, [undefined, undefined, undefined]);
});
