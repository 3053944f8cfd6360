import {
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  volumeAttributesClasses,
} from '#api/generated/kinds.gen.ts';
import { testAdmission } from '../../testing/admission.ts';
import { storageObjectInUseProtection } from './storage-object-in-use-protection.ts';

const [ofVolume, ofClaim] = ['kubernetes.io/pv-protection', 'kubernetes.io/pvc-protection'];
const plain = { metadata: { name: 'x' } };
const having = (...finalizers: string[]) => ({ metadata: { name: 'x', finalizers } });
const added = (...finalizers: string[]) => ({ metadata: { finalizers } });

testAdmission('StorageObjectInUseProtection', () => storageObjectInUseProtection, [
  {
    name: 'a new volume – it has the finalizer of volumes',
    type: persistentVolumes,
    object: plain,
    changes: added(ofVolume),
  },
  {
    name: 'a new claim – it has the finalizer of claims',
    type: persistentVolumeClaims,
    object: plain,
    changes: added(ofClaim),
  },
  {
    name: 'a new class of volume attributes – it has the finalizer of classes',
    type: volumeAttributesClasses,
    object: plain,
    changes: added('kubernetes.io/vac-protection'),
  },
  {
    name: 'a new claim with other finalizers – it is added to them',
    type: persistentVolumeClaims,
    object: having('a/b'),
    changes: added('a/b', ofClaim),
  },
  {
    name: 'a new claim that has it – nothing changes',
    type: persistentVolumeClaims,
    object: having(ofClaim),
  },
  {
    name: 'a claim that lost it – nothing changes',
    type: persistentVolumeClaims,
    operation: 'UPDATE',
    object: plain,
    old: having(ofClaim),
  },
  { name: 'a pod – nothing changes', type: pods, object: plain },
]);
