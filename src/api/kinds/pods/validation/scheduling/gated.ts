/** Validation of updates that restrict the nodes of a pod with scheduling gates. */

import type { Affinity, NodeAffinity, NodeSelectorTerm, PodSpec } from '../../../../generated/types.gen.ts';
import { hard } from '../../../../pods/affinity-terms.ts';
import { deepEqual } from '../../../../schema/deep-equal.ts';
import { type FieldError, invalidValue } from '../../../../validation/field-error.ts';
import { internalText } from '../../../../validation/internal-form.ts';

/** Validates the permitted changes of a gated pod, and returns the spec with those changes undone. */
export function gatedSpec(spec: PodSpec, old: PodSpec): { errors: FieldError[]; spec: PodSpec } {
  if (!old.schedulingGates?.length) return { errors: [], spec };
  const rest = { ...spec, nodeSelector: old.nodeSelector };
  const errors = narrowedSelector(spec.nodeSelector, old.nodeSelector);
  const [now, before] = [spec.affinity?.nodeAffinity, old.affinity?.nodeAffinity];
  if (deepEqual(now, before)) return { errors, spec: rest };
  errors.push(...narrowedAffinity(now, before));
  return { errors, spec: { ...rest, affinity: withNodeAffinity(spec.affinity, old.affinity, before) } };
}

/** Restores node selection only; an affinity that has nothing else is removed. */
function withNodeAffinity(
  now: Affinity | undefined,
  old: Affinity | undefined,
  nodeAffinity: NodeAffinity | undefined,
): Affinity | undefined {
  if (!now) return nodeAffinity && { nodeAffinity };
  if (!old && !now.podAffinity && !now.podAntiAffinity) return undefined;
  return { ...now, nodeAffinity };
}

function narrowedSelector(
  now: Record<string, string> | undefined,
  before: Record<string, string> = {},
): FieldError[] {
  const kept = Object.entries(before).every(([key, value]) => now?.[key] === value);
  if (kept) return [];
  return [
    invalidValue(
      'spec.nodeSelector',
      now ?? null,
      'only additions to spec.nodeSelector are allowed (no mutations or deletions)',
    ),
  ];
}

function narrowedAffinity(now: NodeAffinity | undefined, before: NodeAffinity | undefined): FieldError[] {
  const old = before?.[hard]?.nodeSelectorTerms;
  if (!old) return [];
  const path = `spec.affinity.nodeAffinity.${hard}.nodeSelectorTerms`;
  const terms = now?.[hard]?.nodeSelectorTerms ?? [];
  if (old.length > 0 && terms.length !== old.length) {
    const text = 'no additions/deletions to non-empty NodeSelectorTerms list are allowed';
    return [invalidValue(path, internalText(terms, 'NodeSelectorTerm'), text)];
  }
  return old.flatMap((term, i) => {
    if (isNarrower(terms[i]!, term)) return [];
    const text = 'only additions are allowed (no mutations or deletions)';
    return [invalidValue(`${path}[${i}]`, internalText(terms[i], 'NodeSelectorTerm'), text)];
  });
}

function isNarrower(now: NodeSelectorTerm, before: NodeSelectorTerm): boolean {
  // A term without expressions selects nothing; adding some would widen the selection.
  if (!before.matchExpressions?.length && !before.matchFields?.length) return deepEqual(now, before);
  const startsWith = <T>(list: T[] = [], start: T[] = []) =>
    start.every((element, i) => deepEqual(list[i], element));
  return (
    startsWith(now.matchExpressions, before.matchExpressions) &&
    startsWith(now.matchFields, before.matchFields)
  );
}
