/** DeleteOptions as a DELETE carries them, in body or query, and what they mean for the garbage collector's finalizers. */

import { booleanOf, numberOf } from '#api/http/query-parameters.ts';
import type { Strategy } from '#api/kind/strategy.ts';
import { invalid } from '#api/meta/status.ts';
import { type FieldError, invalidValue, notSupported } from '#api/validation/field-error.ts';

export interface DeleteWish {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  /** The older way to say Orphan (true) or Background (false). */
  readonly orphanDependents?: boolean;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}

const orphan = 'orphan';
const foreground = 'foregroundDeletion';
const policies = ['Foreground', 'Background', 'Orphan'];

export function checkWish(wish: DeleteWish): void {
  const errors: FieldError[] = [];
  if (wish.orphanDependents !== undefined && wish.propagationPolicy !== undefined) {
    errors.push(
      invalidValue(
        'propagationPolicy',
        wish.propagationPolicy,
        'orphanDependents and deletionPropagation cannot be both set',
      ),
    );
  }
  if (wish.propagationPolicy !== undefined && !policies.includes(wish.propagationPolicy)) {
    errors.push(notSupported('propagationPolicy', wish.propagationPolicy, [...policies, 'nil']));
  }
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', errors);
}

export function wishFromQuery(query: URLSearchParams): DeleteWish {
  const seconds = numberOf(query, 'gracePeriodSeconds');
  const [uid, resourceVersion] = [query.get('uid'), query.get('resourceVersion')];
  const preconditions = { ...(uid ? { uid } : {}), ...(resourceVersion ? { resourceVersion } : {}) };
  const policy = query.get('propagationPolicy');
  const orphans = query.get('orphanDependents');
  return {
    ...(seconds === undefined ? {} : { gracePeriodSeconds: seconds }),
    ...(policy ? { propagationPolicy: policy as 'Orphan' } : {}),
    ...(orphans === null ? {} : { orphanDependents: booleanOf(query, 'orphanDependents') }),
    ...(uid || resourceVersion ? { preconditions } : {}),
  };
}

/** The finalizers an object has once it is being deleted this way. */
export function finalizersAfter(
  strategy: Strategy,
  finalizers: readonly string[],
  wish: DeleteWish,
): string[] {
  const kept = finalizers.filter((one) => one !== orphan && one !== foreground);
  if (wantsOrphan(strategy, finalizers, wish)) kept.push(orphan);
  if (wantsForeground(finalizers, wish)) kept.push(foreground);
  return kept;
}

function wantsOrphan(strategy: Strategy, finalizers: readonly string[], wish: DeleteWish): boolean {
  if (wish.orphanDependents !== undefined) return wish.orphanDependents;
  if (wish.propagationPolicy !== undefined) return wish.propagationPolicy === 'Orphan';
  if (finalizers.includes(orphan)) return true;
  if (finalizers.includes(foreground)) return false;
  return strategy.defaultPropagation === 'Orphan';
}

function wantsForeground(finalizers: readonly string[], wish: DeleteWish): boolean {
  if (wish.orphanDependents !== undefined) return false;
  if (wish.propagationPolicy !== undefined) return wish.propagationPolicy === 'Foreground';
  return finalizers.includes(foreground);
}
