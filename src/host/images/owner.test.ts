import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { type TestContext, test } from 'node:test';
import { readCopy } from './copy-flags.ts';
import { ownerOf } from './owner.ts';

function image(t: TestContext): string {
  const root = mkdtempSync(`${tmpdir()}/owner-`);
  t.after(() => rmSync(root, { recursive: true }));
  mkdirSync(`${root}/etc`);
  writeFileSync(`${root}/etc/passwd`, 'root:x:0:0::/:/bin/sh\nweb:x:33:44::/:/bin/sh\nodd:x:-:1\n');
  writeFileSync(`${root}/etc/group`, 'root:x:0:\nstaff:x:50:web\n');
  return root;
}
const owner = (text: string) => readCopy('COPY', `--chown=${text} a /`).owner!;

// biome-ignore format: a table
for (const { text, uid, gid } of [
  { text: '7', uid: 7, gid: 7 },
  { text: '7:8', uid: 7, gid: 8 },
  { text: 'web', uid: 33, gid: 44 },
  { text: 'web:staff', uid: 33, gid: 50 },
  { text: '7:staff', uid: 7, gid: 50 },
  { text: ':staff', uid: 0, gid: 50 },
]) {
  test(`--chown – ${text} – is ${uid}:${gid}`, (t) => assert.deepEqual(ownerOf(owner(text), image(t)), { uid, gid }));
}

// biome-ignore format: a table
for (const { text, message } of [
  { text: 'none', message: '--chown: the image has no user "none"' },
  { text: 'web:none', message: '--chown: the image has no group "none"' },
  { text: 'odd', message: '--chown: "-" is no number of a user or group' },
  { text: '99999999999', message: '--chown: "99999999999" is no number of a user or group' },
]) {
  test(`--chown – ${text} – is refused`, (t) => assert.throws(() => ownerOf(owner(text), image(t)), { message }));
}

test('--chown – a name, in an image without files – is refused', () => {
  assert.throws(() => ownerOf(owner('web')), { message: '--chown: the image has no user "web"' });
});
