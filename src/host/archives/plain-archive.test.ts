import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { withPlainArchive } from './plain-archive.ts';

test('withPlainArchive – a plain archive, a compressed one – is used in place, is decompressed to a temporary file', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'kybern-archive-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const [archive, scratch] = [join(dir, 'archive'), join(dir, 'scratch')];
  const read = async (path: string) => [path, readFileSync(path, 'utf8')];
  writeFileSync(archive, 'files');
  assert.deepEqual(await withPlainArchive(archive, scratch, read), [archive, 'files']);
  writeFileSync(archive, gzipSync('files'));
  assert.deepEqual(await withPlainArchive(archive, scratch, read), [scratch, 'files']);
  writeFileSync(archive, zstdCompressSync('files'));
  assert.deepEqual(await withPlainArchive(archive, scratch, read), [scratch, 'files']);
  for (const [start, program] of [
    ['fd377a585a000004', 'xz'],
    ['425a683931415926', 'bzip2'],
  ] as const) {
    writeFileSync(archive, Buffer.from(start, 'hex'));
    const message = `it is compressed with ${program}: ${program} -d decompresses it`;
    await assert.rejects(withPlainArchive(archive, scratch, read), { message });
  }
  writeFileSync(archive, gzipSync('files').subarray(0, 15));
  await assert.rejects(withPlainArchive(archive, scratch, read), /unexpected end/);
  assert.ok(!existsSync(scratch));
});
