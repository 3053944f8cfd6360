/** The chain of authorizers, in upstream's order: `system:masters`, Node, RBAC. */

import type { Authorizer, ObjectReader } from '../contract.ts';
import { nodeAuthorizer } from './node.ts';
import { mastersAuthorizer, type RuleResolver, rbacAuthorizer, ruleResolver } from './rbac.ts';

export interface Authorization {
  readonly authorizer: Authorizer;
  readonly resolver: RuleResolver;
}

export function defaultAuthorization(reader: ObjectReader): Authorization {
  const resolver = ruleResolver(reader);
  const authorizer = authorizerChain([mastersAuthorizer, nodeAuthorizer(reader), rbacAuthorizer(resolver)]);
  return { authorizer, resolver };
}

/** The first who allows or denies decides; the reasons of those without an opinion are kept. */
function authorizerChain(authorizers: readonly Authorizer[]): Authorizer {
  return {
    name: 'union',
    async authorize(attributes) {
      const reasons: string[] = [];
      for (const authorizer of authorizers) {
        const answer = authorizer.authorize(attributes);
        const decision = answer instanceof Promise ? await answer : answer;
        if (decision.decision !== 'noOpinion') return decision;
        if (decision.reason !== '') reasons.push(decision.reason);
      }
      return { decision: 'noOpinion', reason: reasons.join('\n') };
    },
  };
}
