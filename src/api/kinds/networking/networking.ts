/** Ingress, IngressClass and NetworkPolicy: the few defaults they have, and what a class names. */

import type { Ingress, IngressClass, NetworkPolicy, NetworkPolicySpec } from '../../generated/types.gen.ts';
import { checkDomainPrefixedPath, checkField, checkImmutable } from '../../validation/field-checks.ts';
import {
  type FieldError,
  forbiddenField,
  notSupported,
  required,
  tooLong,
} from '../../validation/field-error.ts';
import { byteLength, dns1123Label } from '../../validation/validators.ts';
import { keepStatus } from '../shared/status-handling.ts';
import type { Strategy } from '../shared/strategy.ts';
import {
  classAnnotation,
  validateIngress,
  validateIngressCreate,
  validateIngressStatus,
} from './ingress-validation.ts';
import { validateNetworkPolicySpec } from './network-policy-validation.ts';

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
    if (ingress.metadata?.annotations?.[classAnnotation] === undefined) return [];
    return [`annotation "${classAnnotation}" is deprecated, please use 'spec.ingressClassName' instead`];
  },
};

export const ingressClass: Strategy<IngressClass> = {
  hasGeneration: true,
  setDefaults(ingressClass) {
    const parameters = ingressClass.spec?.parameters;
    if (parameters) parameters.scope ??= 'Cluster';
  },
  validate: validateIngressClass,
  validateUpdate: (now, old) => [
    ...validateIngressClass(now),
    ...checkImmutable('spec.controller', now.spec?.controller, old.spec?.controller),
  ],
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
  validateUpdate: (now, old) => validateNetworkPolicySpec(now.spec!, old.spec),
};

const controllerMaxBytes = 250;

/** The controller is a path under a domain: `example.com/ingress-controller`. */
function validateIngressClass({ spec }: IngressClass): FieldError[] {
  const field = 'spec.controller';
  const controller = spec?.controller ?? '';
  const errors = byteLength(controller) > controllerMaxBytes ? [tooLong(field, controllerMaxBytes)] : [];
  errors.push(...checkDomainPrefixedPath(field, controller));
  const parameters = spec?.parameters;
  if (!parameters) return errors;
  const at = 'spec.parameters';
  if (!parameters.kind) errors.push(required(`${at}.kind`, 'kind is required'));
  if (!parameters.name) errors.push(required(`${at}.name`, 'name is required'));
  const scopes = ['Cluster', 'Namespace'];
  if (!scopes.includes(parameters.scope ?? '')) {
    errors.push(notSupported(`${at}.scope`, parameters.scope ?? '', scopes));
  } else if (parameters.scope === 'Namespace' && !parameters.namespace) {
    errors.push(required(`${at}.namespace`, "`parameters.scope` is set to 'Namespace'"));
  } else if (parameters.scope === 'Namespace') {
    errors.push(...checkField(`${at}.namespace`, parameters.namespace!, dns1123Label));
  } else if (parameters.namespace !== undefined) {
    errors.push(forbiddenField(`${at}.namespace`, "`parameters.scope` is set to 'Cluster'"));
  }
  return errors;
}
