import { pods, runtimeClasses } from '#api/generated/kinds.gen.ts';
import type { PodSpec } from '#api/generated/types.gen.ts';
import { newPod } from '#testing/objects.ts';
import { testAdmission } from '../../testing/admission.ts';
import { runtimeClass } from './runtime-class.ts';

const pod = (spec: Partial<PodSpec> = {}) => newPod('p', spec);
const stored = (more: object = {}) =>
  [[runtimeClasses, { metadata: { name: 'vm' }, handler: 'vm', ...more }]] as const;
const forbidden = (why: string) => `403 pods "p" is forbidden: ${why}`;
const overhead = { podFixed: { memory: '64Mi' } };
const tolerations = [{ key: 'vm', operator: 'Exists' }];
const scheduling = { nodeSelector: { vm: 'yes' }, tolerations };
const inVm = { runtimeClassName: 'vm' };
const other = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";

testAdmission('RuntimeClass', runtimeClass, [
  {
    name: 'a pod without a class – nothing changes',
    type: pods,
    object: pod(),
    stored: stored({ overhead }),
  },
  {
    name: 'a class that is not there – it is refused',
    type: pods,
    object: pod(inVm),
    refusal: forbidden('pod rejected: RuntimeClass "vm" not found'),
  },
  {
    name: 'a class without a name – upstream’s client does not ask for it',
    type: pods,
    object: pod({ runtimeClassName: '' }),
    refusal: '500 resource name may not be empty',
  },
  {
    name: 'a class whose name is no part of a path – upstream’s client does not ask for it',
    type: pods,
    object: pod({ runtimeClassName: 'a/%' }),
    refusal: `500 invalid resource name "a/%": [may not contain '/' may not contain '%']`,
  },
  {
    name: 'an empty overhead – is as none',
    type: pods,
    object: pod({ ...inVm, overhead: {} }),
    stored: stored({ overhead }),
    changes: { spec: { overhead: overhead.podFixed } },
  },
  {
    name: 'a class with overhead – it is the pod’s',
    type: pods,
    object: pod(inVm),
    stored: stored({ overhead }),
    changes: { spec: { overhead: overhead.podFixed } },
  },
  {
    name: 'the same overhead said already – it is admitted',
    type: pods,
    object: pod({ ...inVm, overhead: overhead.podFixed }),
    stored: stored({ overhead }),
  },
  {
    name: 'the same overhead in another spelling – it is the class’s',
    type: pods,
    object: pod({ ...inVm, overhead: { memory: '65536Ki' } }),
    stored: stored({ overhead }),
    changes: { spec: { overhead: overhead.podFixed } },
  },
  {
    name: 'another overhead said – it is refused',
    type: pods,
    object: pod({ ...inVm, overhead: { cpu: '1' } }),
    stored: stored({ overhead }),
    refusal: forbidden(other),
  },
  {
    name: 'an overhead said where the class has none – it is refused',
    type: pods,
    object: pod({ ...inVm, overhead: { cpu: '1' } }),
    stored: stored(),
    refusal: forbidden('pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead'),
  },
  {
    name: 'an empty overhead said without a class – it is refused',
    type: pods,
    object: pod({ overhead: {} }),
    refusal: forbidden('pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead'),
  },
  {
    name: 'an overhead said without a class – it is refused',
    type: pods,
    object: pod({ overhead: { cpu: '1' } }),
    refusal: forbidden('pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead'),
  },
  {
    name: 'a class with rules of scheduling – they are added',
    type: pods,
    object: pod({ ...inVm, nodeSelector: { a: 'b' } }),
    stored: stored({ scheduling }),
    changes: { spec: { nodeSelector: { vm: 'yes' }, tolerations } },
  },
  {
    name: 'the same toleration said already – it is not doubled',
    type: pods,
    object: pod({ ...inVm, tolerations }),
    stored: stored({ scheduling: { tolerations } }),
  },
  {
    name: 'a node selector that contradicts – it is refused',
    type: pods,
    object: pod({ ...inVm, nodeSelector: { vm: 'no' } }),
    stored: stored({ scheduling }),
    refusal: forbidden(
      'conflict: runtimeClass.scheduling.nodeSelector[vm] = yes; pod.spec.nodeSelector[vm] = no',
    ),
  },
  {
    name: 'an update – nothing changes',
    type: pods,
    operation: 'UPDATE',
    object: pod(inVm),
    old: pod(inVm),
    stored: stored({ overhead }),
  },
]);
