/** IngressClass: a controller, named by a path under its domain, and a reference to its parameters. */

import { ingressClasses } from '../../generated/kinds.gen.ts';
import type { IngressClass } from '../../generated/types.gen.ts';
import { ageOf, nameOf, none } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, column, nameColumn } from '../../kind/printer.ts';
import { checkDomainPrefixedPath, checkField, checkImmutable } from '../../validation/field-checks.ts';
import {
  type FieldError,
  forbiddenField,
  notSupported,
  required,
  tooLong,
} from '../../validation/field-error.ts';
import { byteLength, dns1123Label, dns1123Subdomain, pathSegmentName } from '../../validation/validators.ts';

export const ingressClass = defineKind(ingressClasses, {
  hasGeneration: true,
  setDefaults(ingressClass) {
    const parameters = ingressClass.spec?.parameters;
    if (parameters) parameters.scope ??= 'Cluster';
  },
  validate: validateIngressClass,
  updateChecks: ['metadataChange', 'metadata', 'change'],
  validateUpdate: (now, old) => [
    ...checkImmutable('spec.controller', now.spec?.controller ?? '', old.spec?.controller),
    ...validateIngressClass(now),
  ],
  printer: {
    columns: [nameColumn, column('Controller'), column('Parameters'), ageColumn],
    cells: (ingressClass, now) => {
      const to = ingressClass.spec?.parameters;
      const parameters = to ? `${to.kind}${to.apiGroup ? `.${to.apiGroup}` : ''}/${to.name}` : none;
      return [
        nameOf(ingressClass),
        ingressClass.spec?.controller ?? '',
        parameters,
        ageOf(ingressClass, now),
      ];
    },
  },
});

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
  if (parameters.apiGroup !== undefined) {
    errors.push(...checkField(`${at}.apiGroup`, parameters.apiGroup, dns1123Subdomain));
  }
  for (const key of ['kind', 'name'] as const) {
    if (parameters[key]) errors.push(...checkField(`${at}.${key}`, parameters[key], pathSegmentName));
    else errors.push(required(`${at}.${key}`));
  }
  const scopes = ['Cluster', 'Namespace'];
  if (!scopes.includes(parameters.scope ?? '')) {
    errors.push(notSupported(`${at}.scope`, parameters.scope ?? '', scopes));
  } else if (parameters.scope === 'Namespace' && parameters.namespace === undefined) {
    errors.push(required(`${at}.namespace`, "`parameters.scope` is set to 'Namespace'"));
  } else if (parameters.scope === 'Namespace') {
    errors.push(...checkField(`${at}.namespace`, parameters.namespace!, dns1123Label));
  } else if (parameters.namespace !== undefined) {
    errors.push(forbiddenField(`${at}.namespace`, "`parameters.scope` is set to 'Cluster'"));
  }
  return errors;
}
