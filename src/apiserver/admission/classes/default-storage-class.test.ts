import { persistentVolumeClaims as claims, storageClasses } from '#api/generated/kinds.gen.ts';
import type { PersistentVolumeClaimSpec } from '#api/generated/types.gen.ts';
import { newClaim } from '#testing/objects/volumes.ts';
import { testAdmission } from '../../testing/admission.ts';
import { defaultStorageClass } from './default-storage-class.ts';

const isDefault = { 'storageclass.kubernetes.io/is-default-class': 'true' };
const wasDefault = { 'storageclass.beta.kubernetes.io/is-default-class': 'true' };
const classOf = (name: string, annotations = {}, creationTimestamp = '2026-01-01T00:00:00Z') =>
  [storageClasses, { metadata: { name, annotations, creationTimestamp } }] as const;
const claim = (spec: PersistentVolumeClaimSpec, annotations = {}) =>
  newClaim('c', { metadata: { annotations }, spec });
const chosen = (storageClassName: string) => ({ spec: { storageClassName } });

testAdmission('DefaultStorageClass', defaultStorageClass, [
  {
    name: 'one class is the default – it is chosen',
    type: claims,
    object: claim({}),
    stored: [classOf('a', isDefault), classOf('b')],
    changes: chosen('a'),
  },
  {
    name: 'the default is marked as in v1beta1 – it is chosen',
    type: claims,
    object: claim({}),
    stored: [classOf('a', wasDefault)],
    changes: chosen('a'),
  },
  {
    name: 'two classes are the default – the newest is chosen',
    type: claims,
    object: claim({}),
    stored: [classOf('a', isDefault), classOf('b', isDefault, '2026-01-02T00:00:00Z')],
    changes: chosen('b'),
  },
  {
    name: 'no class is the default – none is chosen',
    type: claims,
    object: claim({}),
    stored: [classOf('a')],
  },
  {
    name: 'the claim names a class – it keeps it',
    type: claims,
    object: claim({ storageClassName: 'z' }),
    stored: [classOf('a', isDefault)],
  },
  {
    name: 'the claim names none on purpose – it keeps none',
    type: claims,
    object: claim({ storageClassName: '' }),
    stored: [classOf('a', isDefault)],
  },
  {
    name: 'the claim names a class by annotation – none is chosen',
    type: claims,
    object: claim({}, { 'volume.beta.kubernetes.io/storage-class': 'z' }),
    stored: [classOf('a', isDefault)],
  },
  {
    name: 'an update – none is chosen',
    type: claims,
    operation: 'UPDATE',
    object: claim({}),
    old: claim({}),
    stored: [classOf('a', isDefault)],
  },
]);
