/** Stages of volumes that must be attached first, with a real API server on a virtual clock; no driver is reached. */

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { namespaces, nodes, pods, volumeAttachments } from '#api/generated/kinds.gen.ts';
import type { VolumeAttachmentStatus } from '#api/generated/types.gen.ts';
import { attachmentName } from '#api/volumes/csi-names.ts';
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#host/system-env.ts';
import type { VolumeContext } from '#kubelet/volumes/volume.ts';
import { volumeContext } from '#testing/kubelet/volume-context.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { PodRejected, SetupError } from '../../runtime/machine.ts';
import { Attachments } from '../attachment.ts';
import { VolumesInUse } from '../volumes-in-use.ts';
import { Stages } from './stages.ts';

const driverName = 'test.csi.example.com';
const volume = { name: 'v', persistentVolumeClaim: { claimName: 'c' } };
const lists = 'unmounted volumes=[v], unattached volumes=[v], failed to process volumes=[]';

interface Traits {
  readonly attachError: VolumeAttachmentStatus['attachError'];
  /** The driver keeps its limit up to date. */
  readonly isKept: boolean;
}

/** What becomes of a volume that is never attached, and the drivers that were asked for their limits. */
async function neverAttached(t: TestContext, { attachError, isKept }: Traits) {
  const api = await startTestServer();
  t.after(() => api[Symbol.asyncDispose]());
  const { client } = api;
  await client.create(namespaces, { metadata: { name: 'default' } });
  await client.create(nodes, { metadata: { name: 'n1' } });
  const spec = { nodeName: 'n1', containers: [{ name: 'main', image: 'i' }] };
  const pod = await client.create(pods, { metadata: { name: 'p', namespace: 'default' }, spec });
  const name = attachmentName({ driverName, volumeHandle: 'h' }, 'n1');
  const source = { persistentVolumeName: 'pv' };
  await client.create(volumeAttachments, {
    metadata: { name },
    spec: { attacher: driverName, nodeName: 'n1', source },
  });
  const status = { attached: false, attachError };
  await client.patch(volumeAttachments, { name }, 'merge', { status }, { subresource: 'status' });
  const clock = new VirtualClock();
  const env = { clock, random: systemRandom, log: silentLog };
  const inUse = new VolumesInUse();
  inUse.subscribe(() => inUse.reported(inUse.names()));
  const refreshed: string[] = [];
  const stages = new Stages({
    client,
    nodeName: 'n1',
    drivers: { get: () => assert.fail('no driver is asked') },
    attachments: new Attachments(env, client, 'n1', inUse),
    inUse,
    limits: { areKept: () => isKept, refresh: async (driver) => void refreshed.push(driver) },
    driverObject: async () => undefined,
    cachedDriverObject: () => undefined,
  });
  const pv = { metadata: { name: 'pv' }, spec: { csi: { driver: driverName, volumeHandle: 'h' } } };
  const context = { ...volumeContext(t).context, pod, claimed: { claim: {}, volume: pv } };
  let error: unknown;
  const mounted = stages
    .mount(context as unknown as VolumeContext, volume, 'd/s')
    .catch((reason: unknown) => {
      error = reason;
    });
  while (error === undefined) await clock.advance(1000);
  await mounted;
  return { error, refreshed, inUse: inUse.names() };
}

test('a volume – not attached in time – is a failure of the mount, and no longer in use', async (t) => {
  const attachError = { message: 'the disk is away', errorCode: 13 };
  const { error, refreshed, inUse } = await neverAttached(t, { attachError, isKept: true });
  const message = `Unable to attach or mount volumes: ${lists}: context deadline exceeded`;
  assert.deepEqual(error, new SetupError('FailedMount', message));
  assert.deepEqual([refreshed, inUse], [[], []]);
});

const full = { message: 'the node is full', errorCode: 8 };

test('a volume – not attached since the node is full – rejects its pod, and the limit is asked for again', async (t) => {
  const { error, refreshed } = await neverAttached(t, { attachError: full, isKept: true });
  const reached = 'Node has reached its volume attachment limit, rejecting pod.';
  const message = `${reached} ${lists}: context deadline exceeded`;
  assert.deepEqual(error, new PodRejected('VolumeAttachmentLimitExceeded', message));
  assert.deepEqual(refreshed, [driverName]);
});

test('a volume – the node is full, of a driver that keeps no limit – is a failure of the mount', async (t) => {
  const { error, refreshed } = await neverAttached(t, { attachError: full, isKept: false });
  assert.ok(error instanceof SetupError);
  assert.deepEqual(refreshed, []);
});
