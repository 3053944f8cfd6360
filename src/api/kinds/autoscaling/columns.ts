/** The columns of HorizontalPodAutoscaler, both versions. */

import type {
  AutoscalingV1HorizontalPodAutoscaler,
  HorizontalPodAutoscaler,
  MetricSpec,
  MetricStatus,
  MetricTarget,
  MetricValueStatus,
} from '../../generated/types.gen.ts';
import { ageOf, firstOf, nameOf, none, unset } from '../../kind/cells.ts';
import { ageColumn, column, nameColumn, type Printer } from '../../kind/printer.ts';

const columns = [
  nameColumn,
  column('Reference'),
  column('Targets'),
  column('MinPods'),
  column('MaxPods'),
  column('Replicas'),
  ageColumn,
];

export const autoscalerPrinter: Printer<HorizontalPodAutoscaler> = {
  columns,
  cells: (autoscaler, now) => [
    nameOf(autoscaler),
    `${autoscaler.spec?.scaleTargetRef.kind}/${autoscaler.spec?.scaleTargetRef.name}`,
    targets(autoscaler),
    autoscaler.spec?.minReplicas === undefined ? unset : String(autoscaler.spec.minReplicas),
    autoscaler.spec?.maxReplicas ?? 0,
    autoscaler.status?.currentReplicas ?? 0,
    ageOf(autoscaler, now),
  ],
};

export const autoscalerV1Printer: Printer<AutoscalingV1HorizontalPodAutoscaler> = {
  columns,
  cells: (autoscaler, now) => {
    const target = autoscaler.spec.targetCPUUtilizationPercentage;
    const current = autoscaler.status?.currentCPUUtilizationPercentage;
    return [
      nameOf(autoscaler),
      `${autoscaler.spec.scaleTargetRef.kind}/${autoscaler.spec.scaleTargetRef.name}`,
      target === undefined ? none : `cpu: ${current === undefined ? '<unknown>' : `${current}%`}/${target}%`,
      autoscaler.spec.minReplicas === undefined ? unset : String(autoscaler.spec.minReplicas),
      autoscaler.spec.maxReplicas,
      autoscaler.status?.currentReplicas ?? 0,
      ageOf(autoscaler, now),
    ];
  },
};

const shownMax = 2;

function targets(autoscaler: HorizontalPodAutoscaler): string {
  const texts = (autoscaler.spec?.metrics ?? []).map((spec, i) =>
    metricText(spec, autoscaler.status?.currentMetrics?.[i]),
  );
  return firstOf(texts, shownMax, ', ') || none;
}

function metricText(spec: MetricSpec, status: MetricStatus | undefined): string {
  const resource = spec.resource ?? spec.containerResource;
  if (resource) {
    const current = status?.resource?.current ?? status?.containerResource?.current;
    return `${resource.name}: ${valuesText(resource.target, current, '')}`;
  }
  if (spec.pods) return valuesText(spec.pods.target, status?.pods?.current, '');
  if (spec.object) return valuesText(spec.object.target, status?.object?.current, ' (avg)');
  if (spec.external) return valuesText(spec.external.target, status?.external?.current, ' (avg)');
  return '<unknown type>';
}

function valuesText(target: MetricTarget, current: MetricValueStatus | undefined, average: string): string {
  if (target.averageValue !== undefined) {
    return `${current?.averageValue ?? '<unknown>'}/${target.averageValue}${average}`;
  }
  if (target.value !== undefined) return `${current?.value ?? '<unknown>'}/${target.value}`;
  const used = current?.averageUtilization;
  const wanted = target.averageUtilization;
  return `${used === undefined ? '<unknown>' : `${used}%`}/${wanted === undefined ? '<auto>' : `${wanted}%`}`;
}
