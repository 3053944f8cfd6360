/** Drivers of storage as objects, and volumes of theirs that a pod brings with it. */

import assert from 'node:assert/strict';
import { csiDrivers, pods } from '#api/generated/kinds.gen.ts';
import { type Behaviour, type BehaviourContext, behaviour } from '../behaviour.ts';
import { getPod, podOf } from '../common/running.ts';
import { livesAsObject } from '../shared/object-life.ts';
import { isGone } from '../shared/workloads.ts';

/** No such driver runs, so the pod stays Pending; the behaviour is about what is stored. */
async function podsTakeIt(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const csi = {
    driver: 'e2e.example.com',
    readOnly: true,
    fsType: 'ext4',
    volumeAttributes: { csiDriver: 'e2e' },
    nodePublishSecretRef: { name: 'secret' },
  };
  const pod = podOf(
    context,
    'with-volume',
    { volumeMounts: [{ name: 'inline', mountPath: '/inline' }] },
    { volumes: [{ name: 'inline', csi }] },
  );
  await client.create(pods, pod);
  const volumeOf = async () => {
    const { spec } = await getPod(context, 'with-volume');
    return spec?.volumes?.find(({ name }) => name === 'inline')?.csi;
  };
  assert.deepEqual(await volumeOf(), csi);
  const key = { namespace, name: 'with-volume' };
  await client.patch(pods, key, 'strategic', { metadata: { labels: { patched: 'yes' } } });
  const { items } = await client.list(pods, { namespace, labelSelector: 'patched=yes' });
  assert.deepEqual(
    items.map(({ metadata }) => metadata.name),
    ['with-volume'],
  );
  assert.deepEqual(await volumeOf(), csi);
  await client.delete(pods, key);
  await context.eventually('it is gone', () => isGone(client, pods, key));
}

const prefix = '[sig-storage] CSIInlineVolumes should';

export const csiInline: readonly Behaviour[] = [
  behaviour(`${prefix} run through the lifecycle of a CSIDriver [Conformance]`, (context) =>
    livesAsObject(context, csiDrivers, {
      body: () => ({ spec: { attachRequired: false, volumeLifecycleModes: ['Ephemeral'] } }),
    }),
  ),
  behaviour(`${prefix} support CSIVolumeSource in Pod API [Conformance]`, podsTakeIt),
];
