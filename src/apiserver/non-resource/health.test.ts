import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { namespaces } from '#api/generated/kinds.gen.ts';
import { bodyText } from '#client/transport/body.ts';
import type { Transport } from '#client/transport/transport.ts';
import { systemEnv } from '#host/system-env.ts';
import { openSqliteStore } from '#store/sqlite/store.ts';
import { startTestServer } from '#testing/server/test-server.ts';

const workerUrl = new URL('../../testing/store/failing-fsync-worker.ts', import.meta.url);
const roots = ['livez', 'readyz', 'healthz'];

async function get(transport: Transport, path: string): Promise<string> {
  const answer = await transport.request({ method: 'GET', path, headers: {} });
  return `${answer.status} ${await bodyText(answer)}`;
}

test("the health checks of each root – all at once and one by one – are named as upstream's", async (t) => {
  let why: string | undefined = 'not finished';
  const { transport, stop } = await startTestServer({ startHooks: { 'poststarthook/a/b': () => why } });
  t.after(stop);
  const ok = (...names: string[]) => names.map((name) => `[+]${name} ok\n`).join('');
  const failed = '[-]poststarthook/a/b failed: reason withheld\n';
  assert.equal(
    await get(transport, '/readyz'),
    `500 ${ok('ping', 'log', 'etcd', 'etcd-readiness', 'informer-sync')}${failed}${ok('shutdown')}readyz check failed\n`,
  );
  assert.equal(
    await get(transport, '/livez'),
    `500 ${ok('ping', 'log', 'etcd')}${failed}livez check failed\n`,
  );
  assert.equal(await get(transport, '/livez/poststarthook/a/b'), '500 internal server error: not finished\n');
  assert.equal(await get(transport, '/readyz?exclude=poststarthook/a/b'), '200 ok');
  assert.equal(
    await get(transport, '/livez?verbose&exclude=poststarthook/a/b&exclude=other'),
    `200 ${ok('ping', 'log', 'etcd')}[+]poststarthook/a/b excluded: ok\n` +
      'warn: some health checks cannot be excluded: no matches for "other"\nlivez check passed\n',
  );
  assert.match(await get(transport, '/livez/shutdown'), /^404/);
  const metrics = await get(transport, '/metrics/slis');
  for (const sample of [
    'kubernetes_healthcheck{name="poststarthook/a/b",type="livez"} 0',
    'kubernetes_healthcheck{name="shutdown",type="readyz"} 1',
    'kubernetes_healthchecks_total{name="ping",status="success",type="livez"} 2',
    'kubernetes_healthchecks_total{name="poststarthook/a/b",status="error",type="livez"} 1',
  ]) {
    assert.ok(metrics.includes(`\n${sample}\n`), `${sample} in ${metrics}`);
  }
  assert.ok(!metrics.includes('healthz'), 'checks that never ran have no metrics');
  why = undefined;
  for (const root of roots) {
    await t.test(`/${root}`, async () => {
      assert.equal(await get(transport, `/${root}`), '200 ok');
    });
  }
  assert.equal(await get(transport, '/healthz/etcd'), '200 ok');
  assert.equal(
    await get(transport, '/healthz?verbose'),
    `200 ${ok('ping', 'log', 'etcd', 'poststarthook/a/b')}healthz check passed\n`,
  );
});

test('a store – that can no longer write – is unhealthy, also while reads succeed', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kybern-health-'));
  const path = join(folder, 'store.db');
  const env = systemEnv();
  const store = await openSqliteStore({ path, env, workerUrl });
  const { client, transport, stop } = await startTestServer({ env, store });
  t.after(async () => {
    await stop();
    await store.close();
    rmSync(folder, { recursive: true });
  });
  await client.create(namespaces, { metadata: { name: 'kept' } });
  for (const root of roots) {
    await t.test(`/${root}`, async () => {
      assert.equal(await get(transport, `/${root}`), '200 ok');
    });
  }
  writeFileSync(`${path}.broken`, '');
  await assert.rejects(client.create(namespaces, { metadata: { name: 'lost' } }));
  for (const root of roots) {
    await t.test(`/${root}, broken`, async () => {
      assert.match(await get(transport, `/${root}`), /^500 .*\[-\]etcd failed/s);
    });
  }
  assert.equal((await client.get(namespaces, { name: 'kept' })).metadata.name, 'kept');
});
