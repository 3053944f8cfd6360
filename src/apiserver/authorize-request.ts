/** Asks the authorizers in order; the first that has an opinion decides. */

import type { AuthorizationAttributes, Authorizer } from './contract.ts';

export async function allowed(
  authorizers: readonly Authorizer[],
  attributes: AuthorizationAttributes,
): Promise<{ ok: boolean; reason: string }> {
  const reasons: string[] = [];
  for (const authorizer of authorizers) {
    const answer = authorizer.authorize(attributes);
    const { decision, reason } = answer instanceof Promise ? await answer : answer;
    if (decision === 'allow') return { ok: true, reason };
    if (reason) reasons.push(reason);
    if (decision === 'deny') break;
  }
  return { ok: false, reason: reasons.join('\n') };
}
