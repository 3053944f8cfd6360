import { pods, priorityClasses } from '#api/generated/kinds.gen.ts';
import type { PodSpec } from '#api/generated/types.gen.ts';
import { newPod } from '#testing/objects.ts';
import { testAdmission } from '../../testing/admission.ts';
import { priority } from './priority.ts';

const pod = (spec: Partial<PodSpec> = {}) => newPod('p', spec);
const classOf = (name: string, value: number, more: object = {}) => ({ metadata: { name }, value, ...more });
const stored = (...classes: ReturnType<typeof classOf>[]) =>
  classes.map((priorityClass) => [priorityClasses, priorityClass] as const);
const globalDefault = true;
const never = { preemptionPolicy: 'Never' };
const set = (spec: object) => ({ spec: { preemptionPolicy: 'PreemptLowerPriority', ...spec } });
const forbidden = (why: string) => `403 pods "p" is forbidden: ${why}`;

testAdmission('Priority of a pod', priority, [
  {
    name: 'no class, and none is the default – it is 0',
    type: pods,
    object: pod(),
    changes: set({ priority: 0 }),
  },
  {
    name: 'no class, and one is the default – it is taken',
    type: pods,
    object: pod(),
    stored: stored(classOf('usual', 7, { globalDefault })),
    changes: set({ priority: 7, priorityClassName: 'usual' }),
  },
  {
    name: 'no class, and two are the default – the lower is taken',
    type: pods,
    object: pod(),
    stored: stored(classOf('b', 9, { globalDefault }), classOf('a', 7, { globalDefault })),
    changes: set({ priority: 7, priorityClassName: 'a' }),
  },
  {
    name: 'a class – its value and policy are taken',
    type: pods,
    object: pod({ priorityClassName: 'high' }),
    stored: stored(classOf('high', 100, never)),
    changes: { spec: { priority: 100, ...never } },
  },
  {
    name: 'a class that is not there – it is refused',
    type: pods,
    object: pod({ priorityClassName: 'high' }),
    changes: {},
    refusal: forbidden('no PriorityClass with name high was found'),
  },
  {
    name: 'a priority of its own that is right – it is admitted',
    type: pods,
    object: pod({ priorityClassName: 'high', priority: 100 }),
    stored: stored(classOf('high', 100)),
    changes: set({}),
  },
  {
    name: 'a priority of its own that is wrong – it is refused',
    type: pods,
    object: pod({ priority: 5 }),
    refusal: forbidden(
      'the integer value of priority (5) must not be provided in pod spec; priority admission controller computed 0 from the given PriorityClass name',
    ),
  },
  {
    name: 'a policy of its own that is wrong – it is refused',
    type: pods,
    object: pod(never),
    refusal: forbidden(
      'the string value of PreemptionPolicy (Never) must not be provided in pod spec; priority admission controller computed PreemptLowerPriority from the given PriorityClass name',
    ),
  },
  {
    name: 'an update that leaves priority and policy out – they stay',
    type: pods,
    operation: 'UPDATE',
    object: pod(),
    old: pod({ priority: 3, ...never }),
    changes: { spec: { priority: 3, ...never } },
  },
  {
    name: 'an update that changes them – that is for validation',
    type: pods,
    operation: 'UPDATE',
    object: pod({ priority: 4 }),
    old: pod({ priority: 3 }),
  },
  {
    name: 'its status – nothing changes',
    type: pods,
    operation: 'UPDATE',
    subresource: 'status',
    object: pod(),
    old: pod({ priority: 3 }),
  },
]);

const taken =
  '403 priorityclasses.scheduling.k8s.io "b" is forbidden: PriorityClass a is already marked as default. Only one default can exist';
const second = { type: priorityClasses, object: classOf('b', 1, { globalDefault }) } as const;

testAdmission('Priority of a class', priority, [
  {
    name: 'a second default – it is refused',
    ...second,
    stored: stored(classOf('a', 1, { globalDefault })),
    refusal: taken,
  },
  {
    name: 'an update to a second default – it is refused',
    ...second,
    operation: 'UPDATE',
    old: classOf('b', 1),
    stored: stored(classOf('a', 1, { globalDefault }), classOf('b', 1)),
    refusal: taken,
  },
  { name: 'the first default – it is admitted', ...second, stored: stored(classOf('a', 1)) },
  {
    name: 'an update of the default – it is admitted',
    ...second,
    operation: 'UPDATE',
    old: second.object,
    stored: stored(second.object),
  },
  {
    name: 'a class that is no default – it is admitted',
    ...second,
    object: classOf('b', 1),
    stored: stored(classOf('a', 1, { globalDefault })),
  },
]);
