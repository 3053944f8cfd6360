/** fsGroup on a volume that outlives its pods, with both change policies, on a real file system. */

import assert from 'node:assert/strict';
import { chmodSync, chownSync, lstatSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { volumeContext } from '#testing/kubelet/volume-context.ts';
import { setOwnership } from './ownership.ts';

const skip = process.getuid?.() === 0 ? false : 'needs root';

/** A file and a directory that belong to root, and a link out of the volume. */
function start(t: TestContext, policy?: string, fsGroup: number | undefined = 2000) {
  const securityContext = {
    ...(fsGroup === undefined ? {} : { fsGroup }),
    ...(policy ? { fsGroupChangePolicy: policy } : {}),
  };
  const made = volumeContext(t, { pod: { spec: { containers: [], securityContext } } });
  const root = `${made.dir}/root`;
  mkdirSync(`${root}/dir`, { recursive: true });
  for (const path of [`${root}/file`, `${made.dir}/outside`]) writeFileSync(path, '', { mode: 0o600 });
  for (const path of [root, `${root}/dir`]) chmodSync(path, 0o755);
  symlinkSync(`${made.dir}/outside`, `${root}/link`);
  return { ...made, root };
}

function owned(path: string): string {
  const { gid, mode } = lstatSync(path);
  return `${gid} ${(mode & 0o7777).toString(8)}`;
}

test('a volume – of a pod with a group – is its, links aside', { skip }, async (t) => {
  const { context, root, dir } = start(t);
  await setOwnership(context, root, false);
  assert.deepEqual([root, `${root}/dir`, `${root}/file`].map(owned), ['2000 2775', '2000 2775', '2000 660']);
  assert.equal(lstatSync(`${root}/link`).gid, 2000);
  assert.equal(owned(`${dir}/outside`), '0 600');
});

test('a volume – read-only – is readable for the group', { skip }, async (t) => {
  const { context, root } = start(t);
  await setOwnership(context, root, true);
  assert.equal(owned(`${root}/file`), '2000 640');
});

test('a volume – of a pod without a group – stays as it is', { skip }, async (t) => {
  const made = start(t, 'Always');
  const { fsGroup: _, ...rest } = made.context.pod.spec.securityContext ?? {};
  const pod = { ...made.context.pod, spec: { ...made.context.pod.spec, securityContext: rest } };
  await setOwnership({ ...made.context, pod }, made.root, false);
  assert.equal(owned(made.root), '0 755');
});

/** Directories of the group in which one file is not. */
function withStrayFile(root: string): void {
  for (const path of [root, `${root}/dir`]) {
    chownSync(path, 0, 2000);
    chmodSync(path, 0o2770);
  }
}

test('a volume – whose root has the group, OnRootMismatch – is not looked through', { skip }, async (t) => {
  const { context, root } = start(t, 'OnRootMismatch');
  withStrayFile(root);
  await setOwnership(context, root, false);
  assert.equal(owned(`${root}/file`), '0 600');
});

test('a volume – whose root has the group, Always – is looked through', { skip }, async (t) => {
  const { context, root } = start(t, 'Always');
  withStrayFile(root);
  await setOwnership(context, root, false);
  assert.equal(owned(`${root}/file`), '2000 660');
});

test('a volume – whose root lacks the setgid bit, OnRootMismatch – is looked through', {
  skip,
}, async (t) => {
  const { context, root } = start(t, 'OnRootMismatch');
  withStrayFile(root);
  chmodSync(root, 0o770);
  await setOwnership(context, root, false);
  assert.deepEqual([root, `${root}/file`].map(owned), ['2000 2770', '2000 660']);
});
