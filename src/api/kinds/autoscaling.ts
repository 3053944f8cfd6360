/** HorizontalPodAutoscaler in both versions: one replica at least, 80 % cpu, and the pace of scaling. */

import type { Strategy } from '../strategy.ts';
import type {
  AutoscalingV1HorizontalPodAutoscaler,
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerSpec,
  HPAScalingRules,
} from '../types.gen.ts';
import { validateAutoscaler, validateAutoscalerStatus } from './autoscaling-validation.ts';
import { dropStatus, keepStatus } from './status-handling.ts';

export const horizontalPodAutoscaler: Strategy<
  HorizontalPodAutoscaler | AutoscalingV1HorizontalPodAutoscaler
> = {
  hasGeneration: false,
  setDefaults(autoscaler) {
    if (!autoscaler.spec) return;
    autoscaler.spec.minReplicas ??= 1;
    if (autoscaler.apiVersion === 'autoscaling/v2')
      setV2Defaults(autoscaler.spec as HorizontalPodAutoscalerSpec);
  },
  prepareForCreate: dropStatus,
  prepareForUpdate: keepStatus,
  // v1 has no metrics; what it shares with v2 is judged alike.
  validate: (autoscaler) => validateAutoscaler(autoscaler as HorizontalPodAutoscaler),
  validateStatusUpdate: (autoscaler) => validateAutoscalerStatus(autoscaler as HorizontalPodAutoscaler),
};

const periodSeconds = 15;

function setV2Defaults(spec: HorizontalPodAutoscalerSpec): void {
  if (!spec.metrics?.length) {
    const target = { type: 'Utilization', averageUtilization: 80 };
    spec.metrics = [{ type: 'Resource', resource: { name: 'cpu', target } }];
  }
  if (!spec.behavior) return;
  spec.behavior.scaleUp = withDefaults(spec.behavior.scaleUp, {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: [
      { type: 'Pods', value: 4, periodSeconds },
      { type: 'Percent', value: 100, periodSeconds },
    ],
  });
  spec.behavior.scaleDown = withDefaults(spec.behavior.scaleDown, {
    selectPolicy: 'Max',
    policies: [{ type: 'Percent', value: 100, periodSeconds }],
  });
}

/** What the author left out, also when it was written as nothing. */
function withDefaults(rules: HPAScalingRules = {}, defaults: HPAScalingRules): HPAScalingRules {
  return {
    ...rules,
    stabilizationWindowSeconds: rules.stabilizationWindowSeconds ?? defaults.stabilizationWindowSeconds,
    selectPolicy: rules.selectPolicy ?? defaults.selectPolicy,
    policies: rules.policies ?? defaults.policies,
  };
}
