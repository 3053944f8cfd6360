import { persistentVolumeClaims as claims, storageClasses } from '#api/generated/kinds.gen.ts';
import { newClaim } from '#testing/objects/volumes.ts';
import { testAdmission } from '../../testing/admission.ts';
import { persistentVolumeClaimResize } from './persistent-volume-claim-resize.ts';

const classOf = (allowVolumeExpansion?: boolean) =>
  [
    storageClasses,
    { metadata: { name: 'fast' }, ...(allowVolumeExpansion === undefined ? {} : { allowVolumeExpansion }) },
  ] as const;
const claim = (storage: string, phase = 'Bound', storageClassName: string | undefined = 'fast') =>
  newClaim('c', {
    spec: { resources: { requests: { storage } }, ...(storageClassName ? { storageClassName } : {}) },
    status: { phase },
  });
const update = { type: claims, operation: 'UPDATE', old: claim('1Gi'), stored: [classOf(true)] } as const;
const forbidden = (why: string) => `403 persistentvolumeclaims "c" is forbidden: ${why}`;
const notResizable = forbidden(
  'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
);

testAdmission('PersistentVolumeClaimResize', persistentVolumeClaimResize, [
  { name: 'a bound claim of a class that allows it grows – it is admitted', ...update, object: claim('2Gi') },
  {
    name: 'a claim that is not bound grows – it is refused',
    ...update,
    object: claim('2Gi', 'Pending'),
    old: claim('1Gi', 'Pending'),
    refusal: forbidden('Only bound persistent volume claims can be expanded'),
  },
  {
    name: 'the class says nothing of it – it is refused',
    ...update,
    object: claim('2Gi'),
    stored: [classOf()],
    refusal: notResizable,
  },
  {
    name: 'the class does not allow it – it is refused',
    ...update,
    object: claim('2Gi'),
    stored: [classOf(false)],
    refusal: notResizable,
  },
  {
    name: 'the class is not there – it is refused',
    ...update,
    object: claim('2Gi'),
    stored: [],
    refusal: notResizable,
  },
  {
    name: 'a claim without a class grows – it is refused',
    ...update,
    object: claim('2Gi', 'Bound', ''),
    old: claim('1Gi', 'Bound', ''),
    refusal: notResizable,
  },
  { name: 'the same size in other words – it is admitted', ...update, object: claim('1024Mi'), stored: [] },
  { name: 'a claim shrinks – that is for validation', ...update, object: claim('1Mi'), stored: [] },
  { name: 'its status – it is admitted', ...update, subresource: 'status', object: claim('2Gi'), stored: [] },
]);
