import { persistentVolumeClaims as claims, limitRanges, pods } from '#api/generated/kinds.gen.ts';
import type { ResourceRequirements } from '#api/generated/types.gen.ts';
import { newClaim } from '#testing/objects/volumes.ts';
import { newContainer, newPod } from '#testing/objects.ts';
import { testAdmission } from '../../testing/admission.ts';
import { limitRanger } from './limit-ranger.ts';

const range = (...limits: object[]) =>
  [limitRanges, { metadata: { name: 'l', namespace: 'default' }, spec: { limits } }] as const;
const ofContainers = (item: object) => [range({ type: 'Container', ...item })];
const ofPods = (item: object) => [range({ type: 'Pod', ...item })];
const ofClaims = (item: object) => [range({ type: 'PersistentVolumeClaim', ...item })];
const container = (name: string, resources?: ResourceRequirements) =>
  newContainer({ name, ...(resources ? { resources } : {}) });
const pod = (resources?: ResourceRequirements) => newPod('p', { containers: [container('c', resources)] });
const cpu = (request: string | undefined, limit?: string) => ({
  ...(request ? { requests: { cpu: request } } : {}),
  ...(limit ? { limits: { cpu: limit } } : {}),
});
const defaults = { defaultRequest: { cpu: '100m' }, default: { cpu: '200m' } };
const filled = (note: string, ...containers: object[]) => ({
  metadata: { annotations: { 'kubernetes.io/limit-ranger': `LimitRanger plugin set: ${note}` } },
  spec: { containers },
});
const forbidden = (why: string) => `403 pods "p" is forbidden: ${why}`;

testAdmission('LimitRanger, defaults', limitRanger, [
  {
    name: 'a container without resources – it gets both',
    type: pods,
    object: pod(),
    stored: ofContainers(defaults),
    changes: filled(
      'cpu request for container c; cpu limit for container c',
      container('c', cpu('100m', '200m')),
    ),
  },
  {
    name: 'a container with a request – it gets the limit',
    type: pods,
    object: pod(cpu('150m')),
    stored: ofContainers(defaults),
    changes: filled('cpu limit for container c', container('c', cpu('150m', '200m'))),
  },
  {
    name: 'a container with both – nothing changes',
    type: pods,
    object: pod(cpu('1', '1')),
    stored: ofContainers(defaults),
  },
  {
    name: 'a range of another namespace – nothing changes',
    type: pods,
    object: pod(),
    stored: [
      [
        limitRanges,
        {
          metadata: { name: 'l', namespace: 'other' },
          spec: { limits: [{ type: 'Container', ...defaults }] },
        },
      ],
    ] as never,
  },
  { name: 'a range of pods – it has no defaults', type: pods, object: pod(), stored: ofPods(defaults) },
  {
    name: 'an update of a pod – nothing changes',
    type: pods,
    operation: 'UPDATE',
    object: pod(),
    old: pod(),
    stored: ofContainers(defaults),
  },
  {
    name: 'an init container – it gets them too',
    type: pods,
    object: {
      metadata: { name: 'p' },
      spec: { containers: [container('c', cpu('1', '1'))], initContainers: [container('i')] },
    },
    stored: ofContainers(defaults),
    changes: {
      metadata: {
        annotations: {
          'kubernetes.io/limit-ranger':
            'LimitRanger plugin set: cpu request for init container i; cpu limit for init container i',
        },
      },
      spec: { initContainers: [container('i', cpu('100m', '200m'))] },
    },
  },
]);

