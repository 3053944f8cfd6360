import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { forgetCniResults } from './cni-results.ts';

test('CNI results – of one cluster – are removed, the folder with the last one', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'kybern-cni-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const dir = join(root, 'results');
  const result = (sandbox: string) =>
    JSON.stringify({ result: { interfaces: [{ name: 'br0' }, { sandbox }] } });
  mkdirSync(dir);
  writeFileSync(join(dir, 'ours'), result('/run/kybern/0123456789/containerd/cri/netns/cni-1'));
  writeFileSync(join(dir, 'theirs'), result('/run/kybern/01234567890/containerd/cri/netns/cni-2'));
  writeFileSync(join(dir, 'half'), '{"result":');
  forgetCniResults('/run/kybern/0123456789', root);
  assert.deepEqual(readdirSync(dir).sort(), ['half', 'theirs']);
  rmSync(join(dir, 'half'));
  forgetCniResults('/run/kybern/01234567890', root);
  assert.ok(!existsSync(root));
});
