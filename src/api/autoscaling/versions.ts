/**
 * Converts HorizontalPodAutoscaler between autoscaling/v1 and v2: v1 has a field for the cpu target only; all
 * other metrics of v2 are in annotations. Without any target the default is 80 % cpu, set here because only
 * here is it known that no annotation has another target.
 */

import { isJsonObject, type JsonObject } from '#wire/json/value.ts';
import type { AnyObject } from '../meta/object.ts';
import { metricToV1, metricToV2 } from './metrics.ts';

const annotation = (what: string) => `autoscaling.alpha.kubernetes.io/${what}`;
const metricsAnnotation = annotation('metrics');
const behaviorAnnotation = annotation('behavior');
const conditionsAnnotation = annotation('conditions');
const currentMetricsAnnotation = annotation('current-metrics');

export const defaultCpuUtilization = 80;

interface Metric extends JsonObject {
  type?: string;
  resource?: {
    name?: string;
    target?: { type?: string; averageUtilization?: number };
    current?: { averageUtilization?: number };
  };
}
interface SpecV2 extends Record<string, unknown> {
  metrics?: Metric[];
  behavior?: JsonObject;
}
interface StatusV2 extends Record<string, unknown> {
  currentMetrics?: Metric[];
  conditions?: unknown[];
}

export function autoscalerV1From(v2: AnyObject): AnyObject {
  const { metrics, behavior, ...spec } = (v2['spec'] ?? {}) as SpecV2;
  const { currentMetrics, conditions, ...status } = (v2['status'] ?? {}) as StatusV2;
  const others = (metrics ?? []).filter((metric) => !isCpuUtilization(metric));
  // Of several cpu targets v1 shows the first.
  const target = metrics?.find(isCpu)?.resource?.target?.averageUtilization;
  const current = currentMetrics?.findLast(isCpu)?.resource?.current?.averageUtilization;
  const annotations = { ...v2.metadata?.annotations };
  const currentInV1 = (currentMetrics ?? []).map((metric) => metricToV1(metric, 'current'));
  keep(annotations, metricsAnnotation, nonEmpty(others.map((metric) => metricToV1(metric, 'target'))));
  keep(annotations, currentMetricsAnnotation, nonEmpty(currentInV1));
  keep(annotations, conditionsAnnotation, nonEmpty(conditions ?? []));
  keep(annotations, behaviorAnnotation, behavior && internalBehavior(behavior));
  return {
    kind: v2.kind!,
    apiVersion: 'autoscaling/v1',
    metadata: withAnnotations(v2, annotations),
    spec: { ...spec, ...(target === undefined ? {} : { targetCPUUtilizationPercentage: target }) },
    status: {
      currentReplicas: 0,
      desiredReplicas: 0,
      ...status,
      ...(current === undefined ? {} : { currentCPUUtilizationPercentage: current }),
    },
  };
}

/** Who writes one without any target owns the default. */
export function setV1Default(v1: AnyObject): void {
  const spec = v1['spec'] as SpecV2 & { targetCPUUtilizationPercentage?: number };
  if (takeList({ ...v1.metadata?.annotations }, metricsAnnotation).length > 0) return;
  spec.targetCPUUtilizationPercentage ??= defaultCpuUtilization;
}

export function autoscalerV2From(v1: AnyObject): AnyObject {
  const { targetCPUUtilizationPercentage: target, ...spec } = (v1['spec'] ?? {}) as SpecV2;
  const { currentCPUUtilizationPercentage: current, ...status } = (v1['status'] ?? {}) as StatusV2;
  const annotations = { ...v1.metadata?.annotations };
  const behavior = take(annotations, behaviorAnnotation);
  const conditions = takeList(annotations, conditionsAnnotation);
  const metrics = takeList(annotations, metricsAnnotation).map((metric) => metricToV2(metric, 'target'));
  if (target !== undefined) metrics.push(cpuTarget(target as number));
  if (metrics.length === 0) metrics.push(cpuTarget(defaultCpuUtilization));
  // The annotation takes precedence over the field.
  const annotated = takeList(annotations, currentMetricsAnnotation);
  const currentMetrics = annotated.map((metric) => metricToV2(metric, 'current'));
  if (current !== undefined && annotated.length === 0) currentMetrics.push(cpuCurrent(current as number));
  return {
    kind: v1.kind!,
    apiVersion: 'autoscaling/v2',
    metadata: withAnnotations(v1, annotations),
    spec: { ...spec, metrics, ...(isJsonObject(behavior) ? { behavior: withFieldNames(behavior) } : {}) },
    status: {
      ...status,
      ...(currentMetrics.length > 0 ? { currentMetrics } : {}),
      ...(conditions.length > 0 ? { conditions } : {}),
    },
  };
}

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

const internalRules = ['StabilizationWindowSeconds', 'SelectPolicy', 'Policies', 'Tolerance'];
const internalPolicy = ['Type', 'Value', 'PeriodSeconds'];

/** The annotation contains upstream's internal type: Go's names, and null for fields that are not set. */
function internalBehavior(behavior: JsonObject): JsonObject {
  return goForm(behavior, ['ScaleUp', 'ScaleDown'], (rules) =>
    goForm(rules as JsonObject, internalRules, (value) =>
      Array.isArray(value) ? value.map((metric) => goForm(metric as JsonObject, internalPolicy)) : value,
    ),
  );
}

function goForm(
  fields: JsonObject,
  names: readonly string[],
  formOf: (value: unknown) => unknown = (value) => value,
): JsonObject {
  const values = names.map((name) => fields[fieldName(name)]);
  return Object.fromEntries(
    names.map((name, i) => [name, values[i] === undefined ? null : formOf(values[i])]),
  );
}

const fieldName = (goName: string) => goName[0]!.toLowerCase() + goName.slice(1);

/** Field names in any case, as Go reads JSON; null counts as absent. */
function withFieldNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withFieldNames);
  if (!isJsonObject(value)) return value;
  const given = Object.entries(value).filter(([, metric]) => metric !== null);
  return Object.fromEntries(given.map(([name, metric]) => [fieldName(name), withFieldNames(metric)]));
}

function nonEmpty<T>(list: T[]): T[] | undefined {
  return list.length > 0 ? list : undefined;
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

/** Clients of v1 can write anything there: as upstream, a value that is not a list of maps is ignored. */
function takeList(annotations: Record<string, string>, name: string): JsonObject[] {
  const list = take(annotations, name);
  return Array.isArray(list) && list.every(isJsonObject) ? list : [];
}

function withAnnotations(object: AnyObject, annotations: Record<string, string>): AnyObject['metadata'] {
  const { annotations: _, ...metadata } = object.metadata ?? {};
  return { ...metadata, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) };
}