testAdmission('LimitRanger, limits of pods', limitRanger, [
  {
    name: 'a request below the minimum – it is refused',
    type: pods,
    object: pod(cpu('10m', '1')),
    stored: ofContainers({ min: { cpu: '50m' } }),
    refusal: forbidden('minimum cpu usage per Container is 50m, but request is 10m'),
  },
  {
    name: 'no request where there is a minimum – it is refused',
    type: pods,
    object: pod(),
    stored: ofContainers({ min: { cpu: '50m' } }),
    refusal: forbidden('minimum cpu usage per Container is 50m.  No request is specified'),
  },
  {
    name: 'a limit below the minimum – it is refused',
    type: pods,
    object: pod(cpu('50m', '10m')),
    stored: ofContainers({ min: { cpu: '50m' } }),
    refusal: forbidden('minimum cpu usage per Container is 50m, but limit is 10m'),
  },
  {
    name: 'a limit above the maximum – it is refused',
    type: pods,
    object: pod(cpu('1', '2')),
    stored: ofContainers({ max: { cpu: '1' } }),
    refusal: forbidden('maximum cpu usage per Container is 1, but limit is 2'),
  },
  {
    name: 'no limit where there is a maximum – it is refused',
    type: pods,
    object: pod(cpu('1')),
    stored: ofContainers({ max: { cpu: '1' } }),
    refusal: forbidden('maximum cpu usage per Container is 1.  No limit is specified'),
  },
  {
    name: 'a request above the maximum – it is refused',
    type: pods,
    object: pod(cpu('2', '1')),
    stored: ofContainers({ max: { cpu: '1' } }),
    refusal: forbidden('maximum cpu usage per Container is 1, but request is 2'),
  },
  {
    name: 'a limit too many times the request – it is refused',
    type: pods,
    object: pod(cpu('1', '5')),
    stored: ofContainers({ maxLimitRequestRatio: { cpu: '2' } }),
    refusal: forbidden('cpu max limit to request ratio per Container is 2, but provided ratio is 5.000000'),
  },
  {
    name: 'a ratio without a request – it is refused',
    type: pods,
    object: pod(cpu(undefined, '5')),
    stored: ofContainers({ maxLimitRequestRatio: { cpu: '2' } }),
    refusal: forbidden(
      'cpu max limit to request ratio per Container is 2, but no request is specified or request is 0',
    ),
  },
  {
    name: 'two things wrong – both are named',
    type: pods,
    object: pod(cpu('10m', '2')),
    stored: ofContainers({ min: { cpu: '50m' }, max: { cpu: '1' } }),
    refusal: forbidden(
      '[minimum cpu usage per Container is 50m, but request is 10m, maximum cpu usage per Container is 1, but limit is 2]',
    ),
  },
  {
    name: 'all containers together above the maximum – it is refused',
    type: pods,
    object: {
      metadata: { name: 'p' },
      spec: { containers: [container('a', cpu('1', '1')), container('b', cpu('1', '1'))] },
    },
    stored: ofPods({ max: { cpu: '1' } }),
    refusal: forbidden('maximum cpu usage per Pod is 1, but limit is 2'),
  },
  {
    name: 'within all of them – it is admitted',
    type: pods,
    object: pod(cpu('1', '1')),
    stored: ofContainers({ min: { cpu: '1' }, max: { cpu: '1' }, maxLimitRequestRatio: { cpu: '1' } }),
  },
  {
    name: 'an update of a pod – it is admitted',
    type: pods,
    operation: 'UPDATE',
    object: pod(cpu('1', '2')),
    old: pod(),
    stored: ofContainers({ max: { cpu: '1' } }),
  },
  {
    name: 'a resize above the maximum – it is refused',
    type: pods,
    operation: 'UPDATE',
    subresource: 'resize',
    object: pod(cpu('1', '2')),
    old: pod(cpu('1', '1')),
    stored: ofContainers({ max: { cpu: '1' } }),
    refusal: forbidden('maximum cpu usage per Container is 1, but limit is 2'),
  },
  {
    name: 'a resize of a pod that ends – it is admitted',
    type: pods,
    operation: 'UPDATE',
    subresource: 'resize',
    object: pod(cpu('1', '2')),
    old: { ...pod(cpu('1', '1')), metadata: { name: 'p', deletionTimestamp: '2026-01-01T00:00:00Z' } },
    stored: ofContainers({ max: { cpu: '1' } }),
  },
]);

const claim = (storage: string) => newClaim('c', { spec: { resources: { requests: { storage } } } });
const claimForbidden = (why: string) => `403 persistentvolumeclaims "c" is forbidden: ${why}`;

testAdmission('LimitRanger, limits of claims', limitRanger, [
  {
    name: 'below the minimum – it is refused',
    type: claims,
    object: claim('1Gi'),
    stored: ofClaims({ min: { storage: '2Gi' } }),
    refusal: claimForbidden('minimum storage usage per PersistentVolumeClaim is 2Gi, but request is 1Gi'),
  },
  {
    name: 'above the maximum – it is refused',
    type: claims,
    object: claim('3Gi'),
    stored: ofClaims({ max: { storage: '2Gi' } }),
    refusal: claimForbidden('maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 3Gi'),
  },
  {
    name: 'a claim that grows above the maximum – it is refused',
    type: claims,
    operation: 'UPDATE',
    object: claim('3Gi'),
    old: claim('1Gi'),
    stored: ofClaims({ max: { storage: '2Gi' } }),
    refusal: claimForbidden('maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 3Gi'),
  },
  {
    name: 'limits of containers – they do not count',
    type: claims,
    object: claim('3Gi'),
    stored: ofContainers({ max: { storage: '2Gi' } }),
  },
  {
    name: 'its status – it is admitted',
    type: claims,
    operation: 'UPDATE',
    subresource: 'status',
    object: claim('3Gi'),
    old: claim('1Gi'),
    stored: ofClaims({ max: { storage: '2Gi' } }),
  },
]);
