import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { DiskUseCount, diskUse } from './disk-use.ts';

const skip = process.platform === 'linux' ? false : 'needs the find of Linux';

function folder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'kybern-use [a]*-'));
  t.after(() => rmSync(dir, { recursive: true }));
  return dir;
}

const du = (path: string) =>
  Number(/^\d+/.exec(execFileSync('du', ['-sx', '--block-size=1', path], { encoding: 'utf8' }))![0]);

test('disk use – directories with deep, linked, sparse and oddly named files – equals du', {
  skip,
}, async (t) => {
  const dir = folder(t);
  const [first, two, none] = [join(dir, 'ö e'), join(dir, 'two'), join(dir, 'none')];
  mkdirSync(join(first, 'a', 'b'), { recursive: true });
  mkdirSync(two);
  writeFileSync(join(first, 'a', 'b', 'file\n8 =two'), Buffer.alloc(100_000, 1));
  linkSync(join(first, 'a', 'b', 'file\n8 =two'), join(first, 'linked'));
  symlinkSync(two, join(first, 'link'));
  writeFileSync(join(two, 'small'), 'x');
  const use = await diskUse([first, none, two]);
  assert.deepEqual(
    [...use],
    [
      // The first, `a`, `b`, the file that has two names, and the symbolic link.
      [first, { bytes: du(first), inodes: 5 }],
      [two, { bytes: du(two), inodes: 2 }],
    ],
  );
  assert.ok(use.get(first)!.bytes >= 100_000);
  assert.deepEqual([...(await diskUse([]))], []);
});

test('disk use – a walk that is ended early – counts the part walked', () => {
  const count = new DiskUseCount();
  for (const piece of ['8 =/on', 'e\x002\x00', '6 77\x006 77\x00', '8 =/two\x0016\x001', '0']) {
    count.add(Buffer.from(piece));
  }
  assert.deepEqual(
    [...count.uses],
    [
      ['/one', { bytes: 16 * 512, inodes: 3 }],
      ['/two', { bytes: 24 * 512, inodes: 2 }],
    ],
  );
});
