import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { namespaces } from '#api/generated/kinds.gen.ts';
import { startKubeApiServer } from '#apiserver/server/kube-api-server.ts';
import { createClient } from '#client/rest/client.ts';
import { clusterPaths, startingState, writeConfig, writeState } from '#host/home/cluster-home.ts';
import { identityOf } from '#host/processes/processes.ts';
import { systemEnv } from '#host/system-env.ts';
import { kubeconfig, kubeconfigYaml } from '#pki/kubeconfig.ts';
import { ensurePki, memoryPkiStore, type Pki } from '#pki/pki.ts';
import { openSqliteStore } from '#store/sqlite/store.ts';
import { ownHome } from '#testing/cli/own-home.ts';
import { asText, clusterStatus } from './status.ts';

const workerUrl = new URL('../../testing/store/failing-fsync-worker.ts', import.meta.url);

test('status – the API has failing checks – names them', async (t) => {
  const home = ownHome(t);
  const env = systemEnv();
  const database = join(home, 'store.db');
  const store = await openSqliteStore({ path: database, env, workerUrl });
  const pki = await ensurePki({ ...env, store: memoryPkiStore() });
  const listen = [{ host: '127.0.0.1', port: 0 }];
  const server = await startKubeApiServer({ env, store, pki, listen, advertiseAddress: '192.0.2.1' });
  t.after(async () => {
    await server.stop();
    await store.close();
  });
  noteCluster(pki, server.urls[0]!);
  const found = await clusterStatus('one');
  assert.deepEqual([found.phase, found.failing, found.nodes], ['running', [], []]);
  assert.match(asText(found), /^phase +running$.*^ready +yes$/ms);
  writeFileSync(`${database}.broken`, '');
  const admin = createClient(server.transport({ name: 'admin', groups: ['system:masters'] }));
  await assert.rejects(admin.create(namespaces, { metadata: { name: 'lost' } }));
  const broken = await clusterStatus('one');
  assert.deepEqual([broken.phase, broken.failing], ['unready', ['etcd', 'etcd-readiness']]);
  assert.match(asText(broken), /^phase +unready$.*^ready +no: etcd, etcd-readiness failed$/ms);
});

test('status – an API that does not answer – unreachable, within the time limit', async (t) => {
  ownHome(t);
  const silent = createServer().listen(0, '127.0.0.1');
  t.after(() => silent.close());
  await once(silent, 'listening');
  const pki = await ensurePki({ ...systemEnv(), store: memoryPkiStore() });
  noteCluster(pki, `https://127.0.0.1:${(silent.address() as AddressInfo).port}`);
  const found = await clusterStatus('one', 50);
  assert.equal(found.phase, 'unreachable');
  assert.match(asText(found), /^ready +no: it does not answer$/m);
});

/** Writes the files of a running cluster `one`. */
function noteCluster(pki: Pki, server: string): void {
  const paths = clusterPaths('one');
  mkdirSync(paths.dir, { recursive: true });
  const ranges = { podRange: '10.244.0.0/16', serviceRange: '10.96.0.0/16' };
  const config = { name: 'one', store: 'sqlite', host: '127.0.0.1', port: 0, ...ranges } as const;
  writeConfig(paths, { ...config, realNodes: 0, simulatedNodes: 0 });
  const { certPem, keyPem } = pki.admin();
  const named = { clusterName: 'one', userName: 'one', server, caPem: pki.ca.certPem };
  writeFileSync(paths.kubeconfig, kubeconfigYaml(kubeconfig({ ...named, certPem, keyPem })));
  writeState(paths, { ...startingState(identityOf(process.pid)!), url: server, ready: true });
}
