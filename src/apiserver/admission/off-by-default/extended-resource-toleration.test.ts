import { pods } from '#api/generated/kinds.gen.ts';
import type { Toleration } from '#api/generated/types.gen.ts';
import { newContainer, newPod } from '#testing/objects.ts';
import { testAdmission } from '../../testing/admission.ts';
import { extendedResourceToleration } from './extended-resource-toleration.ts';

const pod = (requests: Record<string, string>, tolerations?: Toleration[]) =>
  newPod('p', {
    containers: [newContainer({ resources: { requests } })],
    ...(tolerations ? { tolerations } : {}),
  });
const tolerationOf = (key: string) => ({ key, operator: 'Exists', effect: 'NoSchedule' });

testAdmission('ExtendedResourceToleration', () => extendedResourceToleration, [
  { name: 'a pod requests cpu – nothing changes', type: pods, object: pod({ cpu: '1' }) },
  {
    name: 'a pod requests two extended resources – it tolerates both taints',
    type: pods,
    object: pod({ 'example.com/b': '1', 'example.com/a': '1' }),
    changes: { spec: { tolerations: [tolerationOf('example.com/a'), tolerationOf('example.com/b')] } },
  },
  {
    name: 'a pod tolerates the taint – nothing changes',
    type: pods,
    object: pod({ 'example.com/a': '1' }, [tolerationOf('example.com/a')]),
  },
]);
