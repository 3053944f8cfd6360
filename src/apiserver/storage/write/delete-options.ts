/**
 * Reads the DeleteOptions of a DELETE in body or query, and finds the garbage collector's finalizers that they add.
 */

import { booleanOf, numberOf } from '#api/http/query-parameters.ts';
import type { Strategy } from '#api/kind/strategy.ts';
import { invalid } from '#api/meta/status.ts';
import { type FieldError, invalidValue, notSupported } from '#api/validation/field-error.ts';

export interface DeletionRequest {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  /** Deprecated form of Orphan (true) and Background (false). */
  readonly orphanDependents?: boolean;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}

const orphan = 'orphan';
const foreground = 'foregroundDeletion';
const policies = ['Foreground', 'Background', 'Orphan'];

export function checkDeletionRequest(deletion: DeletionRequest): void {
  const errors: FieldError[] = [];
  if (deletion.orphanDependents !== undefined && deletion.propagationPolicy !== undefined) {
    errors.push(
      invalidValue(
        'propagationPolicy',
        deletion.propagationPolicy,
        'orphanDependents and deletionPropagation cannot be both set',
      ),
    );
  }
  if (deletion.propagationPolicy !== undefined && !policies.includes(deletion.propagationPolicy)) {
    errors.push(notSupported('propagationPolicy', deletion.propagationPolicy, [...policies, 'nil']));
  }
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', errors);
}

export function deletionRequestFromQuery(query: URLSearchParams): DeletionRequest {
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

/** The finalizers of an object after its deletion with these options has begun. */
export function finalizersAfter(
  strategy: Strategy,
  finalizers: readonly string[],
  deletion: DeletionRequest,
): string[] {
  const kept = finalizers.filter((finalizer) => finalizer !== orphan && finalizer !== foreground);
  if (wantsOrphan(strategy, finalizers, deletion)) kept.push(orphan);
  if (wantsForeground(finalizers, deletion)) kept.push(foreground);
  return kept;
}

function wantsOrphan(strategy: Strategy, finalizers: readonly string[], deletion: DeletionRequest): boolean {
  if (deletion.orphanDependents !== undefined) return deletion.orphanDependents;
  if (deletion.propagationPolicy !== undefined) return deletion.propagationPolicy === 'Orphan';
  if (finalizers.includes(orphan)) return true;
  if (finalizers.includes(foreground)) return false;
  return strategy.defaultPropagation === 'Orphan';
}

function wantsForeground(finalizers: readonly string[], deletion: DeletionRequest): boolean {
  if (deletion.orphanDependents !== undefined) return false;
  if (deletion.propagationPolicy !== undefined) return deletion.propagationPolicy === 'Foreground';
  return finalizers.includes(foreground);
}
