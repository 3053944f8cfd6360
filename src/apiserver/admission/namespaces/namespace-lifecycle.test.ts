import {
  configMaps,
  localSubjectAccessReviews,
  namespaces,
  nodes,
  pods,
  serviceAccounts,
} from '#api/generated/kinds.gen.ts';
import { testAdmission } from '../../testing/admission.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';

const namespace = (more = {}) => [namespaces, { metadata: { name: 'default' }, ...more }] as const;
const terminating = namespace({ status: { phase: 'Terminating' } });
const deleted = namespace({ metadata: { name: 'default', deletionTimestamp: '2026-01-01T00:00:00Z' } });
const object = { metadata: { name: 'x' } };
const missing = '404 namespaces "default" not found';
const going = (what: string) =>
  `403 ${what} "x" is forbidden: unable to create new content in namespace default because it is being terminated`;
const ofNamespace = (name: string) =>
  ({ type: namespaces, operation: 'DELETE', old: { metadata: { name } } }) as const;

testAdmission('NamespaceLifecycle', namespaceLifecycle, [
  {
    name: 'an object in a namespace that is there – it is admitted',
    type: configMaps,
    object,
    stored: [namespace()],
  },
  {
    name: 'an object in a namespace that is not there – it is refused',
    type: configMaps,
    object,
    refusal: missing,
  },
  {
    name: 'an object in a namespace that terminates – it is refused',
    type: configMaps,
    object,
    stored: [terminating],
    refusal: going('configmaps'),
  },
  {
    name: 'an object in a namespace with a deletionTimestamp – it is refused',
    type: configMaps,
    object,
    stored: [deleted],
    refusal: going('configmaps'),
  },
  {
    name: 'an eviction in a namespace that is not there – it is refused',
    type: pods,
    subresource: 'eviction',
    object,
    refusal: missing,
  },
  {
    name: 'a token in a namespace that terminates – it is refused',
    type: serviceAccounts,
    subresource: 'token',
    object,
    stored: [terminating],
    refusal: going('serviceaccounts'),
  },
  {
    name: 'a local access review in a namespace that is not there – it is admitted',
    type: localSubjectAccessReviews,
    object,
  },
  { name: 'an object without a namespace – it is admitted', type: nodes, object },
  { name: 'a namespace itself – it is admitted', type: namespaces, object },
  {
    name: 'an update in a namespace that terminates – it is admitted',
    type: configMaps,
    operation: 'UPDATE',
    object,
    old: object,
    stored: [terminating],
  },
  {
    name: 'a deletion in a namespace that terminates – it is admitted',
    type: configMaps,
    operation: 'DELETE',
    old: object,
    stored: [terminating],
  },
  ...['default', 'kube-system', 'kube-public'].map((name) => ({
    name: `the deletion of ${name} – it is refused`,
    ...ofNamespace(name),
    refusal: `403 namespaces "${name}" is forbidden: this namespace may not be deleted`,
  })),
  { name: 'the deletion of any other namespace – it is admitted', ...ofNamespace('kube-node-lease') },
  {
    name: 'the deletion of an object called default – it is admitted',
    type: configMaps,
    operation: 'DELETE',
    old: { metadata: { name: 'default' } },
  },
]);
