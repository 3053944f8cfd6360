/** The rules of a user, as each authorizer lists them for a review: a listing may have gaps. */

import type { PolicyRule } from '#api/generated/types.gen.ts';
import type { UserInfo } from '#api/meta/user.ts';
import type { RuleResolver } from './rbac.ts';

export interface ListedRules {
  readonly rules: readonly PolicyRule[];
  /** Why there may be more. */
  readonly gaps: readonly string[];
}

export type RuleLister = (user: UserInfo, namespace: string) => ListedRules;

export const everything: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

export function noRules(): ListedRules {
  return { rules: [], gaps: [] };
}

export function unlisted(authorizer: string): ListedRules {
  return { rules: [], gaps: [`${authorizer} authorizer does not support user rule resolution`] };
}

export function rbacRules(resolver: RuleResolver, user: UserInfo, namespace: string): ListedRules {
  const rules: PolicyRule[] = [];
  const gaps = resolver.visitRules(user, namespace, ({ rule }) => {
    rules.push(rule);
    return false;
  });
  return { rules, gaps };
}
