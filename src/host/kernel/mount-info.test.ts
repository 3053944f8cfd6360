import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAtOrBelow, parseMountInfo } from './mount-info.ts';

const read: [line: string, device: string, path: string, type: string, shared: boolean, slave: boolean][] = [
  ['27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw', '254:0', '/', 'ext4', true, false],
  ['28 27 0:20 / /private rw - tmpfs tmpfs rw', '0:20', '/private', 'tmpfs', false, false],
  ['29 27 0:21 / /a\\040b rw shared:3 master:1 - fuse.x x rw', '0:21', '/a b', 'fuse.x', true, true],
  [
    '30 27 0:22 / /a\\011\\134b rw master:2 propagate_from:1 - xfs - rw',
    '0:22',
    '/a\t\\b',
    'xfs',
    false,
    true,
  ],
  ['31 27 0:23 / - rw unbindable - tmpfs shared:9 rw', '0:23', '-', 'tmpfs', false, false],
];

for (const [line, device, path, type, shared, slave] of read) {
  test(`mountinfo – ${line} – is a mount of ${type} on ${path}`, () => {
    assert.deepEqual(parseMountInfo(`${line}\n`), [{ device, path, type, shared, slave }]);
  });
}

test('a path – beside a directory whose name is its prefix – is not below it', () => {
  assert.ok(isAtOrBelow('/a', '/a') && isAtOrBelow('/a/b', '/a') && isAtOrBelow('/a', '/'));
  assert.ok(!isAtOrBelow('/ab', '/a') && !isAtOrBelow('/', '/a'));
});
