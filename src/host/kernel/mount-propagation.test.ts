import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMountInfo } from './mount-info.ts';
import { propagationAt, propagationIn } from './mount-propagation.ts';

const mountInfo = [
  '27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw',
  '28 27 0:20 / /private rw,relatime - tmpfs tmpfs rw',
  '29 27 0:21 / /a\\040b rw,relatime shared:3 master:1 - tmpfs tmpfs rw',
  '30 27 0:22 / /slave rw master:2 - tmpfs tmpfs rw',
  '31 30 0:23 / /slave rw - tmpfs shared:9 rw',
].join('\n');

const cases: [path: string, mountPoint: string, shared: boolean, slave: boolean][] = [
  ['/', '/', true, false],
  ['/home/x', '/', true, false],
  ['/private', '/private', false, false],
  ['/private/deep', '/private', false, false],
  ['/privateer', '/', true, false],
  ['/a b/c', '/a b', true, true],
  ['/slave/x', '/slave', false, false],
];

for (const [path, mountPoint, shared, slave] of cases) {
  test(`the path ${path} – in this mount table – lies on ${mountPoint}, ${shared ? 'shared' : 'not shared'}, ${slave ? 'a' : 'no'} slave`, () => {
    assert.deepEqual(propagationIn(parseMountInfo(mountInfo), path), { mountPoint, shared, slave });
  });
}

test('mount propagation – of every path of this machine – is known', {
  skip: process.platform !== 'linux',
}, async () => {
  assert.match((await propagationAt('/proc/self')).mountPoint, /^\//);
});
