/** Claims: what each state leads to, with upstream's events. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printed } from '#testing/controllers/plans.ts';
import { storedClaim, storedClass, storedVolume } from '#testing/objects/volumes.ts';
import { type ClaimView, decideClaim } from './claim.ts';

const again = 'again after 15000 ms';
const pending = storedClaim('c');
const completed = { annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } };
const chosen = { annotations: { 'volume.kubernetes.io/selected-node': 'n' } };
const other = { namespace: 'default', name: 'd', uid: 'd' };
const ours = { namespace: 'default', name: 'c', uid: 'c' };
const inClass = (name: string, metadata = {}) => storedClaim('c', metadata, { storageClassName: name });
const naming = (metadata = {}, spec = {}) => storedClaim('c', metadata, { volumeName: 'v', ...spec });
const event = (type: string, reason: string, message: string) =>
  `event ${type} ${reason} ${JSON.stringify(message)}`;
const mismatch = (why: string) =>
  event('Warning', 'VolumeMismatch', `Cannot bind to requested volume "v": ${why}`);
const lost = (reason: string, message: string) => [
  'update PersistentVolumeClaim default/c/status',
  event('Warning', reason, message),
];
const asked = (provisioner: string) =>
  event(
    'Normal',
    'ExternalProvisioning',
    `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`,
  );
const writeClaim = 'update PersistentVolumeClaim default/c';

const rows: [title: string, view: Partial<ClaimView>, plan: string[]][] = [
  [
    'no volume, no class',
    {},
    [
      event(
        'Normal',
        'FailedBinding',
        'no persistent volumes available for this claim and no storage class is set',
      ),
      again,
    ],
  ],
  ['a volume that fits', { free: () => [storedVolume('v')] }, ['update PersistentVolume v', again]],
  [
    'a binding that has begun, and a smaller volume with fewer access modes',
    {
      reserved: [
        storedVolume('w', { claimRef: ours, accessModes: ['ReadWriteOnce', 'ReadOnlyMany'] }, {}, 'Bound'),
      ],
      free: () => [storedVolume('v')],
    },
    [writeClaim, again],
  ],
  [
    'no class, and a default one',
    {
      claim: storedClaim('c', {}, { storageClassName: undefined }),
      defaultClass: () => storedClass('standard'),
    },
    [writeClaim, again],
  ],
  [
    'the empty class, and a default one',
    { defaultClass: () => storedClass('standard') },
    [
      event(
        'Normal',
        'FailedBinding',
        'no persistent volumes available for this claim and no storage class is set',
      ),
      again,
    ],
  ],
  [
    'a class that waits, no pod',
    {
      claim: inClass('s'),
      storageClass: storedClass('s'),
      free: () => [storedVolume('v', { storageClassName: 's' })],
    },
    [
      event('Normal', 'WaitForFirstConsumer', 'waiting for first consumer to be created before binding'),
      again,
    ],
  ],
  [
    'a class that waits, a pod',
    { claim: inClass('s'), storageClass: storedClass('s'), waitingPods: () => ['p'] },
    [event('Normal', 'WaitForPodScheduled', 'waiting for pod p to be scheduled'), again],
  ],
  [
    'a class that waits, two pods',
    { claim: inClass('s'), storageClass: storedClass('s'), waitingPods: () => ['p', 'q'] },
    [event('Normal', 'WaitForPodScheduled', 'waiting for pods p,q to be scheduled'), again],
  ],
  [
    'a class that waits, a volume reserved for it',
    {
      claim: inClass('s'),
      storageClass: storedClass('s'),
      reserved: [storedVolume('v', { claimRef: ours })],
    },
    ['update PersistentVolume v/status', again],
  ],
  [
    'a class that waits, a node',
    { claim: inClass('s', chosen), storageClass: storedClass('s') },
    [writeClaim, asked('example.com/disks'), again],
  ],
  [
    'an immediate class, asked before',
    {
      claim: inClass('s', {
        annotations: { 'volume.kubernetes.io/storage-provisioner': 'example.com/disks' },
      }),
      storageClass: storedClass('s', { volumeBindingMode: 'Immediate' }),
    },
    [asked('example.com/disks'), again],
  ],
  [
    'a class of an in-tree plugin that a CSI driver acts for',
    {
      claim: inClass('s'),
      storageClass: storedClass('s', {
        volumeBindingMode: 'Immediate',
        provisioner: 'kubernetes.io/aws-ebs',
      }),
    },
    [writeClaim, asked('ebs.csi.aws.com'), again],
  ],
  [
    'a class without a provisioner',
    {
      claim: inClass('s'),
      storageClass: storedClass('s', {
        volumeBindingMode: 'Immediate',
        provisioner: 'kubernetes.io/no-provisioner',
      }),
    },
    [
      event('Warning', 'ProvisioningFailed', 'no volume plugin matched name: kubernetes.io/no-provisioner'),
      again,
    ],
  ],
  [
    'a class of host paths',
    {
      claim: inClass('s'),
      storageClass: storedClass('s', {
        volumeBindingMode: 'Immediate',
        provisioner: 'kubernetes.io/host-path',
      }),
    },
    [
      writeClaim,
      event(
        'Warning',
        'ProvisioningFailed',
        'Failed to create provisioner: provisioning in volume plugin "kubernetes.io/host-path" is disabled',
      ),
      again,
    ],
  ],
  [
    'a class that is missing',
    { claim: inClass('s') },
    [event('Warning', 'ProvisioningFailed', 'storageclass.storage.k8s.io "s" not found'), again],
  ],
  [
    'the provisioner of an in-tree plugin, without the driver',
    {
      claim: inClass('s', {
        annotations: { 'volume.kubernetes.io/storage-provisioner': 'kubernetes.io/gce-pd' },
      }),
    },
    [writeClaim],
  ],
  ['a volume by name that is missing', { claim: naming() }, [again]],
  [
    'a free volume by name',
    { claim: naming(), named: storedVolume('v') },
    ['update PersistentVolume v', again],
  ],
  [
    'a volume by name, reserved for it',
    { claim: naming(), named: storedVolume('v', { claimRef: ours }) },
    ['update PersistentVolume v/status', again],
  ],
  [
    'a volume by name, of another claim',
    { claim: naming(), named: storedVolume('v', { claimRef: other }) },
    [event('Warning', 'FailedBinding', 'volume "v" already bound to a different claim.'), again],
  ],
  [
    'a volume by name, too small',
    { claim: naming(), named: storedVolume('v', { capacity: { storage: '1Mi' } }) },
    [mismatch('requested PV is too small'), again],
  ],
  [
    'a volume by name, of another class',
    { claim: naming(), named: storedVolume('v', { storageClassName: 's' }) },
    [mismatch('storageClassName does not match'), again],
  ],
  [
    'a volume by name, of another attributes class',
    { claim: naming(), named: storedVolume('v', { volumeAttributesClassName: 'gold' }) },
    [mismatch('volumeAttributesClassName does not match'), again],
  ],
  [
    'a volume by name, of another mode',
    { claim: naming(), named: storedVolume('v', { volumeMode: 'Block' }) },
    [mismatch('incompatible volumeMode'), again],
  ],
  [
    'a volume by name, of other access modes',
    { claim: naming(), named: storedVolume('v', { accessModes: ['ReadOnlyMany'] }) },
    [mismatch('incompatible accessMode'), again],
  ],
  [
    'a volume by name, being deleted',
    { claim: naming(), named: storedVolume('v', {}, { deletionTimestamp: '2026-01-01T00:00:00Z' }) },
    [mismatch('the volume is marked for deletion "v"'), again],
  ],
  [
    'bound, the name removed',
    { claim: storedClaim('c', completed, {}, { phase: 'Bound' }) },
    lost('ClaimLost', 'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!'),
  ],
  [
    'bound, the volume deleted',
    { claim: naming(completed) },
    lost('ClaimLost', 'Bound claim has lost its PersistentVolume. Data on the volume is lost!'),
  ],
  [
    'bound to a volume of another claim',
    { claim: naming(completed), named: storedVolume('v', { claimRef: other }) },
    lost('ClaimMisbound', 'Two claims are bound to the same volume, this one is bound incorrectly'),
  ],
  ['lost', { claim: storedClaim('c', completed, { volumeName: 'v' }, { phase: 'Lost' }) }, []],
  [
    'bound, the volume free again',
    { claim: naming(completed), named: storedVolume('v') },
    ['update PersistentVolume v'],
  ],
];
for (const [title, view, plan] of rows) {
  test(`a claim – ${title} – ${plan[0] ?? 'left alone'}`, () => {
    const whole: ClaimView = {
      claim: pending,
      named: undefined,
      reserved: [],
      free: () => [],
      storageClass: undefined,
      defaultClass: () => undefined,
      waitingPods: () => [],
      ...view,
    };
    assert.deepEqual(printed(decideClaim(whole)), plan);
  });
}
