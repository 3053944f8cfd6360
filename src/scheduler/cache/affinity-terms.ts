/**
 * Inter-pod affinity terms of a pod, with their selectors compiled; equal terms of many pods are compiled
 * once.
 */

import type { LabelSelector, Pod, PodAffinityTerm } from '#api/generated/types.gen.ts';
import type { Labels } from '#api/selectors/selector.ts';
import { compileLabelSelector, type LabelMatcher } from './selectors.ts';

export interface AffinityTerm {
  /** Equal for terms with the same meaning. */
  readonly signature: string;
  readonly topologyKey: string;
  readonly weight: number;
  readonly namespaces: ReadonlySet<string>;
  readonly namespaceSelector: LabelMatcher | undefined;
  readonly selector: LabelMatcher;
}

export interface AffinityTerms {
  readonly required: readonly AffinityTerm[];
  readonly requiredAnti: readonly AffinityTerm[];
  readonly preferred: readonly AffinityTerm[];
  readonly preferredAnti: readonly AffinityTerm[];
}

const compiledMax = 1_000;
const compiled = new Map<string, AffinityTerm>();

export function affinityTermsOf(pod: Pod): AffinityTerms | undefined {
  const affinity = pod.spec?.affinity?.podAffinity;
  const anti = pod.spec?.affinity?.podAntiAffinity;
  if (!affinity && !anti) return undefined;
  return {
    required: (affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map((term) =>
      compileTerm(pod, term, 0),
    ),
    requiredAnti: (anti?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map((term) =>
      compileTerm(pod, term, 0),
    ),
    preferred: (affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((each) =>
      compileTerm(pod, each.podAffinityTerm, each.weight),
    ),
    preferredAnti: (anti?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((each) =>
      compileTerm(pod, each.podAffinityTerm, each.weight),
    ),
  };
}

function compileTerm(pod: Pod, term: PodAffinityTerm, weight: number): AffinityTerm {
  const { topologyKey, namespaceSelector } = term;
  const named = term.namespaces ?? [];
  // Neither namespaces nor a selector: the pod's own namespace.
  const namespaces = named.length === 0 && !namespaceSelector ? [pod.metadata?.namespace ?? ''] : named;
  const selector = withMatchLabelKeys(pod, term);
  const signature = JSON.stringify([topologyKey, weight, namespaces, namespaceSelector, selector]);
  let known = compiled.get(signature);
  if (!known) {
    known = {
      signature,
      topologyKey,
      weight,
      namespaces: new Set(namespaces),
      namespaceSelector: namespaceSelector && compileLabelSelector(namespaceSelector),
      selector: compileLabelSelector(selector),
    };
    if (compiled.size >= compiledMax) compiled.clear();
    compiled.set(signature, known);
  }
  return known;
}

function withMatchLabelKeys(pod: Pod, term: PodAffinityTerm): LabelSelector | undefined {
  const same = withLabelKeys(term.labelSelector, term.matchLabelKeys, 'In', pod);
  return withLabelKeys(same, term.mismatchLabelKeys, 'NotIn', pod);
}

/**
 * The API server merges such keys into the selector at creation; keys that it contains already are skipped.
 */
export function withLabelKeys(
  selector: LabelSelector | undefined,
  keys: readonly string[] | undefined,
  operator: 'In' | 'NotIn',
  pod: Pod,
): LabelSelector | undefined {
  if (!selector || !keys || keys.length === 0) return selector;
  const present = selector.matchExpressions ?? [];
  const labels = pod.metadata?.labels ?? {};
  const more = keys
    .filter((key) => labels[key] !== undefined && !present.some((each) => each.key === key))
    .map((key) => ({ key, operator, values: [labels[key]!] }));
  return { ...selector, matchExpressions: [...present, ...more] };
}

/** Does the term select a pod with these labels in this namespace? */
export function termMatches(
  term: AffinityTerm,
  pod: { readonly namespace: string; readonly labels: Labels },
  namespaceLabels: (namespace: string) => Labels,
): boolean {
  const inNamespace =
    term.namespaces.has(pod.namespace) || term.namespaceSelector?.(namespaceLabels(pod.namespace)) === true;
  return inNamespace && term.selector(pod.labels);
}
