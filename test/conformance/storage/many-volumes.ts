/** Volumes that live side by side in one pod: of several kinds, and very many of one. */

import assert from 'node:assert/strict';
import { configMaps, pods, replicationControllers } from '#api/generated/kinds.gen.ts';
import { type Behaviour, type BehaviourContext, behaviour } from '../behaviour.ts';
import { isReady, podOf, runToEnd } from '../common/running.ts';
import { createObject } from '../common/storage/keyed-volumes.ts';

async function sideBySide(context: BehaviourContext): Promise<void> {
  await createObject(context, 'secret', 'source', { data: 'secret' });
  await createObject(context, 'configMap', 'source', { data: 'config' });
  const container = {
    command: ['cat', '/secret/data', '/config/data'],
    volumeMounts: [
      { name: 'secret', mountPath: '/secret', readOnly: true },
      { name: 'config', mountPath: '/config' },
    ],
  };
  const volumes = [
    { name: 'secret', secret: { secretName: 'source' } },
    { name: 'config', configMap: { name: 'source' } },
  ];
  assert.equal(await runToEnd(context, podOf(context, 'reader', container, { volumes })), 'secretconfig');
}

const volumeCount = 50;
const replicas = 5;

/** Five pods at once, each with fifty ConfigMaps; all of them start, none of them twice. */
async function veryMany(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const names = Array.from({ length: volumeCount }, (_, index) => `racey-${index}`);
  for (const name of names) {
    await client.create(configMaps, { metadata: { name, namespace }, data: { 'data-1': name } });
  }
  const { metadata, spec } = podOf(
    context,
    'racey',
    { volumeMounts: names.map((name) => ({ name, mountPath: `/etc/${name}` })) },
    {
      restartPolicy: 'Always',
      volumes: names.map((name) => ({
        name,
        configMap: { name, items: [{ key: 'data-1', path: 'data-1' }] },
      })),
    },
  );
  const labels = metadata?.labels ?? {};
  await client.create(replicationControllers, {
    metadata: { name: 'racey', namespace },
    spec: { replicas, selector: labels, template: { metadata: { labels }, spec: spec! } },
  });
  const all = async () => (await client.list(pods, { namespace, labelSelector: 'name=racey' })).items;
  const ready = async () => {
    const found = await all();
    assert.equal(found.filter(isReady).length, replicas);
    return found;
  };
  const found = await context.eventually(`${replicas} pods are ready`, ready, 180_000);
  for (const { metadata, status } of found) {
    assert.equal(status?.containerStatuses?.[0]?.restartCount, 0);
    const last = names.at(-1)!;
    assert.equal(await context.exec(metadata.name, ['cat', `/etc/${last}/data-1`]), last);
  }
}

const prefix = '[sig-storage] EmptyDir wrapper volumes should not';

export const emptyDirWrapper: readonly Behaviour[] = [
  behaviour(`${prefix} conflict [Conformance]`, sideBySide),
  behaviour(`${prefix} cause race condition when used for configmaps [Serial] [Conformance]`, veryMany),
];
