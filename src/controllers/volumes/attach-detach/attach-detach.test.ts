/** The attach-detach controller over given objects: plans of volumes and nodes, and which changes wake which. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  csiDrivers,
  nodes,
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  volumeAttachments,
} from '#api/generated/kinds.gen.ts';
import type { CSIDriver, Node, VolumeAttachment, VolumeAttachmentStatus } from '#api/generated/types.gen.ts';
import type { ObjectMeta, Stored } from '#api/meta/object.ts';
import { attachmentName, uniqueName } from '#api/volumes/csi-names.ts';
import { DryController } from '#testing/controllers/dry-controller.ts';
import { storedClaim, storedVolume } from '#testing/objects/volumes.ts';
import { storedMetadata, storedNode, storedPod } from '#testing/objects.ts';
import { attachDetach } from './attach-detach.ts';

const driverName = 'csi.example.com';
const csi = { driver: driverName, volumeHandle: 'h1' };
const unique = uniqueName({ driverName, volumeHandle: 'h1' });
const attachmentOf = (node: string) => attachmentName({ driverName, volumeHandle: 'h1' }, node);
const claimRef = { namespace: 'default', name: 'data', uid: 'c1' };
const managed = { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' };

const volume = storedVolume('pv', { csi, claimRef });
const claim = storedClaim('data', { uid: 'c1' }, { volumeName: 'pv' }, { phase: 'Bound' });

function node(name: string, status: Node['status'] = {}, traits: Parameters<typeof storedNode>[1] = {}) {
  const stored = storedNode(name, { ...traits, metadata: { annotations: managed } });
  return { ...stored, status: { ...stored.status, ...status } };
}

function pod(name: string, nodeName: string, metadata: ObjectMeta = {}) {
  const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }];
  return storedPod(name, { node: nodeName, metadata, spec: { volumes } });
}

function attachment(
  nodeName: string,
  status: Partial<VolumeAttachmentStatus> = {},
  metadata: ObjectMeta = {},
) {
  return {
    metadata: storedMetadata(attachmentOf(nodeName), metadata),
    spec: { attacher: driverName, nodeName, source: { persistentVolumeName: 'pv' } },
    status: { attached: false, ...status },
  } as Stored<VolumeAttachment>;
}

/** Reasons of forced detachments, of all tests until now. */
const forced: string[] = [];

function cluster() {
  return new DryController(attachDetach({ forcedDetach: (reason) => forced.push(reason) }))
    .put(persistentVolumes, volume)
    .put(persistentVolumeClaims, claim)
    .put(nodes, node('n1'), node('n2'));
}

const attached = { volumesAttached: [{ name: unique, devicePath: '' }] };
const created = (name: string) => ['together expected', `  create VolumeAttachment ${attachmentOf(name)}`];

test('a pod with a node – the volume is attached there', async () => {
  const controller = cluster();
  controller.woken();
  controller.put(pods, pod('p', 'n1'));
  assert.deepEqual(controller.woken(), ['volume/pv']);
  const plan = await controller.plan('volume/pv');
  assert.deepEqual(await controller.printed('volume/pv'), created('n1'));
  const [together] = plan.actions;
  assert.ok(together?.do === 'together');
  const [create] = together.actions;
  assert.ok(create?.do === 'create');
  assert.deepEqual(create.object, {
    metadata: { name: attachmentOf('n1') },
    spec: { attacher: driverName, nodeName: 'n1', source: { persistentVolumeName: 'pv' } },
  });
});

describe('a volume – that needs no attachment – gets none', () => {
  const rows: [title: string, change: (controller: DryController) => void][] = [
    ['for a pod without a node', (controller) => controller.put(pods, pod('p', ''))],
    [
      'for a pod that has ended',
      (controller) => controller.put(pods, { ...pod('p', 'n1'), status: { phase: 'Succeeded' } }),
    ],
    [
      'for a deleted pod without running containers',
      (controller) => controller.put(pods, pod('p', 'n1', { deletionTimestamp: '2026-01-01T00:00:00Z' })),
    ],
    [
      'for a node whose kubelet attaches itself',
      (controller) => controller.put(nodes, storedNode('n1')).put(pods, pod('p', 'n1')),
    ],
    [
      'for a claim that is bound to another volume',
      (controller) =>
        controller
          .put(pods, pod('p', 'n1'))
          .put(
            persistentVolumeClaims,
            storedClaim('data', { uid: 'c2' }, { volumeName: 'pv' }, { phase: 'Bound' }),
          ),
    ],
    [
      'for a driver that needs none',
      (controller) => {
        const spec = { attachRequired: false };
        const driver = { metadata: storedMetadata(driverName), spec } as Stored<CSIDriver>;
        controller.put(pods, pod('p', 'n1')).put(csiDrivers, driver);
      },
    ],
  ];
  for (const [title, change] of rows) {
    test(title, async () => {
      const controller = cluster();
      change(controller);
      assert.deepEqual(await controller.printed('volume/pv'), []);
    });
  }
});

