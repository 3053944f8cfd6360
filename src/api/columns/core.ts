/** The columns of the small core kinds: Namespace, Secret, ConfigMap, ServiceAccount, PodTemplate, ResourceQuota. */

import {
  componentStatuses,
  configMaps,
  namespaces,
  podTemplates,
  resourceQuotas,
  secrets,
  serviceAccounts,
} from '../generated/kinds.gen.ts';
import type { ResourceQuota } from '../generated/types.gen.ts';
import { ageOf, containerImages, containerNames, formatLabels, nameOf } from './cells.ts';
import { ageColumn, column, definePrinted, nameColumn } from './define.ts';

export const namespaceColumns = definePrinted(
  namespaces,
  [nameColumn, column('Status'), ageColumn],
  (one, nowMs) => [nameOf(one), one.status?.phase ?? '', ageOf(one, nowMs)],
);

export const secretColumns = definePrinted(
  secrets,
  [nameColumn, column('Type'), column('Data', 'integer'), ageColumn],
  (one, nowMs) => [nameOf(one), one.type ?? '', Object.keys(one.data ?? {}).length, ageOf(one, nowMs)],
);

export const configMapColumns = definePrinted(
  configMaps,
  [nameColumn, column('Data', 'integer'), ageColumn],
  (one, nowMs) => {
    const keys = Object.keys(one.data ?? {}).length + Object.keys(one.binaryData ?? {}).length;
    return [nameOf(one), keys, ageOf(one, nowMs)];
  },
);

export const serviceAccountColumns = definePrinted(
  serviceAccounts,
  [nameColumn, column('Secrets', 'integer'), ageColumn],
  (one, nowMs) => [nameOf(one), one.secrets?.length ?? 0, ageOf(one, nowMs)],
);

export const podTemplateColumns = definePrinted(
  podTemplates,
  [nameColumn, column('Containers'), column('Images'), column('Pod Labels')],
  (one) => [
    nameOf(one),
    containerNames(one.template?.spec?.containers),
    containerImages(one.template?.spec?.containers),
    formatLabels(one.template?.metadata?.labels),
  ],
);

export const resourceQuotaColumns = definePrinted(
  resourceQuotas,
  [nameColumn, column('Request'), column('Limit'), ageColumn],
  (one, nowMs) => [nameOf(one), quotaText(one, false), quotaText(one, true), ageOf(one, nowMs)],
);

function quotaText(quota: ResourceQuota, limits: boolean): string {
  const { hard = {}, used = {} } = quota.status ?? {};
  const names = Object.keys(hard).sort();
  return names
    .filter((name) => name.startsWith('limits') === limits)
    .map((name) => `${name}: ${used[name] ?? '0'}/${hard[name]}`)
    .join(', ');
}

export const componentStatusColumns = definePrinted(
  componentStatuses,
  [nameColumn, column('Status'), column('Message'), column('Error')],
  (one) => {
    const health = one.conditions?.find((condition) => condition.type === 'Healthy');
    const word = health?.status === 'True' ? 'Healthy' : health?.status === 'False' ? 'Unhealthy' : 'Unknown';
    return [nameOf(one), word, health?.message ?? '', health?.error ?? ''];
  },
);
