import { pods } from '#api/generated/kinds.gen.ts';
import type { Toleration } from '#api/generated/types.gen.ts';
import { newPod } from '#testing/objects.ts';
import { testAdmission } from '../../testing/admission.ts';
import { defaultTolerationSeconds } from './default-toleration-seconds.ts';

const added = (taint: string) => ({
  key: `node.kubernetes.io/${taint}`,
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: 300,
});
const [notReady, unreachable] = [added('not-ready'), added('unreachable')];
const pod = (tolerations?: Toleration[]) => newPod('p', tolerations ? { tolerations } : {});
const having = (...tolerations: object[]) => ({ spec: { tolerations } });
const forever = { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' };
const everything = { operator: 'Exists' };
const noSchedule = { ...forever, effect: 'NoSchedule' };

testAdmission(
  'DefaultTolerationSeconds',
  () => defaultTolerationSeconds({ notReady: 300, unreachable: 300 }),
  [
    {
      name: 'a pod without tolerations – it has both',
      type: pods,
      object: pod(),
      changes: having(notReady, unreachable),
    },
    {
      name: 'a pod that tolerates one of the taints its own way – the other is added',
      type: pods,
      object: pod([forever]),
      changes: having(forever, unreachable),
    },
    { name: 'a pod that tolerates everything – nothing changes', type: pods, object: pod([everything]) },
    {
      name: 'a pod that tolerates another effect – both are added',
      type: pods,
      object: pod([noSchedule]),
      changes: having(noSchedule, notReady, unreachable),
    },
    {
      name: 'an update that leaves them out – they are added',
      type: pods,
      operation: 'UPDATE',
      object: pod(),
      old: pod(),
      changes: having(notReady, unreachable),
    },
    {
      name: 'the status of a pod – nothing changes',
      type: pods,
      operation: 'UPDATE',
      subresource: 'status',
      object: pod(),
      old: pod(),
    },
  ],
);
