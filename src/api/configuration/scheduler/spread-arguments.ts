/** The arguments of the plugin PodTopologySpread: the constraints of pods that have none of their own. */

import type { TopologySpreadConstraint } from '../../generated/types.gen.ts';
import { checkField } from '../../validation/field-checks.ts';
import {
  duplicate,
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
} from '../../validation/field-error.ts';
import { qualifiedName } from '../../validation/validators.ts';
import type { ConfigTypes } from '../config-file.ts';

export interface SpreadArguments {
  readonly defaultConstraints: readonly TopologySpreadConstraint[];
  /** The constraints are upstream's; a node needs the labels of some of them only. */
  readonly isSystemDefaulted: boolean;
}

export const spreadTypes: ConfigTypes = {
  PodTopologySpreadArgs: { defaultConstraints: '[]#TopologySpreadConstraint', defaultingType: 'string' },
  TopologySpreadConstraint: {
    maxSkew: 'int32',
    topologyKey: 'string',
    whenUnsatisfiable: 'string',
    labelSelector: '#LabelSelector',
    minDomains: 'int32',
    nodeAffinityPolicy: 'string',
    nodeTaintsPolicy: 'string',
    matchLabelKeys: '[]string',
  },
  LabelSelector: { matchLabels: '{}string', matchExpressions: '[]#LabelSelectorRequirement' },
  LabelSelectorRequirement: { key: 'string', operator: 'string', values: '[]string' },
};

interface Written {
  readonly defaultConstraints?: readonly Partial<TopologySpreadConstraint>[];
  readonly defaultingType?: string;
}

const defaultingTypes = ['System', 'List'];
const actions = ['DoNotSchedule', 'ScheduleAnyway'];
const systemConstraints: readonly TopologySpreadConstraint[] = [
  { topologyKey: 'kubernetes.io/hostname', maxSkew: 3, whenUnsatisfiable: 'ScheduleAnyway' },
  { topologyKey: 'topology.kubernetes.io/zone', maxSkew: 5, whenUnsatisfiable: 'ScheduleAnyway' },
];

export function readSpreadArguments({ defaultConstraints = [], defaultingType }: Written): SpreadArguments {
  if (defaultingType !== 'List') return { defaultConstraints: systemConstraints, isSystemDefaulted: true };
  const constraints = defaultConstraints.map((constraint) => ({
    maxSkew: 0,
    topologyKey: '',
    whenUnsatisfiable: '',
    ...constraint,
  }));
  return { defaultConstraints: constraints, isSystemDefaulted: false };
}

/** In upstream's words; `at` is the field of the arguments. */
export function spreadErrors(written: Written, at: string): FieldError[] {
  const { defaultConstraints = [], defaultingType = '' } = written;
  const type = defaultingType || 'System';
  const constraintsAt = `${at}.defaultConstraints`;
  return [
    ...typeErrors(type, defaultConstraints.length, `${at}.defaultingType`),
    ...defaultConstraints.flatMap((constraint, i) => [
      ...constraintErrors(constraint, `${constraintsAt}[${i}]`),
      ...repeatErrors(constraint, defaultConstraints.slice(0, i), `${constraintsAt}[${i}]`),
    ]),
  ];
}

function typeErrors(type: string, count: number, at: string): FieldError[] {
  if (!defaultingTypes.includes(type)) return [notSupported(at, type, defaultingTypes)];
  if (type !== 'System' || count === 0) return [];
  return [invalidValue(at, type, 'when .defaultConstraints are not empty')];
}

function constraintErrors(constraint: Partial<TopologySpreadConstraint>, at: string): FieldError[] {
  const { maxSkew = 0, topologyKey = '', whenUnsatisfiable: action = '', labelSelector } = constraint;
  const deduced = 'constraint must not define a selector, as they deduced for each pod';
  return [
    ...(maxSkew > 0 ? [] : [invalidValue(`${at}.maxSkew`, maxSkew, 'not in valid range (0, inf)')]),
    ...(topologyKey === ''
      ? [required(`${at}.topologyKey`, 'can not be empty')]
      : checkField(`${at}.topologyKey`, topologyKey, qualifiedName)),
    ...actionErrors(action, `${at}.whenUnsatisfiable`),
    ...(labelSelector ? [forbiddenField(`${at}.labelSelector`, deduced)] : []),
  ];
}

function actionErrors(action: string, at: string): FieldError[] {
  if (action === '') return [required(at, 'can not be empty')];
  return actions.includes(action) ? [] : [notSupported(at, action, actions)];
}

function repeatErrors(
  { topologyKey = '', whenUnsatisfiable = '' }: Partial<TopologySpreadConstraint>,
  earlier: readonly Partial<TopologySpreadConstraint>[],
  at: string,
): FieldError[] {
  const isRepeated = earlier.some(
    (other) =>
      (other.topologyKey ?? '') === topologyKey && (other.whenUnsatisfiable ?? '') === whenUnsatisfiable,
  );
  return isRepeated ? [duplicate(at, `{${topologyKey}, ${whenUnsatisfiable}}`)] : [];
}
