import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readCopy } from './copy-flags.ts';
import { type CopyTarget, copyLayer } from './copy-layer.ts';
import { readIgnoreFile } from './ignore-file.ts';

const overScratch: CopyTarget = {
  workingDir: '/',
  uid: 0,
  gid: 0,
};

/** The files of an image: `/usr/bin`, with `/bin` as a link to it, and a `/tmp` for all. */
function imageFiles(t: TestContext): string {
  const root = mkdtempSync(`${tmpdir()}/copy-image-`);
  t.after(() => rmSync(root, { recursive: true }));
  mkdirSync(`${root}/usr/bin`, { recursive: true });
  mkdirSync(`${root}/tmp`);
  for (const [link, to] of [
    ['bin', 'usr/bin'],
    ['sbin', '/bin'],
    ['circle', 'circle'],
    ['out', '../../../new'],
  ]) {
    symlinkSync(to!, `${root}/${link}`);
  }
  return root;
}

interface Row {
  readonly title: string;
  readonly files: readonly string[];
  readonly words: string;
  readonly target?: Partial<CopyTarget>;
  readonly ignored?: string;
  readonly isOver?: boolean;
  readonly entries: readonly string[];
}

/** The entries that COPY makes of the files, as `mode owner path`. */
function copied(
  t: TestContext,
  files: readonly string[],
  words: string,
  target: Partial<CopyTarget> = {},
  ignored = '',
) {
  const dir = mkdtempSync(`${tmpdir()}/copy-layer-`);
  t.after(() => rmSync(dir, { recursive: true }));
  for (const file of files) {
    mkdirSync(dirname(`${dir}/${file}`), { recursive: true });
    if (file.endsWith('/')) mkdirSync(`${dir}/${file}`, { recursive: true, mode: 0o755 });
    else writeFileSync(`${dir}/${file}`, 'x', { mode: 0o644 });
  }
  symlinkSync('elsewhere', `${dir}/link`);
  mkdirSync(`${dir}/private`);
  chmodSync(`${dir}/private`, 0o700);
  writeFileSync(`${dir}/private/key`, 'x', { mode: 0o600 });
  const source = { dir, ignoreFile: readIgnoreFile(ignored) };
  const entries = copyLayer(source, readCopy('COPY', words), { ...overScratch, ...target });
  return entries.map(({ path, mode, uid, gid }) => `${mode.toString(8)} ${uid}:${gid} ${path}`);
}

// biome-ignore format: a table
for (const { title, files, words, target, ignored, isOver, entries } of [
  { title: 'a file into a new root', files: ['a'], words: 'a /bin/', entries: ['755 0:0 bin/', '644 0:0 bin/a'] },
  { title: 'a file under another name, relative to the working directory', files: ['a'], words: 'a b', target: { workingDir: '/w' }, entries: ['755 0:0 w/', '644 0:0 w/b'] },
  { title: 'a file into a folder that is there', files: ['a'], words: 'a /tmp/', isOver: true, entries: ['644 0:0 tmp/a'] },
  { title: 'a file through a link', files: ['a'], words: 'a /bin/', isOver: true, entries: ['644 0:0 usr/bin/a'] },
  { title: 'a file through an absolute link to a relative link', files: ['a'], words: 'a /sbin/x/', isOver: true, entries: ['755 0:0 usr/bin/x/', '644 0:0 usr/bin/x/a'] },
  { title: 'a file through a link that leads out of the image', files: ['a'], words: 'a /out/', isOver: true, entries: ['755 0:0 new/', '644 0:0 new/a'] },
  { title: 'folders, one of which is a link there', files: ['s/bin/a', 's/d/b', 's/tmp/c'], words: 's /', isOver: true, entries: ['755 0:0 d/', '644 0:0 d/b', '755 0:0 tmp/', '644 0:0 tmp/c', '755 0:0 usr/bin/', '644 0:0 usr/bin/a'] },
  { title: 'files of an owner', files: ['a'], words: 'a /usr/app/', isOver: true, target: { uid: 7, gid: 8 }, entries: ['755 7:8 usr/app/', '644 7:8 usr/app/a'] },
  { title: 'a mode', files: ['a'], words: '--chmod=750 a /a', entries: ['750 0:0 a'] },
  { title: 'a folder of a mode of its own', files: ['s/x'], words: '. /x', ignored: 's\nlink', entries: ['755 0:0 x/', '700 0:0 x/private/', '600 0:0 x/private/key'] },
  { title: 'a link', files: [], words: 'link /', entries: ['777 0:0 link'] },
  { title: 'files of a pattern, hidden ones too', files: ['d1/a.js', 'd1/.js', 'd2/b.js', 'd2/e/c.js', 'x/d.js'], words: 'd*/*.js /x/', entries: ['755 0:0 x/', '644 0:0 x/.js', '644 0:0 x/a.js', '644 0:0 x/b.js'] },
  { title: 'files of a pattern behind a step up', files: ['d/a', 'd/b'], words: 'x/../d/[ab] /x/', entries: ['755 0:0 x/', '644 0:0 x/a', '644 0:0 x/b'] },
  { title: 'all but what is ignored', files: ['a', 'n/b', 'n/keep'], words: 'a n /x/', ignored: 'n\n!n/keep', entries: ['755 0:0 x/', '644 0:0 x/a', '644 0:0 x/keep'] },
] as readonly Row[]) {
  test(`COPY – of ${title} – makes ${entries.join(', ')}`, (t) => {
    const over = isOver ? { root: imageFiles(t) } : {};
    assert.deepEqual(copied(t, files, words, { ...over, ...target }, ignored), entries);
  });
}

test('COPY – of what .dockerignore leaves out – is refused', (t) => {
  assert.throws(() => copied(t, ['a'], 'a /', {}, 'a'), { message: 'a is left out by .dockerignore' });
  assert.throws(() => copied(t, ['n/a'], 'n /', {}, 'n'), { message: 'n is left out by .dockerignore' });
});

test('COPY – of a pattern with many ways to fail, or that leads out – is refused', {
  timeout: 20_000,
}, (t) => {
  const pattern = `${'*a'.repeat(30)}*b`;
  assert.throws(() => copied(t, ['a'.repeat(200)], `${pattern} /`), {
    message: `nothing matches ${pattern}`,
  });
  assert.throws(() => copied(t, ['a'], '../* /'), { message: '../* lies outside of the build context' });
});

test('COPY – through a circle of links – is refused', (t) => {
  assert.throws(() => copied(t, ['a'], 'a /circle/', { root: imageFiles(t) }), {
    message: 'too many links in /circle',
  });
});