test('an attachment that is reported – the node lists it, and the pod gets an event', async () => {
  const controller = cluster().put(pods, pod('p', 'n1'));
  controller.woken();
  controller.put(volumeAttachments, attachment('n1', { attached: true }));
  assert.deepEqual(controller.woken(), ['node/n1', 'volume/pv']);
  assert.deepEqual(await controller.printed('volume/pv'), []);
  const patch = JSON.stringify({
    metadata: { resourceVersion: node('n1').metadata.resourceVersion },
    status: attached,
  });
  assert.deepEqual(await controller.printed('node/n1'), [
    `patch Node n1/status ${patch}`,
    '  then event Normal SuccessfulAttachVolume "AttachVolume.Attach succeeded for volume \\"pv\\" "',
  ]);
  controller.put(nodes, node('n1', attached));
  assert.deepEqual(await controller.printed('node/n1'), []);
});

test('an attachment that fails – each failure is one event', async () => {
  const failing = (message: string, time: string) => attachment('n1', { attachError: { message, time } });
  const controller = cluster().put(pods, pod('p', 'n1')).put(volumeAttachments, failing('no disk', '1'));
  const event = (message: string) =>
    `event Warning FailedAttachVolume "AttachVolume.Attach failed for volume \\"pv\\" : ${message}"`;
  assert.deepEqual(await controller.printed('volume/pv'), [event('no disk')]);
  assert.deepEqual(await controller.printed('volume/pv'), []);
  controller.put(volumeAttachments, failing('no slot', '2'));
  assert.deepEqual(await controller.printed('volume/pv'), [event('no slot')]);
});

test('an attacher that is silent – an event every two minutes', async () => {
  const controller = cluster().put(pods, pod('p', 'n1')).put(volumeAttachments, attachment('n1'));
  assert.deepEqual(await controller.printed('volume/pv'), ['again after 120000 ms']);
  await controller.clock.advance(120_000);
  assert.deepEqual(await controller.printed('volume/pv'), [
    `event Warning FailedAttachVolume "AttachVolume.Attach failed for volume \\"pv\\" : timed out waiting for external-attacher of ${driverName} CSI driver to attach volume h1"`,
    'again after 120000 ms',
  ]);
});

test('a pod on a second node – refused once, with the pod that has the volume', async () => {
  const controller = cluster()
    .put(pods, pod('a', 'n1'), pod('b', 'n2'))
    .put(volumeAttachments, attachment('n1', { attached: true }));
  assert.deepEqual(await controller.printed('volume/pv'), [
    'event Warning FailedAttachVolume "Multi-Attach error for volume \\"pv\\" Volume is already used by pod(s) a"',
  ]);
  assert.deepEqual(await controller.printed('volume/pv'), []);
});

test('pods on two nodes at once – one is attached, the other refused', async () => {
  const controller = cluster().put(pods, pod('a', 'n1'), pod('b', 'n2'));
  assert.deepEqual(await controller.printed('volume/pv'), [
    ...created('n1'),
    'event Warning FailedAttachVolume "Multi-Attach error for volume \\"pv\\" Volume is already used by pod(s) a"',
  ]);
});

test('a volume for many nodes – is attached to each', async () => {
  const controller = cluster()
    .put(persistentVolumes, storedVolume('pv', { csi, claimRef, accessModes: ['ReadWriteMany'] }))
    .put(pods, pod('a', 'n1'), pod('b', 'n2'));
  assert.deepEqual(await controller.printed('volume/pv'), [...created('n1'), ...created('n2')]);
});

