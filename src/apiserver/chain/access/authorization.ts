/** Refuses with 403 what no authorizer allows. */

import type { AuditedRequest } from '../../audit/audited-request.ts';
import { decide } from '../../authz/authorize-request.ts';
import { notAllowed } from '../../authz/forbidden-text.ts';
import { selectorsOfRequest } from '../../authz/selectors.ts';
import type {
  AuthorizationAttributes,
  AuthorizationDecision,
  Authorizer,
} from '../../contract/authorization.ts';
import { PlainRefusal } from '../../contract/plain-refusal.ts';
import type { AccessMetrics, AuthorizationResult } from '../../request/access-metrics.ts';
import type { Exchange } from '../../request/exchange.ts';
import type { Stage } from '../stage.ts';

export function authorization(authorizers: readonly Authorizer[], metrics?: AccessMetrics): Stage {
  return {
    name: 'authorization',
    enter: (exchange) =>
      authorize(authorizers, attributesOf(exchange), exchange.audit, metrics && counter(exchange, metrics)),
  };
}

/** Counts the decision with the time since now. */
function counter({ parts }: Exchange, metrics: AccessMetrics): (answer: AuthorizationDecision) => void {
  const { clock } = parts.env;
  const beganMs = clock.monotonicMs();
  return (answer) => metrics.authorized(resultOf(answer), clock.monotonicMs() - beganMs);
}

const results = { allow: 'allowed', deny: 'denied', noOpinion: 'no-opinion' } as const;

function resultOf({ decision, error }: AuthorizationDecision): AuthorizationResult {
  return decision !== 'allow' && error !== undefined ? 'error' : results[decision];
}

/**
 * Throws 403 when the user may not do this, too, to what the request is about: an update that creates, say.
 */
export function authorizeAlso(
  authorizers: readonly Authorizer[],
  exchange: Exchange,
  verb: string,
): undefined | Promise<undefined> {
  return authorize(authorizers, { ...attributesOf(exchange), verb }, undefined);
}

function authorize(
  authorizers: readonly Authorizer[],
  attributes: AuthorizationAttributes,
  audit: AuditedRequest | undefined,
  count?: (answer: AuthorizationDecision) => void,
): undefined | Promise<undefined> {
  const decided = (answer: AuthorizationDecision) => {
    count?.(answer);
    return judge(answer, attributes, audit);
  };
  const answer = decide(authorizers, attributes);
  return answer instanceof Promise ? answer.then(decided) : decided(answer);
}

/** The attributes of the request, for the authorizers. */
export function attributesOf({ info, user }: Exchange): AuthorizationAttributes {
  const { isResource, path, verb, group, version, resource, subresource, namespace, name } = info;
  return {
    user,
    isResource,
    path,
    verb,
    group,
    version,
    resource,
    subresource,
    namespace,
    name,
    ...selectorsOfRequest(info),
  };
}

function judge(
  { decision, reason, error }: AuthorizationDecision,
  attributes: AuthorizationAttributes,
  audit: AuditedRequest | undefined,
): undefined {
  if (decision === 'allow') return void audit?.recordDecision('allow', reason);
  if (error !== undefined) {
    audit?.annotate('authorization.k8s.io/reason', 'internal error');
    const path = JSON.stringify(attributes.path);
    throw new PlainRefusal(500, `Internal Server Error: ${path}: ${error}\n`);
  }
  audit?.recordDecision('forbid', reason);
  throw notAllowed(attributes, reason);
}
