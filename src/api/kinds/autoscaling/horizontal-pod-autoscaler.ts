/**
 * HorizontalPodAutoscaler in both versions: by default at least one replica, 80 % cpu, and the scaling rates.
 * Since upstream's internal type is that of v2, a v1 autoscaler is defaulted and validated as v2: its errors
 * name v2's fields.
 */

import { copyJson } from '#base/copy-json.ts';
import {
  autoscalerV1From,
  autoscalerV2From,
  defaultCpuUtilization,
  setV1Default,
} from '../../autoscaling/versions.ts';
import { horizontalPodAutoscalers, horizontalPodAutoscalersV1 } from '../../generated/kinds.gen.ts';
import type {
  AutoscalingV1HorizontalPodAutoscaler,
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerSpec,
  HPAScalingRules,
  MetricStatus,
} from '../../generated/types.gen.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { keepStatus } from '../../kind/status-handling.ts';
import type { Strategy } from '../../kind/strategy.ts';
import type { AnyObject } from '../../meta/object.ts';
import { autoscalerPrinter, autoscalerV1Printer } from './columns.ts';
import { type LowestReplicas, validateAutoscaler, validateAutoscalerStatus } from './validation.ts';

/** Go's empty list, which it writes as null. */
const noMetrics = null as unknown as MetricStatus[];

/** `lowest`: what `minReplicas` may be. */
const strategyOf = (lowest: LowestReplicas): Strategy<OfAnyVersion> => ({
  hasGeneration: false,
  setDefaults(autoscaler) {
    autoscaler.spec ??= {} as HorizontalPodAutoscalerSpec;
    autoscaler.spec.minReplicas ??= 1;
    if (isV1(autoscaler)) setV1Default(autoscaler as object as AnyObject);
    else setV2Defaults(autoscaler.spec as HorizontalPodAutoscalerSpec);
  },
  prepareForCreate: (autoscaler) =>
    inV2(autoscaler, (v2) => {
      v2.status = { desiredReplicas: 0, currentMetrics: noMetrics };
    }),
  prepareForUpdate: (autoscaler, old) => inV2(autoscaler, (v2) => keepStatus(v2, asV2(old))),
  prepareForStatusUpdate: (autoscaler, old) =>
    inV2(autoscaler, (v2) => {
      v2.spec = copyJson(asV2(old).spec!);
    }),
  validate: (autoscaler) => validateAutoscaler(asV2(autoscaler), lowest),
  validateUpdate: (autoscaler, old) => validateAutoscaler(asV2(autoscaler), lowest, asV2(old)),
  validateStatusUpdate: (autoscaler) => validateAutoscalerStatus(asV2(autoscaler)),
});

type OfAnyVersion = HorizontalPodAutoscaler | AutoscalingV1HorizontalPodAutoscaler;

function kindV2(lowest: LowestReplicas) {
  return defineKind(horizontalPodAutoscalers, { ...strategyOf(lowest), printer: autoscalerPrinter });
}

function kindV1(lowest: LowestReplicas) {
  return defineKind(horizontalPodAutoscalersV1, {
    ...strategyOf(lowest),
    conversion: {
      storedAs: horizontalPodAutoscalers,
      fromStored: autoscalerV1From,
      toStored: autoscalerV2From,
      storedField: (field) => field,
    },
    printer: autoscalerV1Printer,
  });
}

export const horizontalPodAutoscaler = kindV2(1);
export const horizontalPodAutoscalerV1 = kindV1(1);

/** In place of the above, with the feature gate HPAScaleToZero. */
export const autoscalersToZero = [kindV2(0), kindV1(0)];

const isV1 = (autoscaler: OfAnyVersion) => autoscaler.apiVersion === 'autoscaling/v1';

function asV2(autoscaler: OfAnyVersion): HorizontalPodAutoscaler {
  return (
    isV1(autoscaler) ? autoscalerV2From(autoscaler as object as AnyObject) : autoscaler
  ) as HorizontalPodAutoscaler;
}

/** Applies `change` to an autoscaler of any version in its v2 form. */
function inV2(autoscaler: OfAnyVersion, change: (v2: HorizontalPodAutoscaler) => void): void {
  const v2 = asV2(autoscaler);
  change(v2);
  if (v2 === autoscaler) return;
  // Upstream defaults what it reads from storage, which holds v2: v2's metric shows in v1, without an owner.
  setDefaultMetric(v2.spec!);
  Object.assign(autoscaler, autoscalerV1From(v2 as object as AnyObject));
}

const periodSeconds = 15;

function setDefaultMetric(spec: HorizontalPodAutoscalerSpec): void {
  if (spec.metrics?.length) return;
  const target = { type: 'Utilization', averageUtilization: defaultCpuUtilization };
  spec.metrics = [{ type: 'Resource', resource: { name: 'cpu', target } }];
}

function setV2Defaults(spec: HorizontalPodAutoscalerSpec): void {
  setDefaultMetric(spec);
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

/** Defaults of missing fields, also for null values. */
function withDefaults(rules: HPAScalingRules = {}, defaults: HPAScalingRules): HPAScalingRules {
  return {
    ...rules,
    stabilizationWindowSeconds: rules.stabilizationWindowSeconds ?? defaults.stabilizationWindowSeconds,
    selectPolicy: rules.selectPolicy ?? defaults.selectPolicy,
    policies: rules.policies ?? defaults.policies,
  };
}
