/**
 * HorizontalPodAutoscaler of autoscaling/v1 over the stored v2: v1 knows only the cpu target; whatever else v2 says
 * travels in annotations, as upstream's conversion does it.
 */

import type { AnyObject } from '#api/object.ts';
import { isJsonObject, type JsonObject } from '#wire/json-value.ts';
import type { Conversion } from './conversions.ts';

const metricsAnnotation = 'autoscaling.alpha.kubernetes.io/metrics';
const behaviorAnnotation = 'autoscaling.alpha.kubernetes.io/behavior';
const conditionsAnnotation = 'autoscaling.alpha.kubernetes.io/conditions';
const currentMetricsAnnotation = 'autoscaling.alpha.kubernetes.io/current-metrics';

interface Metric {
  type?: string;
  resource?: {
    name?: string;
    target?: { type?: string; averageUtilization?: number };
    current?: { averageUtilization?: number };
  };
}
interface SpecV2 extends Record<string, unknown> {
  metrics?: Metric[];
  behavior?: unknown;
}
interface StatusV2 extends Record<string, unknown> {
  currentMetrics?: Metric[];
  conditions?: unknown[];
}

export const autoscalerV1: Conversion = {
  fromStored(stored) {
    const { metrics = [], behavior, ...spec } = (stored['spec'] ?? {}) as SpecV2;
    const { currentMetrics = [], conditions, ...status } = (stored['status'] ?? {}) as StatusV2;
    const cpu = metrics.find(isCpuUtilization);
    const target = cpu?.resource?.target?.averageUtilization;
    const current = currentMetrics.find(isCpu)?.resource?.current?.averageUtilization;
    const annotations = { ...stored.metadata?.annotations };
    keep(annotations, metricsAnnotation, nonEmpty(metrics.filter((one) => one !== cpu)));
    keep(annotations, behaviorAnnotation, behavior);
    keep(annotations, conditionsAnnotation, nonEmpty(conditions));
    keep(annotations, currentMetricsAnnotation, nonEmpty(currentMetrics.filter((one) => !isCpu(one))));
    return {
      kind: stored.kind!,
      apiVersion: 'autoscaling/v1',
      metadata: withAnnotations(stored, annotations),
      spec: { ...spec, ...(target === undefined ? {} : { targetCPUUtilizationPercentage: target }) },
      status: { ...status, ...(current === undefined ? {} : { currentCPUUtilizationPercentage: current }) },
    };
  },

  toStored(object) {
    const { targetCPUUtilizationPercentage: target, ...spec } = (object['spec'] ?? {}) as SpecV2;
    const { currentCPUUtilizationPercentage: current, ...status } = (object['status'] ?? {}) as StatusV2;
    const annotations = { ...object.metadata?.annotations };
    const behavior = take(annotations, behaviorAnnotation);
    const conditions = takeList(annotations, conditionsAnnotation);
    const metrics: Metric[] = takeList(annotations, metricsAnnotation);
    if (target !== undefined) metrics.unshift(cpuTarget(target as number));
    const currentMetrics: Metric[] = takeList(annotations, currentMetricsAnnotation);
    if (current !== undefined) currentMetrics.unshift(cpuCurrent(current as number));
    return {
      kind: object.kind!,
      apiVersion: 'autoscaling/v2',
      metadata: withAnnotations(object, annotations),
      spec: {
        ...spec,
        ...(metrics.length > 0 ? { metrics } : {}),
        ...(isJsonObject(behavior) ? { behavior } : {}),
      },
      status: {
        ...status,
        ...(currentMetrics.length > 0 ? { currentMetrics } : {}),
        ...(conditions.length > 0 ? { conditions } : {}),
      },
    };
  },

  storedField: (field) => field,
};

function isCpu(metric: Metric): boolean {
  return metric.type === 'Resource' && metric.resource?.name === 'cpu';
}

function isCpuUtilization(metric: Metric): boolean {
  return isCpu(metric) && metric.resource?.target?.averageUtilization !== undefined;
}

function cpuTarget(averageUtilization: number): Metric {
  return { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } } };
}

function cpuCurrent(averageUtilization: number): Metric {
  return { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization } } };
}

function nonEmpty<T>(list: T[] | undefined): T[] | undefined {
  return list && list.length > 0 ? list : undefined;
}

function keep(annotations: Record<string, string>, name: string, value: unknown): void {
  if (value !== undefined) annotations[name] = JSON.stringify(value);
}

function take(annotations: Record<string, string>, name: string): unknown {
  const text = annotations[name];
  delete annotations[name];
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whoever writes v1 may write anything there: what is no list of maps says nothing, as upstream has it. */
function takeList(annotations: Record<string, string>, name: string): JsonObject[] {
  const list = take(annotations, name);
  return Array.isArray(list) && list.every(isJsonObject) ? list : [];
}

function withAnnotations(object: AnyObject, annotations: Record<string, string>): AnyObject['metadata'] {
  const { annotations: _, ...metadata } = object.metadata ?? {};
  return { ...metadata, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) };
}
