/** What CSINode and Node say of a driver: objects in, changes out. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CSINode, CSINodeDriver, Node } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { storedNode } from '#testing/objects.ts';
import {
  belongsTo,
  newCsiNode,
  patchForDriver,
  patchWithoutDriver,
  withDriver,
  withMigratedPlugins,
  withoutDriver,
} from './csi-node.ts';

const idKey = 'csi.volume.kubernetes.io/nodeid';
const info = { nodeId: 'id', maxVolumesPerNode: 0, topology: {} };
function node(ids?: string, labels: Record<string, string> = {}): Stored<Node> {
  const annotations = ids ? { annotations: { [idKey]: ids } } : {};
  return storedNode('n1', { metadata: { uid: 'u1', labels, ...annotations } });
}

function csiNode(...drivers: CSINodeDriver[]): Stored<CSINode> {
  return { ...newCsiNode(node()), spec: { drivers } } as Stored<CSINode>;
}

test('CSINode – new – owned by its Node, with the migrated plugins', () => {
  assert.deepEqual(newCsiNode(node()), {
    metadata: {
      name: 'n1',
      annotations: {
        'storage.alpha.kubernetes.io/migrated-plugins':
          'kubernetes.io/aws-ebs,kubernetes.io/azure-disk,kubernetes.io/azure-file,kubernetes.io/cinder,kubernetes.io/gce-pd,kubernetes.io/portworx-volume,kubernetes.io/vsphere-volume',
      },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'n1', uid: 'u1' }],
    },
    spec: { drivers: [] },
  });
});

test('CSINode – of an earlier Node – does not belong to its successor', () => {
  assert.ok(belongsTo(csiNode(), node()));
  const successor = storedNode('n1', { metadata: { uid: 'u2' } });
  assert.ok(!belongsTo(csiNode(), successor));
});

test('migrated plugins – there or missing – written where missing', () => {
  assert.equal(withMigratedPlugins(csiNode()), undefined);
  const bare = { ...csiNode(), metadata: node().metadata };
  assert.ok(withMigratedPlugins(bare)?.metadata.annotations);
});

const added: [title: string, traits: Partial<typeof info>, driver: CSINodeDriver][] = [
  ['without a limit', {}, { name: 'd', nodeID: 'id', topologyKeys: [] }],
  [
    'with a limit',
    { maxVolumesPerNode: 3 },
    { name: 'd', nodeID: 'id', topologyKeys: [], allocatable: { count: 3 } },
  ],
  [
    'with a limit beyond 32 bits',
    { maxVolumesPerNode: 2 ** 40 },
    { name: 'd', nodeID: 'id', topologyKeys: [], allocatable: { count: 2147483647 } },
  ],
  ['with a negative limit', { maxVolumesPerNode: -1 }, { name: 'd', nodeID: 'id', topologyKeys: [] }],
  [
    'with topology',
    { topology: { zone: 'a', rack: '1' } },
    { name: 'd', nodeID: 'id', topologyKeys: ['rack', 'zone'] },
  ],
];
for (const [title, traits, driver] of added) {
  test(`driver – ${title} – listed`, () => {
    assert.deepEqual(withDriver(csiNode(), 'd', { ...info, ...traits })?.spec.drivers, [driver]);
    assert.equal(withDriver(csiNode(driver), 'd', { ...info, ...traits }), undefined);
  });
}

test('driver – listed without topology, as served – not written again', () => {
  const driver = { name: 'd', nodeID: 'id', topologyKeys: null } as unknown as CSINodeDriver;
  assert.equal(withDriver(csiNode(driver), 'd', info), undefined);
});

test('driver – listed with another id – listed last, once', () => {
  const other = { name: 'other', nodeID: 'o' };
  const drivers = withDriver(csiNode({ name: 'd', nodeID: 'old' }, other), 'd', info)?.spec.drivers;
  assert.deepEqual(drivers, [other, { name: 'd', nodeID: 'id', topologyKeys: [] }]);
});

test('driver – removed – taken off the list, if it is there', () => {
  assert.deepEqual(withoutDriver(csiNode({ name: 'd', nodeID: 'id' }), 'd')?.spec.drivers, []);
  assert.equal(withoutDriver(csiNode(), 'd'), undefined);
});

test('node id – beside those of other drivers – an annotation in order', () => {
  assert.deepEqual(patchForDriver(node('{"z":"1"}'), 'd', info), {
    metadata: { annotations: { [idKey]: '{"d":"id","z":"1"}' } },
  });
  assert.equal(patchForDriver(node('{"d":"id"}'), 'd', info), undefined);
});

test('topology – one label there, one missing – the missing label is added', () => {
  const topology = { zone: 'a', rack: '1' };
  assert.deepEqual(patchForDriver(node('{"d":"id"}', { zone: 'a' }), 'd', { ...info, topology }), {
    metadata: { labels: { rack: '1' } },
  });
});

test('topology – another value of a label – an error', () => {
  const message =
    'detected topology value collision: driver reported "zone":"a" but existing label is "zone":"b"';
  assert.throws(() => patchForDriver(node('', { zone: 'b' }), 'd', { ...info, topology: { zone: 'a' } }), {
    message,
  });
});

test('node id – an annotation that is no JSON – an error', () => {
  assert.throws(() => patchForDriver(node('nonsense'), 'd', info), {
    message:
      /^failed to parse node's "csi.volume.kubernetes.io\/nodeid" annotation value \("nonsense"\) err=/,
  });
});

test('node id – driver removed – its id goes, with the last the annotation', () => {
  assert.deepEqual(patchWithoutDriver(node('{"d":"id","z":"1"}'), 'd'), {
    metadata: { annotations: { [idKey]: '{"z":"1"}' } },
  });
  assert.deepEqual(patchWithoutDriver(node('{"d":"id"}'), 'd'), {
    metadata: { annotations: { [idKey]: null } },
  });
  assert.equal(patchWithoutDriver(node(), 'd'), undefined);
});
