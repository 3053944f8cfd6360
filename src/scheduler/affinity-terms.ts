/** Inter-pod affinity terms of a pod, with their selectors compiled. */

import type { LabelSelector, Pod, PodAffinityTerm } from '#api/types.gen.ts';
import { compileLabelSelector, type LabelMatcher } from './selectors.ts';

export interface AffinityTerm {
  readonly topologyKey: string;
  readonly weight: number;
  /** Empty with a namespace selector absent: the pod's own namespace, filled in already. */
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

export function affinityTermsOf(pod: Pod): AffinityTerms | undefined {
  const affinity = pod.spec?.affinity?.podAffinity;
  const anti = pod.spec?.affinity?.podAntiAffinity;
  if (!affinity && !anti) return undefined;
  const compile = (term: PodAffinityTerm, weight = 0) => compileTerm(pod, term, weight);
  return {
    required: (affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map((term) => compile(term)),
    requiredAnti: (anti?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map((term) => compile(term)),
    preferred: (affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((each) =>
      compile(each.podAffinityTerm, each.weight),
    ),
    preferredAnti: (anti?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((each) =>
      compile(each.podAffinityTerm, each.weight),
    ),
  };
}

function compileTerm(pod: Pod, term: PodAffinityTerm, weight: number): AffinityTerm {
  const named = term.namespaces ?? [];
  const own = named.length === 0 && !term.namespaceSelector ? [pod.metadata?.namespace ?? ''] : named;
  return {
    topologyKey: term.topologyKey,
    weight,
    namespaces: new Set(own),
    namespaceSelector: term.namespaceSelector && compileLabelSelector(term.namespaceSelector),
    selector: compileLabelSelector(withMatchLabelKeys(pod, term)),
  };
}

/** The API server merges these keys at creation; pods of older stores may still carry only the keys. */
function withMatchLabelKeys(pod: Pod, term: PodAffinityTerm): LabelSelector | undefined {
  const selector = term.labelSelector;
  const keys = [...(term.matchLabelKeys ?? []), ...(term.mismatchLabelKeys ?? [])];
  if (!selector || keys.length === 0) return selector;
  const merged = new Set((selector.matchExpressions ?? []).map((each) => each.key));
  const labels = pod.metadata?.labels ?? {};
  const more = keys
    .filter((key) => labels[key] !== undefined && !merged.has(key))
    .map((key) => ({
      key,
      operator: term.matchLabelKeys?.includes(key) ? 'In' : 'NotIn',
      values: [labels[key] as string],
    }));
  return { ...selector, matchExpressions: [...(selector.matchExpressions ?? []), ...more] };
}

/** Does `term` of one pod mean the pod with these labels in this namespace? */
export function termMatches(
  term: AffinityTerm,
  namespace: string,
  labels: Readonly<Record<string, string>>,
  namespaceLabels: (namespace: string) => Readonly<Record<string, string>>,
): boolean {
  const inNamespace =
    term.namespaces.has(namespace) || term.namespaceSelector?.(namespaceLabels(namespace)) === true;
  return inNamespace && term.selector(labels);
}
