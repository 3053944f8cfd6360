import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { clusterRoleBindings, clusterRoles, configMaps, pods } from '#api/generated/kinds.gen.ts';
import type { Pod } from '#api/generated/types.gen.ts';
import { type Log, silentLog } from '#base/log.ts';
import { eventually } from '#testing/client-suite.ts';
import { newPod } from '#testing/objects.ts';
import { createDefaultAccount, startTestServer } from '#testing/server/test-server.ts';
import type { Client } from '../client.ts';
import type { Informers } from './informer.ts';
import type { PartitionField } from './partition.ts';
import { createInformerPool } from './pool.ts';

const namespace = 'default';
const map = (name: string) => ({ metadata: { name, namespace } });
const byNode: PartitionField<Pod> = { field: 'spec.nodeName', valueOf: ({ spec }) => spec?.nodeName };

async function start(t: TestContext) {
  const api = await startTestServer({ setup: 'kubernetes' });
  t.after(api.stop);
  const { client } = api;
  const warnings: string[] = [];
  const log: Log = { ...silentLog, warn: (text) => void warnings.push(text), child: () => log };
  const env = { ...api.env, log };
  const watches: string[] = [];
  const filler: Client = {
    ...client,
    watch(type, options) {
      watches.push(type.resource);
      return client.watch(type, options);
    },
  };
  const partitions = [{ type: pods, field: byNode as PartitionField }];
  const pool = createInformerPool({ env, filler, partitions });
  t.after(() => pool.stop());
  await client.create(clusterRoles, {
    metadata: { name: 'reader' },
    rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list', 'watch'] }],
  });
  const allow = (user: string) =>
    client.create(clusterRoleBindings, {
      metadata: { name: user },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'reader' },
      subjects: [{ kind: 'User', name: user, apiGroup: 'rbac.authorization.k8s.io' }],
    });
  const forbid = (user: string) => client.delete(clusterRoleBindings, { name: user });
  const until = (what: string, look: () => boolean) => eventually(env, what, async () => look() || undefined);
  /** Called once more from now on. */
  const warned = (text: string) => {
    const before = warnings.length;
    return until(text, () => warnings.slice(before).includes(text));
  };
  return { client, as: api.as, server: api.server, env, pool, watches, allow, forbid, until, warned };
}

/** The handler calls of an identity. */
function recorded(informers: Informers): string[] {
  const seen: string[] = [];
  informers.for(configMaps, { namespace }).subscribe({
    onAdd: ({ metadata }) => seen.push(`+${metadata.name}`),
    onUpdate: (_old, { metadata }) => seen.push(`~${metadata.name}`),
    onDelete: ({ metadata }) => seen.push(`-${metadata.name}`),
  });
  return seen;
}
const names = (seen: string[]) => seen.filter((line) => !line.endsWith('kube-root-ca.crt'));

test('informer pool – two identities that may read the same – share one watch', async (t) => {
  const { pool, client, as, allow, watches, until } = await start(t);
  await Promise.all(['a', 'b'].map(allow));
  const [a, b] = ['a', 'b'].map((user) => recorded(pool.as(as(user))));
  await client.create(configMaps, map('one'));
  await until('both have seen it', () => [a!, b!].every((seen) => names(seen).join() === '+one'));
  assert.deepEqual(
    watches.filter((resource) => resource === 'configmaps'),
    ['configmaps'],
  );
});

test('informer pool – an identity without rights – sees nothing until it has them', async (t) => {
  const { pool, client, as, allow, until, warned } = await start(t);
  await client.create(configMaps, map('one'));
  const seen = recorded(pool.as(as('a')));
  await client.create(configMaps, map('two'));
  await warned('list or watch failed');
  assert.deepEqual(seen, []);
  await allow('a');
  await until('it has seen both', () => names(seen).length === 2);
});

test('informer pool – an identity that loses its rights – keeps its objects, and catches up when it has them again', async (t) => {
  const { pool, client, as, allow, forbid, until, warned } = await start(t);
  await allow('a');
  await client.create(configMaps, map('one'));
  const informers = pool.as(as('a'));
  const seen = recorded(informers);
  const informer = informers.for(configMaps, { namespace });
  await until('it has seen the first', () => names(seen).join() === '+one');
  await forbid('a');
  await warned('list or watch failed');
  await client.create(configMaps, map('two'));
  await client.delete(configMaps, { namespace, name: 'one' });
  await warned('list or watch failed');
  assert.deepEqual(names(seen), ['+one']);
  assert.equal(informer.get(namespace, 'one')?.metadata.name, 'one');
  await allow('a');
  await until('it has caught up', () => names(seen).length === 3);
  assert.deepEqual(names(seen).sort(), ['+one', '+two', '-one']);
});

test('informer pool – pods of one node – come from a partition of the cache of all pods', async (t) => {
  const { pool, client, as, until, watches } = await start(t);
  await createDefaultAccount(client);
  const pod = (name: string, nodeName: string) => newPod(name, { nodeName }, namespace);
  await client.create(pods, pod('early', 'n1'));
  const seen: Record<string, string[]> = { n1: [], n2: [] };
  for (const [node, lines] of Object.entries(seen)) {
    const informer = pool.as(as(`system:node:${node}`, 'system:nodes')).for(pods, {
      fieldSelector: `spec.nodeName=${node}`,
    });
    informer.subscribe({ onAdd: ({ metadata }) => lines.push(metadata.name) });
    await informer.synced();
  }
  await client.create(pods, pod('late', 'n1'));
  await client.create(pods, pod('other', 'n2'));
  await until('each has seen its own', () => seen['n1']!.length === 2 && seen['n2']!.length === 1);
  assert.deepEqual(seen, { n1: ['early', 'late'], n2: ['other'] });
  assert.deepEqual(watches.filter((resource) => resource === 'pods').length, 1);
});
