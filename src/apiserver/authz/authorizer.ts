/** The chain of authorizers, in upstream's order: `system:masters`, Node, RBAC. */

import type { Authorizer } from '../contract/authorization.ts';
import type { ObjectReader } from '../contract/stored-objects.ts';
import { decide } from './authorize-request.ts';
import { nodeAuthorizer } from './node.ts';
import type { NodePods } from './node-pods.ts';
import { mastersAuthorizer, type RuleResolver, rbacAuthorizer, ruleResolver } from './rbac.ts';

export interface Authorization {
  readonly authorizer: Authorizer;
  readonly resolver: RuleResolver;
}

export function defaultAuthorization(reader: ObjectReader, nodePods: NodePods): Authorization {
  const resolver = ruleResolver(reader);
  const chain = [mastersAuthorizer, nodeAuthorizer(reader, nodePods), rbacAuthorizer(resolver)];
  const authorizer: Authorizer = { name: 'union', authorize: (attributes) => decide(chain, attributes) };
  return { authorizer, resolver };
}
