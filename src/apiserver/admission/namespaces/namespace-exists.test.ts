import { configMaps, namespaces } from '#api/generated/kinds.gen.ts';
import { testAdmission } from '../../testing/admission.ts';
import { namespaceExists } from './namespace-exists.ts';

const object = { metadata: { name: 'c', namespace: 'default' } };

testAdmission('NamespaceExists', namespaceExists, [
  {
    name: 'the namespace exists – it is admitted',
    type: configMaps,
    object,
    stored: [[namespaces, { metadata: { name: 'default' } }]],
  },
  {
    name: 'the namespace is missing – it is refused',
    type: configMaps,
    object,
    refusal: '404 namespaces "default" not found',
  },
  { name: 'a namespace itself – it is admitted', type: namespaces, object: { metadata: { name: 'x' } } },
]);
