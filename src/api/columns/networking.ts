/** The columns of Ingress, IngressClass, NetworkPolicy, IPAddress and ServiceCIDR. */

import {
  ingressClasses,
  ingresses,
  ipAddresses,
  networkPolicies,
  serviceCIDRs,
} from '../generated/kinds.gen.ts';
import { formatLabelSelector } from '../selectors/selector.ts';
import { ageOf, firstOf, nameOf, none, orNone } from './cells.ts';
import { ageColumn, column, definePrinted, nameColumn } from './define.ts';

export const ingressColumns = definePrinted(
  ingresses,
  [nameColumn, column('Class'), column('Hosts'), column('Address'), column('Ports'), ageColumn],
  (one, nowMs) => {
    const hosts = (one.spec?.rules ?? []).map((rule) => rule.host ?? '').filter(Boolean);
    const balancers = (one.status?.loadBalancer?.ingress ?? []).map((at) => at.ip || at.hostname || '');
    return [
      nameOf(one),
      orNone(one.spec?.ingressClassName),
      firstOf(hosts, 3) || '*',
      balancers.filter(Boolean).join(','),
      one.spec?.tls?.length ? '80, 443' : '80',
      ageOf(one, nowMs),
    ];
  },
);

export const ingressClassColumns = definePrinted(
  ingressClasses,
  [nameColumn, column('Controller'), column('Parameters'), ageColumn],
  (one, nowMs) => {
    const to = one.spec?.parameters;
    const parameters = to ? `${to.kind}${to.apiGroup ? `.${to.apiGroup}` : ''}/${to.name}` : none;
    return [nameOf(one), one.spec?.controller ?? '', parameters, ageOf(one, nowMs)];
  },
);

export const networkPolicyColumns = definePrinted(
  networkPolicies,
  [nameColumn, column('Pod-Selector'), ageColumn],
  (one, nowMs) => [nameOf(one), formatLabelSelector(one.spec?.podSelector ?? {}), ageOf(one, nowMs)],
);

export const ipAddressColumns = definePrinted(
  ipAddresses,
  [nameColumn, column('ParentRef'), ageColumn],
  (one, nowMs) => {
    const { group, resource, namespace, name } = one.spec?.parentRef ?? { resource: '', name: '' };
    const parent = [group ? `${resource}.${group}` : resource, namespace, name].filter(Boolean).join('/');
    return [nameOf(one), parent, ageOf(one, nowMs)];
  },
);

export const serviceCidrColumns = definePrinted(
  serviceCIDRs,
  [nameColumn, column('CIDRs'), ageColumn],
  (one, nowMs) => [nameOf(one), (one.spec?.cidrs ?? []).join(','), ageOf(one, nowMs)],
);
