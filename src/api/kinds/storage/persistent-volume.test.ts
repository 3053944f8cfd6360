/** PersistentVolumes: each plugin's source, what may not change, and the warnings, with upstream's messages. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changed, created, runCases, strategyFor, updateMessages } from '#testing/kind-cases.ts';

const kind = ['', 'persistentvolumes'] as const;
const valid = {
  metadata: { name: 'v' },
  spec: {
    capacity: { storage: '1Gi' },
    accessModes: ['ReadWriteOnce'],
    csi: { driver: 'd.example.com', volumeHandle: 'h' },
    nodeAffinity: affinityTo('failure-domain.beta.kubernetes.io/zone'),
  },
};

function affinityTo(key: string, value = 'b') {
  const matchExpressions = [{ key, operator: 'In', values: [value] }];
  return { required: { nodeSelectorTerms: [{ matchExpressions }] } };
}

const only = (source: object) => ({ 'spec.csi': undefined, ...source });
const another = (field: string) => `${field}: Forbidden: may not specify more than 1 volume type`;
const label63 =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

runCases([
  {
    kind: [...kind],
    valid,
    create: [
      [{ 'spec.csi': undefined }, ['spec: Required value: must specify a volume type']],
      [{ 'spec.hostPath': { path: '/x' } }, [another('spec.csi')]],
      [{ 'spec.cephfs': { monitors: ['m'] } }, [another('spec.csi')]],
      [
        { 'spec.hostPath': { path: '/x' }, 'spec.cephfs': {}, 'spec.csi': undefined },
        [another('spec.cephFS')],
      ],
      [only({ 'spec.flexVolume': { driver: '' } }), ['spec.flexVolume.driver: Required value']],
      [{ 'spec.csi': undefined, 'spec.hostPath': { path: '/x' }, 'spec.flexVolume': { driver: 'a/b' } }, []],
      [
        only({ 'spec.glusterfs': { endpoints: '', path: 'p', endpointsNamespace: '' } }),
        [
          'spec.glusterfs.endpoints: Required value',
          'spec.glusterfs.endpointsNamespace: Invalid value: "": if the endpointnamespace is set, it must be a valid namespace name',
        ],
      ],
      [
        only({ 'spec.iscsi': { targetPortal: '', iqn: 'x', lun: 300, chapAuthSession: true } }),
        [
          'spec.iscsi.targetPortal: Required value',
          'spec.iscsi.iqn: Invalid value: "x": must be valid format',
          'spec.iscsi.lun: Invalid value: 300: must be between 0 and 255, inclusive',
          'spec.iscsi.secretRef: Required value',
        ],
      ],
      [
        only({ 'spec.cinder': { volumeID: 'x', secretRef: {} } }),
        ['spec.cinder.secretRef.name: Required value', 'spec.cinder.secretRef.namespace: Required value'],
      ],
      [
        only({ 'spec.azureFile': { secretName: '', shareName: 's', secretNamespace: '' } }),
        ['spec.azureFile.secretName: Required value', 'spec.azureFile.secretNamespace: Required value'],
      ],
      [
        only({ 'spec.storageos': { volumeName: 'A', secretRef: { name: 'n' } } }),
        [
          `spec.storageos.volumeName: Invalid value: "A": ${label63}`,
          'spec.storageos.secretRef.namespace: Required value',
        ],
      ],
      [only({ 'spec.local': { path: '' } }), ['spec.local.path: Required value']],
      [
        only({ 'spec.local': { path: '/x' }, 'spec.nodeAffinity': undefined }),
        ['spec.nodeAffinity: Required value: Local volume requires node affinity'],
      ],
      [
        { 'spec.csi': { driver: '', volumeHandle: '', nodeExpandSecretRef: { name: 'n', namespace: 'A' } } },
        [
          'spec.csi.driver: Required value',
          'spec.csi.volumeHandle: Required value',
          `spec.csi.nodeExpandSecretRef.namespace: Invalid value: "A": ${label63}`,
        ],
      ],
      [
        { 'spec.capacity': { storage: '-1' } },
        [
          'spec.capacity[storage]: Invalid value: -1: must be a valid resource quantity',
          'spec.capacity[storage]: Invalid value: "-1": must be greater than zero',
        ],
      ],
      [
        only({ 'spec.hostPath': { path: '/a/..' }, 'spec.persistentVolumeReclaimPolicy': 'Recycle' }),
        [
          'spec.hostPath.path: Invalid value: "/a/..": must not contain \'..\'',
          "spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'",
        ],
      ],
      [
        only({ 'spec.nfs': { server: 's', path: '/' }, 'spec.volumeAttributesClassName': '' }),
        [
          'spec.volumeAttributesClassName: Required value: an empty string is disallowed',
          'spec.csi: Required value: has to be specified when using volumeAttributesClassName',
        ],
      ],
      [
        { 'metadata.annotations': { 'volume.beta.kubernetes.io/mount-options': 'ro' } },
        [
          'metadata.annotations.volume.beta.kubernetes.io/mount-options: Forbidden: may not specify mount options for this volume type',
        ],
      ],
    ],
    update: [
      [{ 'spec.csi.controllerExpandSecretRef': { name: 'n', namespace: 's' } }, []],
      [{ 'spec.nodeAffinity': affinityTo('topology.kubernetes.io/zone') }, []],
      [
        { 'spec.nodeAffinity': undefined },
        ['nodeAffinity: Invalid value: null: field is immutable, except for updating from beta label to GA'],
      ],
      [
        { 'spec.nodeAffinity': affinityTo('topology.kubernetes.io/zone', 'c') },
        [
          'nodeAffinity: Invalid value: {"Required":{"NodeSelectorTerms":[{"MatchExpressions":[{"Key":"topology.kubernetes.io/zone","Operator":"In","Values":["c"]}],"MatchFields":null}]}}: field is immutable, except for updating from beta label to GA',
        ],
      ],
      [{ 'spec.volumeMode': 'Block' }, ['volumeMode: Invalid value: "Block": field is immutable']],
    ],
  },
]);

test('an update of the node affinity – of a label that was never one of beta – without a key is no other change', () => {
  const affinity = (key: string) => changed(valid, { 'spec.nodeAffinity': affinityTo(key) });
  const messages = updateMessages(...kind, affinity(''), affinity('a'));
  assert.deepEqual(
    messages.filter((text) => text.startsWith('nodeAffinity')),
    [],
  );
  assert.equal(messages.length, 2);
});

test('a persistent volume of an old plugin – created – has the defaults of its source and its warnings', () => {
  const createdFrom = (source: object) => created(...kind, changed(valid, only(source)));
  const warningsOf = (object: object) => strategyFor(...kind).warnings!(object as never);
  const rbd = createdFrom({
    'spec.rbd': { monitors: ['m'], image: 'i' },
    'spec.persistentVolumeReclaimPolicy': 'Recycle',
  });
  assert.deepEqual((rbd['spec'] as { rbd: object }).rbd, {
    monitors: ['m'],
    image: 'i',
    pool: 'rbd',
    user: 'admin',
    keyring: '/etc/ceph/keyring',
  });
  assert.deepEqual(warningsOf(rbd), [
    'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
    'spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].key: failure-domain.beta.kubernetes.io/zone is deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
    'spec.rbd: deprecated in v1.28, non-functional in v1.31+',
  ]);
  const storage = createdFrom({ 'spec.storageos': { volumeName: 'v' }, 'spec.nodeAffinity': undefined });
  assert.deepEqual(warningsOf(storage), ['spec.storageOS: deprecated in v1.22, non-functional in v1.25+']);
});
