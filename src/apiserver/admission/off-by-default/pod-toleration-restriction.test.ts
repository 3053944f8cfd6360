import { namespaces, pods } from '#api/generated/kinds.gen.ts';
import type { Toleration } from '#api/generated/types.gen.ts';
import { newContainer, newPod } from '#testing/objects.ts';
import { testAdmission } from '../../testing/admission.ts';
import { podTolerationRestriction, readTolerationLimits } from './pod-toleration-restriction.ts';

const prefix = 'scheduler.alpha.kubernetes.io/';
const a: Toleration = { key: 'a', operator: 'Exists', effect: 'NoSchedule' };
const b: Toleration = { key: 'b', operator: 'Equal', value: 'x', effect: 'NoExecute', tolerationSeconds: 60 };
const pressure = { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' };
const namespaceWith = (annotations: Record<string, Toleration[] | string> = {}) => {
  const texts = Object.entries(annotations).map(([name, value]) => [
    prefix + name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  return [[namespaces, { metadata: { name: 'default', annotations: Object.fromEntries(texts) } }]] as const;
};
const pod = (...tolerations: Toleration[]) => newPod('p', tolerations.length > 0 ? { tolerations } : {});
const limits = readTolerationLimits({
  apiVersion: 'podtolerationrestriction.admission.k8s.io/v1alpha1',
  kind: 'Configuration',
  default: [a],
  whitelist: [a, { key: 'b', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 100 }, pressure],
});
const conflict = (whose: string) =>
  `500 pod tolerations (possibly merged with namespace default tolerations) conflict with its ${whose} whitelist`;

testAdmission('PodTolerationRestriction', (reader) => podTolerationRestriction(reader, limits), [
  {
    name: 'a namespace without defaults – the pod gets those of the cluster',
    type: pods,
    object: pod(b),
    stored: namespaceWith(),
    changes: { spec: { tolerations: [b, a] } },
  },
  {
    name: 'a namespace with defaults – the pod gets them, and of two the wider',
    type: pods,
    object: pod(b),
    stored: namespaceWith({ defaultTolerations: [{ ...b, operator: 'Exists' }], tolerationsWhitelist: '' }),
    changes: { spec: { tolerations: [{ ...b, operator: 'Exists' }] } },
  },
  {
    name: 'a pod that requests memory – tolerates memory pressure',
    type: pods,
    object: newPod('p', { containers: [newContainer({ resources: { requests: { memory: '1Gi' } } })] }),
    stored: namespaceWith({ defaultTolerations: '' }),
    changes: { spec: { tolerations: [pressure] } },
  },
  {
    name: 'a toleration that the namespace does not allow – the pod is refused',
    type: pods,
    object: pod(b),
    stored: namespaceWith({ tolerationsWhitelist: [a] }),
    refusal: conflict('namespace'),
  },
  {
    name: 'a toleration for longer than the cluster allows – an update is refused',
    type: pods,
    operation: 'UPDATE',
    object: pod({ ...b, tolerationSeconds: 101 }),
    old: pod(),
    stored: namespaceWith(),
    refusal: conflict('cluster'),
  },
  {
    name: 'defaults of the namespace with an unknown field – the pod gets what a toleration has',
    type: pods,
    object: pod(),
    stored: namespaceWith({
      defaultTolerations: '[{"key":"a","operator":"Exists","effect":"NoSchedule","x":{}}]',
      tolerationsWhitelist: '',
    }),
    changes: { spec: { tolerations: [a] } },
  },
  ...(
    [
      ['[{"tolerationSeconds":1e400}]', 'number 1e400 into Go value of type float64'],
      ['[5]', 'number into Go value of type v1.Toleration'],
      ['5', 'number into Go value of type []v1.Toleration'],
      ['{}', 'object into Go value of type []v1.Toleration'],
      ['[{"key":5}]', 'number into Go struct field Toleration.key of type string'],
    ] as const
  ).flatMap(([text, why]) =>
    ['defaultTolerations', 'tolerationsWhitelist'].map((annotation) => ({
      name: `${annotation} of the namespace that are ${text} – the pod is refused`,
      type: pods,
      object: pod(b),
      stored: namespaceWith({ [annotation]: text }),
      refusal: `500 json: cannot unmarshal ${why}`,
    })),
  ),
]);
