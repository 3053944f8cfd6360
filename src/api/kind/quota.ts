/** What a ResourceQuota counts of one object: its number, and what its kind says that it uses. */

import type { ResourceQuota, ScopedResourceSelectorRequirement } from '../generated/types.gen.ts';
import type { AnyObject, KubeObject } from '../meta/object.ts';
import { groupResource, type ResourceType } from '../meta/resource.ts';

/** By the names that a quota's `hard` uses: `pods`, `requests.cpu`, `count/deployments.apps`. */
export type Usage = Record<string, string>;

export interface QuotaRules<T extends KubeObject = KubeObject> {
  /** Does a quota that limits `name` count these objects? */
  counts(name: string): boolean;
  usage(object: T): Usage;
  /** Updates of this subresource, `''` for the object itself, may use more than before. Absent: none may. */
  readonly growsThrough?: string;
  /** Absent: a quota with scopes counts none of these objects. */
  matchesScope?(scope: ScopedResourceSelectorRequirement, object: T): boolean;
  /** What the object leaves unsaid although the quota counts it; empty when nothing. */
  unspecified?(object: T, counted: readonly string[]): string;
}

/** As much of a kind as a quota looks at. */
export interface QuotaKind {
  readonly type: ResourceType;
  readonly quota?: QuotaRules;
}

/** Of a kind whose objects a quota counts by the resource's plain name too: `secrets`. */
export function countedAs(name: string): QuotaRules {
  return { counts: (limited) => limited === name, usage: () => ({ [name]: '1' }) };
}

export function usageOf({ type, quota }: QuotaKind, object: AnyObject): Usage {
  return { [countName(type)]: '1', ...quota?.usage(object) };
}

/** Those of `limited`, a quota's names, that count objects of this kind. */
export function countedNames({ type, quota }: QuotaKind, limited: readonly string[]): string[] {
  return limited.filter((name) => name === countName(type) || quota?.counts(name) === true);
}

function countName(type: ResourceType): string {
  return `count/${groupResource(type)}`;
}

/** A quota without scopes counts everything. */
export function matchesScopes({ spec }: ResourceQuota, { quota }: QuotaKind, object: AnyObject): boolean {
  const plain = (spec?.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists' }));
  const all = [...plain, ...(spec?.scopeSelector?.matchExpressions ?? [])];
  return all.every((scope) => quota?.matchesScope?.(scope, object) ?? false);
}
