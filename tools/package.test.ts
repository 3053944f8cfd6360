/** The package as another project has it: installed, without the sources' condition, `kybern/testing` works. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..');
const program = `
import { startCluster } from 'kybern/testing';
await using cluster = await startCluster({ simulatedNodes: 1 });
const before = cluster.clock.now();
await cluster.clock.advance(3_600_000);
console.log(cluster.kubeconfig.includes(cluster.url), cluster.clock.now() - before >= 3_600_000);
`;

test('kybern/testing – imported by another project – starts a cluster', (t) => {
  const project = mkdtempSync(join(tmpdir(), 'kybern-package-'));
  t.after(() => rmSync(project, { recursive: true }));
  const installed = join(project, 'node_modules/kybern');
  mkdirSync(installed, { recursive: true });
  copyFileSync(join(root, 'package.json'), join(installed, 'package.json'));
  execFileSync('sh', [join(root, 'tools/run'), join(root, 'tools/bundle.ts'), join(installed, 'dist')]);
  writeFileSync(join(project, 'program.mjs'), program);
  const env = { ...process.env, NODE_OPTIONS: '' };
  const said = execFileSync(process.execPath, ['program.mjs'], { cwd: project, env, encoding: 'utf8' });
  assert.equal(said, 'true true\n');
});