test('a pod that is gone – the node is asked first, then the status, then the attachment goes', async () => {
  const controller = cluster()
    .put(volumeAttachments, attachment('n1', { attached: true }))
    .put(nodes, node('n1', { ...attached, volumesInUse: [unique] }));
  assert.deepEqual(await controller.printed('volume/pv'), ['again after 360001 ms']);
  assert.deepEqual(await controller.printed('node/n1'), []);
  controller.woken();
  controller.put(nodes, node('n1', attached));
  assert.deepEqual(controller.woken(), ['node/n1', 'volume/pv']);
  assert.deepEqual(await controller.printed('volume/pv'), ['wake node/n1']);
  const { resourceVersion } = node('n1').metadata;
  assert.deepEqual(await controller.printed('node/n1'), [
    `patch Node n1/status ${JSON.stringify({ metadata: { resourceVersion }, status: { volumesAttached: null } })}`,
  ]);
  controller.put(nodes, node('n1'));
  assert.deepEqual(await controller.printed('volume/pv'), [`detach VolumeAttachment ${attachmentOf('n1')}`]);
});

test('a view that is not current – nothing is attached or detached', async () => {
  const controller = cluster()
    .put(persistentVolumes, storedVolume('pv', { csi, claimRef, accessModes: ['ReadWriteMany'] }))
    .put(pods, pod('p', 'n1'))
    .put(volumeAttachments, attachment('n2'));
  assert.deepEqual(await controller.printed('volume/pv', false), []);
});

test('a node out of service – its volume is taken from it', async () => {
  const taints = [{ key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute' }];
  const controller = cluster()
    .put(volumeAttachments, attachment('n1', { attached: true }))
    .put(nodes, node('n1', { volumesInUse: [unique] }, { ready: 'Unknown', spec: { taints } }));
  assert.deepEqual(await controller.printed('volume/pv'), [
    'together expected',
    `  delete VolumeAttachment ${attachmentOf('n1')} ignoring NotFound`,
  ]);
  assert.equal(forced.at(-1), 'out-of-service');
});

test('a node that is gone – its volume is taken from it after six minutes', async () => {
  const inUse = node('n1', { volumesInUse: [unique] });
  const controller = cluster()
    .put(nodes, inUse)
    .put(volumeAttachments, attachment('n1', { attached: true }));
  controller.woken();
  controller.remove(nodes, inUse);
  assert.deepEqual(controller.woken(), ['node/n1', 'volume/pv']);
  assert.deepEqual(await controller.printed('volume/pv'), ['again after 360001 ms']);
  await controller.clock.advance(360_001);
  assert.deepEqual(await controller.printed('volume/pv'), [
    'together expected',
    `  delete VolumeAttachment ${attachmentOf('n1')} ignoring NotFound`,
  ]);
  assert.equal(forced.at(-1), 'timeout');
});

test('a volume that is wanted again – the six minutes begin from the start', async () => {
  const controller = cluster()
    .put(volumeAttachments, attachment('n1', { attached: true }))
    .put(nodes, node('n1', { ...attached, volumesInUse: [unique] }, { ready: 'Unknown' }));
  await controller.printed('volume/pv');
  await controller.clock.advance(300_000);
  controller.put(pods, pod('p', 'n1'));
  assert.deepEqual(await controller.printed('volume/pv'), []);
  controller.remove(pods, pod('p', 'n1'));
  assert.deepEqual(await controller.printed('volume/pv'), ['again after 360001 ms']);
});

test('an attachment that is being deleted – the next one waits', async () => {
  const deleted = attachment('n1', { attached: true }, { deletionTimestamp: '2026-01-01T00:00:00Z' });
  const controller = cluster().put(pods, pod('p', 'n1')).put(volumeAttachments, deleted);
  assert.deepEqual(await controller.printed('volume/pv'), []);
  controller.remove(volumeAttachments, deleted);
  assert.deepEqual(await controller.printed('volume/pv'), created('n1'));
});

test('a volume that is not a driver’s – nothing', async () => {
  const controller = cluster()
    .put(persistentVolumes, storedVolume('pv', { claimRef }))
    .put(pods, pod('p', 'n1'));
  assert.deepEqual(await controller.printed('volume/pv'), []);
  assert.deepEqual(await controller.printed('volume/gone'), []);
});
