/** Warnings about deprecated node labels, impossible label values, and selectors that select nothing. */

import { appendAll } from '#base/append-all.ts';
import { ownValue } from '#base/own-value.ts';
import type { Affinity, NodeSelectorTerm, PodAffinity, PodSpec } from '../../../../generated/types.gen.ts';
import { hard, soft } from '../../../../pods/affinity-terms.ts';
import { labelValue } from '../../../../validation/validators.ts';

const oldNodeLabels: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region':
    'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone':
    'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type':
    'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
};

export function labelWarnings(spec: PodSpec, path: string): string[] {
  const warnings: string[] = [];
  for (const key in spec.nodeSelector) {
    if (ownValue(oldNodeLabels, key)) {
      warnings.push(`${path}.nodeSelector[${key}]: ${ownValue(oldNodeLabels, key)}`);
    }
  }
  const node = spec.affinity?.nodeAffinity;
  for (const [i, term] of (node?.[hard]?.nodeSelectorTerms ?? []).entries()) {
    appendAll(warnings, termWarnings(term, `${path}.affinity.nodeAffinity.${hard}.nodeSelectorTerms[${i}]`));
  }
  for (const [i, { preference }] of (node?.[soft] ?? []).entries()) {
    const at = `${path}.affinity.nodeAffinity.${soft}[${i}].preference`;
    appendAll(warnings, termWarnings(preference ?? {}, at), valueWarnings(preference ?? {}, at));
  }
  for (const [i, { topologyKey: key, labelSelector }] of (spec.topologySpreadConstraints ?? []).entries()) {
    const at = `${path}.topologySpreadConstraints[${i}]`;
    if (ownValue(oldNodeLabels, key)) {
      warnings.push(`${at}.topologyKey: ${key} is ${ownValue(oldNodeLabels, key)}`);
    }
    if (!labelSelector) warnings.push(selectsNothing(at));
  }
  return warnings;
}

export function termWarnings({ matchExpressions = [] }: NodeSelectorTerm, path: string): string[] {
  return matchExpressions.flatMap(({ key }, i) => {
    const text = ownValue(oldNodeLabels, key);
    return text ? [`${path}.matchExpressions[${i}].key: ${key} is ${text}`] : [];
  });
}

/** For preferences only: in requirements, impossible label values are errors. */
function valueWarnings({ matchExpressions = [] }: NodeSelectorTerm, path: string): string[] {
  return matchExpressions.flatMap(({ values = [] }, i) =>
    values.flatMap((value, j) =>
      labelValue(value).map(
        (text) => `${path}.matchExpressions[${i}].values[${j}]: ${value} is invalid, ${text}`,
      ),
    ),
  );
}

export function selectorWarnings(affinity: Affinity | undefined, path: string): string[] {
  if (!affinity) return [];
  return (['podAffinity', 'podAntiAffinity'] as const).flatMap((kind) =>
    affinityWarnings(affinity[kind], `${path}.${kind}`),
  );
}

function affinityWarnings(affinity: PodAffinity | undefined, path: string): string[] {
  return [
    ...(affinity?.[hard] ?? []).flatMap(({ labelSelector }, i) =>
      labelSelector ? [] : [selectsNothing(`${path}.${hard}[${i}]`)],
    ),
    ...(affinity?.[soft] ?? []).flatMap(({ podAffinityTerm }, i) =>
      podAffinityTerm?.labelSelector ? [] : [selectsNothing(`${path}.${soft}[${i}].podAffinityTerm`)],
    ),
  ];
}

function selectsNothing(path: string): string {
  return `${path}.labelSelector: a null labelSelector results in matching no pod`;
}
