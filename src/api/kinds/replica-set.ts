/** ReplicaSet: one replica unless told otherwise. */

import type { Strategy } from '../strategy.ts';
import type { ReplicaSet, ReplicaSetSpec } from '../types.gen.ts';
import { setPodTemplateDefaults } from './pod-spec-defaults.ts';
import { keepStatus } from './status-handling.ts';

export const replicaSet: Strategy<ReplicaSet> = {
  setDefaults(replicaSet) {
    replicaSet.spec ??= {} as ReplicaSetSpec;
    const spec = replicaSet.spec;
    spec.replicas ??= 1;
    setPodTemplateDefaults(spec.template);
  },
  prepareForCreate(replicaSet) {
    replicaSet.status = { replicas: 0 };
  },
  prepareForUpdate: keepStatus,
  selectableFields(replicaSet) {
    return { 'status.replicas': String(replicaSet.status?.replicas ?? 0) };
  },
};
