/** Ingress, IngressClass and NetworkPolicy: the few defaults they have. */

import type { Strategy } from '../strategy.ts';
import type { Ingress, IngressClass, NetworkPolicy, NetworkPolicySpec } from '../types.gen.ts';
import { keepStatus } from './status-handling.ts';

export const ingress: Strategy<Ingress> = {
  hasGeneration: true,
  prepareForCreate(ingress) {
    ingress.status = { loadBalancer: {} };
  },
  prepareForUpdate: keepStatus,
};

export const ingressClass: Strategy<IngressClass> = {
  hasGeneration: true,
  setDefaults(ingressClass) {
    const parameters = ingressClass.spec?.parameters;
    if (parameters) parameters.scope ??= 'Cluster';
  },
};

export const networkPolicy: Strategy<NetworkPolicy> = {
  hasGeneration: true,
  setDefaults(policy) {
    policy.spec ??= {} as NetworkPolicySpec;
    const spec = policy.spec;
    spec.podSelector ??= {};
    for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) {
      for (const port of rule.ports ?? []) port.protocol ??= 'TCP';
    }
    // A policy always isolates for ingress; for egress only when it says something about it.
    if (!spec.policyTypes?.length) {
      spec.policyTypes = spec.egress?.length ? ['Ingress', 'Egress'] : ['Ingress'];
    }
  },
};
