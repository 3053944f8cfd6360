/** StatefulSet: ordered pods with their own volumes, which are kept unless told otherwise. */

import type { Strategy } from '../strategy.ts';
import type { StatefulSet, StatefulSetSpec } from '../types.gen.ts';
import { persistentVolumeClaim } from './persistent-volume-claim.ts';
import { setPodTemplateDefaults } from './pod-spec-defaults.ts';
import { keepStatus } from './status-handling.ts';

export const statefulSet: Strategy<StatefulSet> = {
  setDefaults(statefulSet) {
    statefulSet.spec ??= {} as StatefulSetSpec;
    const spec = statefulSet.spec;
    spec.podManagementPolicy ||= 'OrderedReady';
    spec.updateStrategy ??= {};
    spec.updateStrategy.type ||= 'RollingUpdate';
    if (spec.updateStrategy.type === 'RollingUpdate') {
      spec.updateStrategy.rollingUpdate ??= {};
      spec.updateStrategy.rollingUpdate.partition ??= 0;
    }
    spec.persistentVolumeClaimRetentionPolicy ??= {};
    const retention = spec.persistentVolumeClaimRetentionPolicy;
    retention.whenDeleted ||= 'Retain';
    retention.whenScaled ||= 'Retain';
    spec.replicas ??= 1;
    spec.revisionHistoryLimit ??= 10;
    for (const claim of spec.volumeClaimTemplates ?? []) {
      claim.apiVersion = 'v1';
      claim.kind = 'PersistentVolumeClaim';
      persistentVolumeClaim.setDefaults!(claim);
    }
    setPodTemplateDefaults(spec.template);
  },
  prepareForCreate(statefulSet) {
    statefulSet.status = { replicas: 0, availableReplicas: 0 };
  },
  prepareForUpdate: keepStatus,
};
