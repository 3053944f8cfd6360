import assert from 'node:assert/strict';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { clusterPaths } from '#host/home/cluster-home.ts';
import { ownHome } from '#testing/cli/own-home.ts';
import { withClusterLock } from './cluster-lock.ts';
import { Problem } from './problem.ts';

test('a cluster lock – taken twice – the second work begins when the first has ended', async (t) => {
  ownHome(t);
  const paths = clusterPaths('one');
  const order: string[] = [];
  const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>();
  const first = withClusterLock(paths, async () => {
    order.push('first begins');
    await mayEnd;
    order.push('first ends');
  });
  const second = withClusterLock(paths, async () => void order.push('second'));
  end();
  await Promise.all([first, second]);
  assert.deepEqual(order, ['first begins', 'first ends', 'second']);
});

test('a cluster lock – of two clusters – is two locks', async (t) => {
  ownHome(t);
  const result = await withClusterLock(clusterPaths('one'), () =>
    withClusterLock(clusterPaths('two'), async () => 'both'),
  );
  assert.equal(result, 'both');
});

test('a cluster lock – its work leaves nothing, fails – removes the folders that were made for it', async (t) => {
  const home = ownHome(t);
  const paths = clusterPaths('one');
  await withClusterLock(paths, async () => assert.equal(statSync(paths.dir).mode & 0o777, 0o700));
  assert.equal(existsSync(home), false);
  await assert.rejects(
    withClusterLock(paths, async () => {
      throw new Error('no room');
    }),
    { message: 'no room' },
  );
  assert.equal(existsSync(home), false);
});

test('a cluster lock – its work leaves a file – keeps the folder, without the lock', async (t) => {
  ownHome(t);
  const paths = clusterPaths('one');
  await withClusterLock(paths, async () => writeFileSync(join(paths.dir, 'config.json'), '{}'));
  assert.deepEqual(readdirSync(paths.dir), ['config.json']);
});

test('a cluster lock – where no folder can be made – is a problem with a hint, and nothing is run', async (t) => {
  const home = ownHome(t);
  writeFileSync(join(home, 'clusters'), 'a file');
  let hasRun = false;
  await assert.rejects(
    withClusterLock(clusterPaths('one'), async () => {
      hasRun = true;
    }),
    (error) => {
      assert.ok(error instanceof Problem);
      assert.match(error.message, new RegExp(`^no cluster can be kept in ${home}: E(NOTDIR|EXIST): `));
      assert.equal(error.hint, 'set KYBERN_HOME to a folder');
      return true;
    },
  );
  assert.equal(hasRun, false);
});
