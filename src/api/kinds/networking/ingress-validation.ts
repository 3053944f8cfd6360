/** Ingress rules: hosts, paths, backends, TLS. */

import type {
  HTTPIngressPath,
  Ingress,
  IngressBackend,
  IngressRule,
  IngressTLS,
} from '../../generated/types.gen.ts';
import { checkField, checkPort } from '../../validation/field-checks.ts';
import { type FieldError, invalidValue, notSupported, required } from '../../validation/field-error.ts';
import {
  dns1123Label,
  dns1123Subdomain,
  pathSegmentName,
  portName,
  wildcardDns1123Subdomain,
} from '../../validation/validators.ts';
import { parseIp } from '../../values/ip.ts';
import {
  addressesIn,
  checkBalancerHostname,
  checkBalancerIp,
  notAnAddress,
} from '../services/load-balancer-status.ts';

const pathTypes = ['Exact', 'ImplementationSpecific', 'Prefix'];
const badSequences = ['//', '/./', '/../', '%2f', '%2F'];
const badSuffixes = ['/..', '/.'];
export const classAnnotation = 'kubernetes.io/ingress.class';

export function validateIngress(ingress: Ingress): FieldError[] {
  const { rules = [], defaultBackend, tls = [], ingressClassName } = ingress.spec ?? {};
  const errors: FieldError[] = [];
  if (rules.length === 0 && !defaultBackend) {
    errors.push(
      invalidValue('spec', ingress.spec?.rules, 'either `defaultBackend` or `rules` must be specified'),
    );
  }
  if (defaultBackend) errors.push(...validateBackend(defaultBackend, 'spec.defaultBackend'));
  for (const [i, rule] of rules.entries()) errors.push(...validateRule(rule, `spec.rules[${i}]`));
  for (const [i, entry] of tls.entries()) errors.push(...validateTls(entry, `spec.tls[${i}]`));
  if (ingressClassName !== undefined) {
    errors.push(...checkField('spec.ingressClassName', ingressClassName, dns1123Subdomain));
  }
  return errors;
}

export function validateIngressCreate(ingress: Ingress): FieldError[] {
  const errors = validateIngress(ingress);
  const annotation = ingress.metadata?.annotations?.[classAnnotation];
  const name = ingress.spec?.ingressClassName;
  if (annotation !== undefined && name !== undefined && annotation !== name) {
    const text = 'must match `ingressClassName` when both are specified';
    errors.push(invalidValue(`annotations.${classAnnotation}`, annotation, text));
  }
  return errors;
}

function hostRule(host: string): (host: string) => string[] {
  return host.includes('*') ? wildcardDns1123Subdomain : dns1123Subdomain;
}

function validateTls(tls: IngressTLS, path: string): FieldError[] {
  const hosts = (tls.hosts ?? []).flatMap((host, i) =>
    checkField(`${path}.hosts[${i}]`, host, hostRule(host)),
  );
  return tls.secretName
    ? [...hosts, ...checkField(`${path}.secretName`, tls.secretName, dns1123Subdomain)]
    : hosts;
}

function validateRule(rule: IngressRule, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const host = rule.host ?? '';
  if (host) {
    if (parseIp(host)) errors.push(invalidValue(`${path}.host`, host, notAnAddress));
    errors.push(...checkField(`${path}.host`, host, hostRule(host)));
  }
  if (!rule.http) return errors;
  const paths = rule.http.paths ?? [];
  if (paths.length === 0) errors.push(required(`${path}.http.paths`));
  return [...errors, ...paths.flatMap((entry, i) => validatePath(entry, `${path}.http.paths[${i}]`))];
}

function validatePath(entry: HTTPIngressPath, path: string): FieldError[] {
  // Upstream writes both pointers when they are not set: as null.
  if ((entry.pathType ?? undefined) === undefined) {
    return [required(`${path}.pathType`, 'pathType must be specified')];
  }
  const errors: FieldError[] = [];
  const text = entry.path ?? '';
  const at = `${path}.path`;
  if (entry.pathType === 'Exact' || entry.pathType === 'Prefix') {
    if (!text.startsWith('/')) errors.push(invalidValue(at, text, 'must be an absolute path'));
    if (text) {
      for (const part of badSequences) {
        if (text.includes(part)) errors.push(invalidValue(at, text, `must not contain '${part}'`));
      }
      for (const part of badSuffixes) {
        if (text.endsWith(part)) errors.push(invalidValue(at, text, `cannot end with '${part}'`));
      }
    }
  } else if (entry.pathType === 'ImplementationSpecific') {
    if (text && !text.startsWith('/')) errors.push(invalidValue(at, text, 'must be an absolute path'));
  } else {
    errors.push(notSupported(`${path}.pathType`, entry.pathType, pathTypes));
  }
  return [...errors, ...validateBackend(entry.backend ?? {}, `${path}.backend`)];
}

function validateBackend(backend: IngressBackend, path: string): FieldError[] {
  const { service, resource } = backend;
  if (service && resource) {
    return [invalidValue(path, '', 'cannot set both resource and service backends')];
  }
  if (!service && !resource) {
    return [invalidValue(path, '', 'resource or service backend is required')];
  }
  if (resource) return validateResource(resource, `${path}.resource`);
  return validateServiceBackend(service!, path);
}

function validateResource(
  { apiGroup, kind, name }: NonNullable<IngressBackend['resource']>,
  path: string,
): FieldError[] {
  return [
    ...((apiGroup ?? undefined) === undefined
      ? []
      : checkField(`${path}.apiGroup`, apiGroup, dns1123Subdomain)),
    ...(kind ? checkField(`${path}.kind`, kind, pathSegmentName) : [required(`${path}.kind`)]),
    ...(name ? checkField(`${path}.name`, name, pathSegmentName) : [required(`${path}.name`)]),
  ];
}

function validateServiceBackend(service: NonNullable<IngressBackend['service']>, path: string): FieldError[] {
  const errors = service.name
    ? checkField(`${path}.service.name`, service.name, dns1123Label)
    : [required(`${path}.service.name`)];
  const { name, number } = service.port ?? {};
  if (name && number) {
    return [...errors, invalidValue(path, '', 'cannot set both port name & port number')];
  }
  if (name) return [...errors, ...checkField(`${path}.service.port.name`, name, portName)];
  if (number) {
    return [...errors, ...checkPort(`${path}.service.port.number`, number)];
  }
  return [...errors, required(path, 'port name or number is required')];
}

export function validateIngressStatus(ingress: Ingress, old: Ingress): FieldError[] {
  const kept = addressesIn(old.status?.loadBalancer?.ingress);
  return (ingress.status?.loadBalancer?.ingress ?? []).flatMap((place, i) => {
    const path = `status.loadBalancer.ingress[${i}]`;
    return [...checkBalancerIp(place, kept, path), ...checkBalancerHostname(place, path)];
  });
}
