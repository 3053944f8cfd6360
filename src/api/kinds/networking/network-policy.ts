/** NetworkPolicy: by default it selects all pods and isolates them for ingress. */

import { networkPolicies } from '../../generated/kinds.gen.ts';
import type { NetworkPolicySpec } from '../../generated/types.gen.ts';
import { ageOf, nameOf } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, column, nameColumn } from '../../kind/printer.ts';
import { formatLabelSelector } from '../../selectors/selector.ts';
import { validateNetworkPolicySpec } from './network-policy-validation.ts';

export const networkPolicy = defineKind(networkPolicies, {
  hasGeneration: true,
  comparesLiterally: true,
  setDefaults(policy) {
    policy.spec ??= {} as NetworkPolicySpec;
    const spec = policy.spec;
    spec.podSelector ??= {};
    for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) {
      for (const port of rule.ports ?? []) port.protocol ??= 'TCP';
    }
    // By default a policy isolates for ingress, and for egress only if it has egress rules.
    if (!spec.policyTypes?.length) {
      spec.policyTypes = spec.egress?.length ? ['Ingress', 'Egress'] : ['Ingress'];
    }
  },
  validate: ({ spec }) => validateNetworkPolicySpec(spec!),
  validateUpdate: (now, old) => validateNetworkPolicySpec(now.spec!, old.spec),
  printer: {
    columns: [nameColumn, column('Pod-Selector'), ageColumn],
    cells: (policy, now) => [
      nameOf(policy),
      formatLabelSelector(policy.spec?.podSelector ?? {}),
      ageOf(policy, now),
    ],
  },
});
