/** ReplicationController: selector and labels come from the template when left out; its pods outlive it by default. */

import type { Strategy } from '../strategy.ts';
import type { ReplicationController, ReplicationControllerSpec } from '../types.gen.ts';
import { setPodTemplateDefaults } from './pod-spec-defaults.ts';
import { keepStatus } from './status-handling.ts';

export const replicationController: Strategy<ReplicationController> = {
  defaultPropagation: 'Orphan',
  setDefaults(controller) {
    controller.spec ??= {} as ReplicationControllerSpec;
    const spec = controller.spec;
    const labels = spec.template?.metadata?.labels;
    if (labels && Object.keys(labels).length > 0) {
      if (isEmpty(spec.selector)) spec.selector = { ...labels };
      controller.metadata ??= {};
      if (isEmpty(controller.metadata.labels)) controller.metadata.labels = { ...labels };
    }
    spec.replicas ??= 1;
    setPodTemplateDefaults(spec.template);
  },
  prepareForCreate(controller) {
    controller.status = { replicas: 0 };
  },
  prepareForUpdate: keepStatus,
  selectableFields(controller) {
    return { 'status.replicas': String(controller.status?.replicas ?? 0) };
  },
};

function isEmpty(map: Record<string, string> | undefined): boolean {
  return !map || Object.keys(map).length === 0;
}
