/** DaemonSet: one pod a node, replaced one node at a time. */

import type { Strategy } from '../strategy.ts';
import type { DaemonSet, DaemonSetSpec } from '../types.gen.ts';
import { setPodTemplateDefaults } from './pod-spec-defaults.ts';
import { keepStatus } from './status-handling.ts';

export const daemonSet: Strategy<DaemonSet> = {
  setDefaults(daemonSet) {
    daemonSet.spec ??= {} as DaemonSetSpec;
    const spec = daemonSet.spec;
    spec.updateStrategy ??= {};
    spec.updateStrategy.type ||= 'RollingUpdate';
    if (spec.updateStrategy.type === 'RollingUpdate') {
      spec.updateStrategy.rollingUpdate ??= {};
      const rolling = spec.updateStrategy.rollingUpdate;
      rolling.maxUnavailable ??= 1;
      rolling.maxSurge ??= 0;
    }
    spec.revisionHistoryLimit ??= 10;
    setPodTemplateDefaults(spec.template);
  },
  prepareForCreate(daemonSet) {
    daemonSet.status = {
      currentNumberScheduled: 0,
      numberMisscheduled: 0,
      desiredNumberScheduled: 0,
      numberReady: 0,
    };
  },
  prepareForUpdate: keepStatus,
};
