import { ingressClasses, ingresses } from '#api/generated/kinds.gen.ts';
import { testAdmission } from '../../testing/admission.ts';
import { defaultIngressClass } from './default-ingress-class.ts';

const isDefault = { 'ingressclass.kubernetes.io/is-default-class': 'true' };
const classOf = (name: string, annotations = {}, creationTimestamp = '2026-01-01T00:00:00Z') =>
  [ingressClasses, { metadata: { name, annotations, creationTimestamp } }] as const;
const ingress = (spec?: object, annotations = {}) => ({
  metadata: { name: 'i', annotations },
  ...(spec ? { spec } : {}),
});
const chosen = (ingressClassName: string) => ({ spec: { ingressClassName } });

testAdmission('DefaultIngressClass', defaultIngressClass, [
  {
    name: 'one class is the default – it is chosen',
    type: ingresses,
    object: ingress({}),
    stored: [classOf('a', isDefault), classOf('b')],
    changes: chosen('a'),
  },
  {
    name: 'two classes are the default – the newest is chosen',
    type: ingresses,
    object: ingress({}),
    stored: [classOf('a', isDefault), classOf('b', isDefault, '2026-01-02T00:00:00Z')],
    changes: chosen('b'),
  },
  {
    name: 'two classes of one time are the default – the first by name is chosen',
    type: ingresses,
    object: ingress({}),
    stored: [classOf('b', isDefault), classOf('a', isDefault)],
    changes: chosen('a'),
  },
  {
    name: 'no class is the default – none is chosen',
    type: ingresses,
    object: ingress({}),
    stored: [classOf('a')],
  },
  {
    name: 'the ingress names a class – it keeps it',
    type: ingresses,
    object: ingress({ ingressClassName: 'z' }),
    stored: [classOf('a', isDefault)],
  },
  {
    name: 'the ingress names none on purpose – it keeps none',
    type: ingresses,
    object: ingress({ ingressClassName: '' }),
    stored: [classOf('a', isDefault)],
  },
  {
    name: 'the ingress names a class by annotation – none is chosen',
    type: ingresses,
    object: ingress({}, { 'kubernetes.io/ingress.class': 'z' }),
    stored: [classOf('a', isDefault)],
  },
  {
    name: 'an update – none is chosen',
    type: ingresses,
    operation: 'UPDATE',
    object: ingress({}),
    old: ingress({}),
    stored: [classOf('a', isDefault)],
  },
]);
