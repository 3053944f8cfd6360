import { configMaps } from '#api/generated/kinds.gen.ts';
import { testAdmission } from '../../testing/admission.ts';
import { alwaysDeny } from './always-deny.ts';

testAdmission('AlwaysDeny', () => alwaysDeny, [
  {
    name: 'any write – it is refused',
    type: configMaps,
    object: { metadata: { name: 'c' } },
    refusal: '403 configmaps "c" is forbidden: admission control is denying all modifications',
  },
]);
