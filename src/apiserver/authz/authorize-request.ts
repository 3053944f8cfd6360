/**
 * Asks the authorizers in order; the first that allows or denies decides, else the reasons of all are kept.
 * Every request passes here: without a promise when no authorizer needs one.
 */

import type {
  AuthorizationAttributes,
  AuthorizationDecision,
  Authorizer,
} from '../contract/authorization.ts';

export function decide(
  authorizers: readonly Authorizer[],
  attributes: AuthorizationAttributes,
  from = 0,
  reasons = '',
  errors = '',
): AuthorizationDecision | Promise<AuthorizationDecision> {
  let text = reasons;
  let problems = errors;
  for (let i = from; i < authorizers.length; i++) {
    const answer = authorizers[i]!.authorize(attributes);
    if (answer instanceof Promise) {
      return answer.then((given) =>
        given.decision === 'noOpinion'
          ? decide(
              authorizers,
              attributes,
              i + 1,
              joined(text, given.reason),
              joined(problems, given.error ?? ''),
            )
          : given,
      );
    }
    if (answer.decision !== 'noOpinion') return answer;
    text = joined(text, answer.reason);
    if (answer.error) problems = joined(problems, answer.error);
  }
  return { decision: 'noOpinion', reason: text, ...(problems ? { error: problems } : {}) };
}

function joined(reasons: string, reason: string): string {
  return reasons === '' || reason === '' ? reasons + reason : `${reasons}\n${reason}`;
}
