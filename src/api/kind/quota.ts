/** What a ResourceQuota counts of one object: its number, and the usage that its kind defines. */

import type { ResourceQuota, ScopedResourceSelectorRequirement } from '../generated/types.gen.ts';
import type { AnyObject, KubeObject } from '../meta/object.ts';
import { groupResource, type ResourceType } from '../meta/resource.ts';

/** By the names that a quota's `hard` uses: `pods`, `requests.cpu`, `count/deployments.apps`. */
export type Usage = Record<string, string>;

/** Stored objects of other kinds, as usage looks at them. Cached: the newest change may be missing. */
export interface QuotaLookUps {
  /** An object without a namespace is found in `''`. */
  get(type: ResourceType, namespace: string, name: string): AnyObject | undefined;
  list(type: ResourceType, namespace: string): AnyObject[];
}

export interface QuotaRules<T extends KubeObject = KubeObject> {
  /** No quota counts these objects, not even as `count/…`. */
  readonly isUncounted?: boolean;
  /** Does a quota with `name` in `hard` count these objects? */
  counts(name: string): boolean;
  /** Absent: only their number. */
  usage?(object: T, nowMs: number, lookUps: QuotaLookUps): Usage;
  /** The kinds that `usage` looks up, besides its own. */
  readonly looksUp?: readonly ResourceType[];
  /** Updates of this subresource, `''` for the object itself, may increase usage. Absent: no update may. */
  readonly growsThrough?: string;
  /** Absent: a quota with scopes counts none of these objects. */
  matchesScope?(scope: ScopedResourceSelectorRequirement, object: T): boolean;
  /** What decides about its scopes and can change by an update. Absent: nothing. */
  scopedBy?(object: T): unknown;
  /** Missing fields that the quota counts, as a text for the message; empty if none. */
  unspecified?(object: T, counted: readonly string[]): string;
}

export const uncounted: QuotaRules = { isUncounted: true, counts: () => false };

/** The part of a kind that quotas use. */
export interface QuotaKind {
  readonly type: ResourceType;
  readonly quota?: QuotaRules;
}

/** For a kind that quotas also count by the resource's plain name: `secrets`. */
export function countedAs(name: string): QuotaRules {
  return { counts: (limited) => limited === name, usage: () => ({ [name]: '1' }) };
}

export function usageOf(
  { type, quota }: QuotaKind,
  object: AnyObject,
  nowMs: number,
  lookUps: QuotaLookUps,
): Usage {
  return { [countName(type)]: '1', ...quota?.usage?.(object, nowMs, lookUps) };
}

/** The names in `limited`, a quota's `hard`, that count objects of this kind. */
export function countedNames({ type, quota }: QuotaKind, limited: readonly string[]): string[] {
  if (quota?.isUncounted) return [];
  return limited.filter((name) => name === countName(type) || quota?.counts(name) === true);
}

function countName(type: ResourceType): string {
  return `count/${groupResource(type)}`;
}

/** Whether a scope selects an object by the classes that it names. */
export function selectsClasses(
  { operator, values = [] }: ScopedResourceSelectorRequirement,
  names: readonly string[],
): boolean {
  switch (operator) {
    case 'Exists':
      return names.length > 0;
    case 'DoesNotExist':
      return names.length === 0;
    case 'In':
      return names.some((name) => values.includes(name));
    default:
      return names.length === 0 || names.some((name) => !values.includes(name));
  }
}

/** A quota without scopes counts every object. */
export function matchesScopes({ spec }: ResourceQuota, { quota }: QuotaKind, object: AnyObject): boolean {
  const plain = (spec?.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists' }));
  const all = [...plain, ...(spec?.scopeSelector?.matchExpressions ?? [])];
  return all.every((scope) => quota?.matchesScope?.(scope, object) ?? false);
}
