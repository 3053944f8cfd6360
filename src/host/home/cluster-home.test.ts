import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ownHome } from '#testing/cli/own-home.ts';
import {
  clusterPaths,
  DamagedFile,
  homeOf,
  isClusterName,
  listClusters,
  readConfig,
  readState,
} from './cluster-home.ts';

describe('names – that cannot be a folder, a device and a label – are rejected', () => {
  for (const name of ['a', 'my-cluster', '0', 'a'.repeat(32)]) {
    test(JSON.stringify(name), () => {
      assert.ok(isClusterName(name));
    });
  }
  for (const name of ['', 'A', 'a/b', '../x', '-a', 'a-', 'a.b', 'a'.repeat(33)]) {
    test(JSON.stringify(name), () => {
      assert.ok(!isClusterName(name));
      assert.throws(() => clusterPaths(name), /is no cluster name/);
    });
  }
});

const damagedFile = (which: string) => (error: unknown) =>
  error instanceof DamagedFile &&
  error.cluster === 'one' &&
  error.message.includes(`one/${which}.json cannot be read: `);

test('files of a cluster – missing, unreadable – undefined, an error that names the file', async (t) => {
  const home = ownHome(t);
  assert.deepEqual(listClusters(), []);
  const paths = clusterPaths('one');
  assert.equal(readConfig(paths), undefined);
  assert.equal(readState(paths), undefined);
  mkdirSync(paths.dir, { recursive: true });
  assert.deepEqual(listClusters(), [], 'a folder alone is no cluster');
  for (const damage of ['{"name":', '', 'null', '[]', '{}', '{"process":1}']) {
    await t.test(JSON.stringify(damage), () => {
      writeFileSync(paths.config, damage);
      writeFileSync(paths.state, damage);
      assert.deepEqual(listClusters(), ['one']);
      assert.throws(() => readConfig(paths), damagedFile('config'));
      assert.throws(() => readState(paths), damagedFile('state'));
    });
  }
  process.env['KYBERN_HOME'] = join(home, 'clusters/one/config.json');
  assert.throws(() => listClusters(), { code: 'ENOTDIR' });
});

test('a home – named relative, with links – is one folder', () => {
  assert.equal(homeOf({ KYBERN_HOME: '/a/b' }, '/c'), '/a/b');
  assert.equal(homeOf({ KYBERN_HOME: 'b', HOME: '/root' }, '/c'), '/c/b');
  assert.equal(homeOf({ KYBERN_HOME: '', HOME: '/root' }, '/c'), '/root/.kybern');
});
