import assert from 'node:assert/strict';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { type TestContext, test } from 'node:test';
import { giveToGroup } from './give-to-group.ts';

const skip = process.platform === 'linux' && process.getuid?.() === 0 ? false : 'needs root on Linux';
const group = 4711;

function folder(t: TestContext): string {
  const dir = mkdtempSync(`${tmpdir()}/kybern-group-`);
  t.after(() => rmSync(dir, { recursive: true }));
  mkdirSync(`${dir}/tree`);
  return dir;
}

test('a tree – given to a group – has its files, directories and links in it, readable and writable', {
  skip,
}, async (t) => {
  const tree = `${folder(t)}/tree`;
  mkdirSync(`${tree}/a`, { mode: 0o700 });
  writeFileSync(`${tree}/a/file`, '', { mode: 0o400 });
  symlinkSync('file', `${tree}/a/link`);
  let files = 0;
  await giveToGroup(tree, group, false, () => void files++);
  const facts = (name: string) => {
    const { gid, mode } = lstatSync(`${tree}/${name}`);
    return [gid, (mode & 0o7777).toString(8)];
  };
  assert.deepEqual(
    [facts('.'), facts('a'), facts('a/file')],
    [
      [group, '2775'],
      [group, '2770'],
      [group, '660'],
    ],
  );
  assert.deepEqual([lstatSync(`${tree}/a/link`).gid, files], [group, 4]);
});

test('a tree – with links that lead out – changes nothing outside', { skip }, async (t) => {
  const dir = folder(t);
  mkdirSync(`${dir}/out`);
  writeFileSync(`${dir}/out/file`, '', { mode: 0o600 });
  symlinkSync(`${dir}/out`, `${dir}/tree/folder`);
  symlinkSync(`${dir}/out/file`, `${dir}/tree/file`);
  await giveToGroup(`${dir}/tree`, group, false);
  const { gid, mode } = statSync(`${dir}/out/file`);
  assert.deepEqual([gid, mode & 0o777, statSync(`${dir}/out`).gid], [0, 0o600, 0]);
});

test('a tree – a directory of which becomes a link during the walk – changes nothing outside', {
  skip,
}, async (t) => {
  const dir = folder(t);
  mkdirSync(`${dir}/out`);
  writeFileSync(`${dir}/out/late`, '', { mode: 0o600 });
  mkdirSync(`${dir}/tree/a`);
  for (const name of ['first', 'late']) writeFileSync(`${dir}/tree/a/${name}`, '');
  const replace = () => {
    renameSync(`${dir}/tree/a`, `${dir}/moved`);
    symlinkSync(`${dir}/out`, `${dir}/tree/a`);
  };
  let files = 0;
  await giveToGroup(`${dir}/tree`, group, false, () => {
    if (files++ === 0) replace();
  });
  assert.deepEqual(
    [files, statSync(`${dir}/out/late`).gid, statSync(`${dir}/moved/late`).gid],
    [4, 0, group],
  );
});

test('a tree – with names that are not UTF-8 – is given to the group with them', { skip }, async (t) => {
  const { dir, name } = { dir: folder(t), name: Buffer.from([0x2f, 0xff, 0xfe]) };
  const file = Buffer.concat([Buffer.from(`${dir}/tree`), name]);
  writeFileSync(file, '');
  await giveToGroup(`${dir}/tree`, group, false);
  assert.equal(statSync(file).gid, group);
});

test('a tree – of very many levels – is refused', { skip }, async (t) => {
  const dir = folder(t);
  mkdirSync(`${dir}/tree/${'a/'.repeat(1001)}`, { recursive: true });
  const message = `${dir}/tree has more than 1000 levels of directories`;
  await assert.rejects(giveToGroup(`${dir}/tree`, group, false), { message });
});
