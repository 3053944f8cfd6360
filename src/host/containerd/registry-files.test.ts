import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { writeRegistryFiles } from './registry-files.ts';

test('files of registries – written again – are those that are given, and no others', async (t) => {
  const dir = mkdtempSync(`${tmpdir()}/registry-files-`);
  t.after(() => rmSync(dir, { recursive: true }));
  await writeRegistryFiles(
    `${dir}/hosts`,
    new Map([
      ['docker.io', 'a'],
      ['127.0.0.1:5000', 'b'],
    ]),
  );
  await writeRegistryFiles(`${dir}/hosts`, new Map([['docker.io', 'c']]));
  assert.deepEqual(readdirSync(`${dir}/hosts`), ['docker.io']);
  assert.equal(readFileSync(`${dir}/hosts/docker.io/hosts.toml`, 'utf8'), 'c');
  assert.equal(statSync(`${dir}/hosts`).mode & 0o777, 0o700);
});
