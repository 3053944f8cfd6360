/** What a claim asks of the provisioner: a volume on a node, nothing, or something that it cannot have. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PersistentVolumeClaim, StorageClass } from '#api/generated/types.gen.ts';
import { storedClaim, storedClass } from '#testing/objects/volumes.ts';
import { requestOf } from './claim-request.ts';
import { provisionerName } from './names.ts';

const asked = { 'volume.kubernetes.io/storage-provisioner': provisionerName };
const chosen = { ...asked, 'volume.kubernetes.io/selected-node': 'n2' };
const immediate = { volumeBindingMode: 'Immediate' };

function outcome(
  annotations: Record<string, string>,
  spec: PersistentVolumeClaim['spec'] = {},
  storageClass: Partial<StorageClass> | undefined = {},
): string {
  const claim = storedClaim('data', { uid: 'c1', annotations }, spec);
  const request = requestOf(
    claim,
    storageClass && storedClass('standard', { provisioner: provisionerName, ...storageClass }),
    ['n1', 'n2'],
  );
  if (request.kind === 'refused') return request.why;
  if (request.kind === 'nothing') return 'nothing';
  const { name, sizeBytes, isEnforced } = request.storage;
  return `${name} on ${request.node}, ${sizeBytes} bytes${isEnforced ? ', enforced' : ''}`;
}

const onChosen = 'pvc-c1 on n2, 1073741824 bytes';
const rows: [string, Parameters<typeof outcome>, string][] = [
  ['no provisioner is asked', [{}], 'nothing'],
  ['another provisioner is asked', [{ 'volume.kubernetes.io/storage-provisioner': 'x' }], 'nothing'],
  ['asked for a class of another provisioner', [chosen, {}, { provisioner: 'x' }], 'nothing'],
  ['a node was chosen', [chosen], onChosen],
  ['no node was chosen yet', [asked], 'nothing'],
  ['bound at once', [asked, {}, immediate], 'pvc-c1 on n1, 1073741824 bytes'],
  ['a node of another process', [{ ...chosen, 'volume.kubernetes.io/selected-node': 'n9' }], 'nothing'],
  ['bound', [chosen, { volumeName: 'pv' }], 'nothing'],
  ['size enforced', [chosen, {}, { parameters: { enforceSize: 'true' } }], `${onChosen}, enforced`],
  ['size not enforced', [chosen, {}, { parameters: { enforceSize: 'false' } }], onChosen],
  [
    'size enforced, or what',
    [chosen, {}, { parameters: { enforceSize: 'yes' } }],
    'enforceSize is "yes": it must be "true" or "false"',
  ],
  [
    'an unknown parameter',
    [chosen, {}, { parameters: { size: '1' } }],
    'the class has an unknown parameter "size": there is enforceSize',
  ],
  ['a selector', [chosen, { selector: {} }], 'claim Selector is not supported'],
  [
    'a data source',
    [chosen, { dataSource: { kind: 'PersistentVolumeClaim', name: 'other' } }],
    'claims with a data source are not supported',
  ],
  ['a device', [chosen, { volumeMode: 'Block' }], 'block volumes are not supported'],
  ['one pod alone', [chosen, { accessModes: ['ReadWriteOncePod'] }], onChosen],
  [
    'many nodes',
    [chosen, { accessModes: ['ReadWriteMany'] }],
    'access mode ReadWriteMany is not supported: the storage of a node serves ReadWriteOnce and ReadWriteOncePod',
  ],
];

describe('a claim – as it asks for storage of a node – gets a volume, waits, or is refused', () => {
  for (const [title, args, expected] of rows) {
    test(title, () => assert.equal(outcome(...args), expected));
  }
});

test('a claim – of a class that is gone – is refused', () => {
  const claim = storedClaim('data', { annotations: chosen }, { storageClassName: 'gone' });
  assert.deepEqual(requestOf(claim, undefined, ['n2']), {
    kind: 'refused',
    why: 'storageclass.storage.k8s.io "gone" not found',
  });
});
