/** Leases, case by case as in upstream's table. */

import { type KindCases, runCases } from '#testing/kind-cases.ts';

const noDuration = (seconds: number) =>
  `spec.leaseDurationSeconds: Invalid value: ${seconds}: must be greater than 0`;
const badTransitions = 'spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0';
const cases: KindCases['create'] = [
  [{ spec: {} }, []],
  [{ 'spec.leaseDurationSeconds': 0 }, [noDuration(0)]],
  [{ 'spec.leaseDurationSeconds': -1 }, [noDuration(-1)]],
  [{ 'spec.leaseTransitions': -1 }, [badTransitions]],
  [{ spec: { leaseDurationSeconds: 0, leaseTransitions: -1 } }, [noDuration(0), badTransitions]],
  [{ 'spec.strategy': 'odd strategy', 'spec.preferredHolder': 'someone' }, []],
];

runCases([
  {
    kind: ['coordination.k8s.io', 'leases'],
    valid: {
      metadata: { name: 'holder', namespace: 'default' },
      spec: { holderIdentity: 'holder', leaseDurationSeconds: 30, leaseTransitions: 0 },
    },
    create: cases,
    update: cases,
  },
]);
