/** Ingress, IngressClass and NetworkPolicy: the few defaults they have. */

import type { Strategy } from '../strategy.ts';
import type { Ingress, IngressClass, NetworkPolicy, NetworkPolicySpec } from '../types.gen.ts';
import { validateIngress, validateIngressCreate, validateIngressStatus } from './ingress-validation.ts';
import { validateNetworkPolicySpec } from './network-policy-validation.ts';
import { keepStatus } from './status-handling.ts';

export const ingress: Strategy<Ingress> = {
  hasGeneration: true,
  prepareForCreate(ingress) {
    ingress.status = { loadBalancer: {} };
  },
  prepareForUpdate: keepStatus,
  validate: validateIngressCreate,
  validateUpdate: validateIngress,
  validateStatusUpdate: validateIngressStatus,
  warnings: (ingress) => {
    const key = 'kubernetes.io/ingress.class';
    if (ingress.metadata?.annotations?.[key] === undefined) return [];
    return [`annotation "${key}" is deprecated, please use 'spec.ingressClassName' instead`];
  },
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
  validate: ({ spec }) => validateNetworkPolicySpec(spec!),
};
