/** The arguments of the plugin NodeResourcesFit: what it ignores, and by which strategy it scores. */

import { checkField } from '../../validation/field-checks.ts';
import {
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
} from '../../validation/field-error.ts';
import { qualifiedName } from '../../validation/validators.ts';
import type { ConfigTypes } from '../config-file.ts';

export interface ResourceWeight {
  readonly name: string;
  readonly weight: number;
}

/** `utilization` in percent; `score` from 0 to 10. */
export interface ShapePoint {
  readonly utilization: number;
  readonly score: number;
}

export interface ScoringStrategy {
  /** LeastAllocated, MostAllocated or RequestedToCapacityRatio. */
  readonly type: string;
  readonly resources: readonly ResourceWeight[];
  /** Of RequestedToCapacityRatio only. */
  readonly shape: readonly ShapePoint[] | undefined;
}

export interface FitArguments {
  readonly ignoredResources: readonly string[];
  /** What stands before the slash of extended resources. */
  readonly ignoredResourceGroups: readonly string[];
  readonly strategy: ScoringStrategy;
}

export const fitTypes: ConfigTypes = {
  NodeResourcesFitArgs: {
    ignoredResources: '[]string',
    ignoredResourceGroups: '[]string',
    scoringStrategy: '#ScoringStrategy',
  },
  ScoringStrategy: {
    type: 'string',
    resources: '[]#ResourceSpec',
    requestedToCapacityRatio: '#RequestedToCapacityRatioParam',
  },
  ResourceSpec: { name: 'string', weight: 'int64' },
  RequestedToCapacityRatioParam: { shape: '[]#UtilizationShapePoint' },
  UtilizationShapePoint: { utilization: 'int32', score: 'int32' },
};

const usualResources: readonly Partial<ResourceWeight>[] = [{ name: 'cpu' }, { name: 'memory' }];
const strategyTypes = ['LeastAllocated', 'MostAllocated', 'RequestedToCapacityRatio'];
const percentMax = 100;
const scoreMax = 10;

interface Written {
  readonly ignoredResources?: readonly string[];
  readonly ignoredResourceGroups?: readonly string[];
  readonly scoringStrategy?: {
    readonly type?: string;
    readonly resources?: readonly Partial<ResourceWeight>[];
    readonly requestedToCapacityRatio?: { readonly shape?: readonly Partial<ShapePoint>[] };
  };
}

export function readFitArguments(written: Written): FitArguments {
  const { ignoredResources = [], ignoredResourceGroups = [] } = written;
  const {
    type = '',
    resources = [],
    requestedToCapacityRatio: ratio,
  } = written.scoringStrategy ?? {
    type: 'LeastAllocated',
  };
  const counted = resources.length > 0 ? resources : usualResources;
  return {
    ignoredResources,
    ignoredResourceGroups,
    strategy: {
      type,
      resources: counted.map(({ name = '', weight = 0 }) => ({ name, weight: weight || 1 })),
      shape: ratio && (ratio.shape ?? []).map(({ utilization = 0, score = 0 }) => ({ utilization, score })),
    },
  };
}

/** In upstream's words; the fields are those of the arguments. */
export function fitErrors({ ignoredResources, ignoredResourceGroups, strategy }: FitArguments): FieldError[] {
  return [
    ...ignoredResources.flatMap((name, i) => checkField(`ignoredResources[${i}]`, name, qualifiedName)),
    ...ignoredResourceGroups.flatMap((name, i) => groupErrors(`ignoredResourceGroups[${i}]`, name)),
    ...strategyErrors(strategy, 'scoringStrategy'),
  ];
}

function groupErrors(field: string, name: string): FieldError[] {
  const slash = "resource group name can't contain '/'";
  return [
    ...(name.includes('/') ? [invalidValue(field, name, slash)] : []),
    ...checkField(field, name, qualifiedName),
  ];
}

function strategyErrors({ type, resources, shape }: ScoringStrategy, at: string): FieldError[] {
  const ratio = `${at}.requestedToCapacityRatio`;
  const isRatio = type === 'RequestedToCapacityRatio';
  const errors = strategyTypes.includes(type) ? [] : [notSupported(`${at}.type`, type, strategyTypes)];
  for (const [i, { name, weight }] of resources.entries()) {
    if (weight > 0 && weight <= 100) continue;
    const detail = `resource weight of ${name} not in valid range (0, 100]`;
    errors.push(invalidValue(`${at}.resources[${i}].weight`, weight, detail));
  }
  if (isRatio && !shape) {
    errors.push(required(ratio, 'must be specified when type is RequestedToCapacityRatio'));
  }
  if (shape && isRatio) errors.push(...shapeErrors(shape, `${ratio}.shape`));
  if (shape && !isRatio) {
    errors.push(forbiddenField(ratio, 'must be nil when type is not RequestedToCapacityRatio'));
  }
  return errors;
}

function shapeErrors(shape: readonly ShapePoint[], at: string): FieldError[] {
  if (shape.length === 0) return [required(at, 'at least one point must be specified')];
  const errors: FieldError[] = [];
  const late = shape.findIndex((point, i) => i > 0 && shape[i - 1]!.utilization >= point.utilization);
  if (late > 0) {
    const detail = 'values must be sorted in increasing order';
    errors.push(invalidValue(`${at}[${late}].utilization`, shape[late]!.utilization, detail));
  }
  for (const [i, { utilization, score }] of shape.entries()) {
    errors.push(
      ...rangeErrors(`${at}[${i}].utilization`, utilization, percentMax),
      ...rangeErrors(`${at}[${i}].score`, score, scoreMax),
    );
  }
  return errors;
}

function rangeErrors(field: string, value: number, max: number): FieldError[] {
  return value >= 0 && value <= max ? [] : [invalidValue(field, value, `not in valid range [0, ${max}]`)];
}
