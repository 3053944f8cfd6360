/** Deployment: one replica, 25 % surge and unavailable, ten old replica sets, ten minutes to make progress. */

import type { Strategy } from '../strategy.ts';
import type { Deployment, DeploymentSpec } from '../types.gen.ts';
import { setPodTemplateDefaults } from './pod-spec-defaults.ts';
import { keepStatus } from './status-handling.ts';

export const deployment: Strategy<Deployment> = {
  setDefaults(deployment) {
    deployment.spec ??= {} as DeploymentSpec;
    const spec = deployment.spec;
    spec.replicas ??= 1;
    spec.strategy ??= {};
    spec.strategy.type ||= 'RollingUpdate';
    if (spec.strategy.type === 'RollingUpdate') {
      spec.strategy.rollingUpdate ??= {};
      const rolling = spec.strategy.rollingUpdate;
      rolling.maxUnavailable ??= '25%';
      rolling.maxSurge ??= '25%';
    }
    spec.revisionHistoryLimit ??= 10;
    spec.progressDeadlineSeconds ??= 600;
    setPodTemplateDefaults(spec.template);
  },
  prepareForCreate(deployment) {
    deployment.status = {};
  },
  prepareForUpdate: keepStatus,
};
