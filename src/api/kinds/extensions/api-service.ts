/** APIService: a group and version that another server serves. */

import { apiServices } from '../../generated/kinds.gen.ts';
import type { APIService } from '../../generated/types.gen.ts';
import { ageOf, nameOf } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, column, nameColumn } from '../../kind/printer.ts';
import { emptyStatus, keepStatus } from '../../kind/status-handling.ts';
import { storedBut } from '../../kind/unbuilt.ts';
import { conditionOf } from '../../meta/conditions.ts';

export const apiService = defineKind(apiServices, {
  hasGeneration: false,
  allowUnconditionalUpdate: false,
  setDefaults(service) {
    if (service.spec?.service) service.spec.service.port ??= 443;
  },
  prepareForCreate: emptyStatus,
  prepareForUpdate: keepStatus,
  keptByStatus: ['labels', 'annotations', 'finalizers', 'ownerReferences'],
  storageFolder: 'apiregistration.k8s.io/apiservices',
  unbuilt: storedBut('does not send requests to other API servers yet'),
  printer: {
    columns: [nameColumn, column('Service'), column('Available'), ageColumn],
    cells: (apiService, nowMs) => {
      const service = apiService.spec?.service;
      const at = service ? `${service.namespace}/${service.name}` : 'Local';
      return [nameOf(apiService), at, availability(apiService), ageOf(apiService, nowMs)];
    },
  },
});

function availability(service: APIService): string {
  const condition = conditionOf(service.status, 'Available');
  if (!condition) return 'Unknown';
  return condition.status === 'True' ? 'True' : `${condition.status} (${condition.reason})`;
}
