/** The question that a request puts to an authorizer, and the answer. */

import type { UserInfo } from '#api/meta/user.ts';
import type { FieldRequirement } from '#api/selectors/field-selector.ts';
import type { Requirement } from '#api/selectors/requirement.ts';

export interface AuthorizationAttributes {
  readonly user: UserInfo;
  readonly verb: string;
  readonly isResource: boolean;
  readonly path: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** What a list, a watch or a collection's deletion is kept to; absent when it cannot be parsed. */
  readonly fieldSelector?: readonly FieldRequirement[];
  readonly labelSelector?: readonly Requirement[];
}

export interface AuthorizationDecision {
  readonly decision: 'allow' | 'deny' | 'noOpinion';
  readonly reason: string;
  /** An authorizer could not find out. What is not allowed is answered with 500 then. */
  readonly error?: string;
}

export interface Authorizer {
  readonly name: string;
  authorize(attributes: AuthorizationAttributes): Promise<AuthorizationDecision> | AuthorizationDecision;
}
