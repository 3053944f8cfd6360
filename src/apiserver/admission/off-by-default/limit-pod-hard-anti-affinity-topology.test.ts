import { pods } from '#api/generated/kinds.gen.ts';
import { newPod } from '#testing/objects.ts';
import { testAdmission } from '../../testing/admission.ts';
import { limitPodHardAntiAffinityTopology } from './limit-pod-hard-anti-affinity-topology.ts';

const pod = (topologyKey: string) =>
  newPod('p', {
    affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey }] } },
  });

testAdmission('LimitPodHardAntiAffinityTopology', () => limitPodHardAntiAffinityTopology, [
  { name: 'apart by node – it is admitted', type: pods, object: pod('kubernetes.io/hostname') },
  {
    name: 'apart by zone – it is refused',
    type: pods,
    object: pod('zone'),
    refusal:
      '403 pods "p" is forbidden: affinity.PodAntiAffinity.RequiredDuringScheduling has TopologyKey zone but only key kubernetes.io/hostname is allowed',
  },
]);
