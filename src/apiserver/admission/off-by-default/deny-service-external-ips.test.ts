import { services } from '#api/generated/kinds.gen.ts';
import { newService } from '#testing/objects/services.ts';
import { testAdmission } from '../../testing/admission.ts';
import { denyServiceExternalIps } from './deny-service-external-ips.ts';

const service = (...externalIPs: string[]) => newService('s', { externalIPs });
const refusal = '403 services "s" is forbidden: Use of external IPs is denied by admission control';

testAdmission('DenyServiceExternalIPs', () => denyServiceExternalIps, [
  { name: 'a Service without external addresses – it is admitted', type: services, object: service() },
  {
    name: 'a Service with one – it is refused',
    type: services,
    object: service('192.0.2.1'),
    refusal,
  },
  {
    name: 'an update with fewer addresses – it is admitted',
    type: services,
    operation: 'UPDATE',
    object: service('192.0.2.1'),
    old: service('192.0.2.1', '192.0.2.2'),
  },
  {
    name: 'an update with another address – it is refused',
    type: services,
    operation: 'UPDATE',
    object: service('192.0.2.3'),
    old: service('192.0.2.1'),
    refusal,
  },
]);
