/** Counts what each authorizer of the chain decides: upstream's metric of terminal decisions. */

import type { Registry } from 'prom-client';
import type { AuthorizationDecision, Authorizer } from '../contract/authorization.ts';
import { UnreadCounter } from '../contract/unread-counter.ts';

export class DecisionCounts {
  readonly #decisions: UnreadCounter;

  constructor(registry: Registry) {
    this.#decisions = new UnreadCounter({
      name: 'apiserver_authorization_decisions_total',
      help: 'Requests that an authorizer allowed or denied.',
      labelNames: ['type', 'name', 'decision'],
      registry,
    });
  }

  /** The same authorizer, counted. `type` and `name`: of its entry in the AuthorizationConfiguration. */
  counting(authorizer: Authorizer, type: string, name: string): Authorizer {
    const allowed = this.#decisions.begin({ type, name, decision: 'allowed' });
    const denied = this.#decisions.begin({ type, name, decision: 'denied' });
    const count = (answer: AuthorizationDecision) => {
      if (answer.decision === 'allow') allowed.unread++;
      else if (answer.decision === 'deny') denied.unread++;
      return answer;
    };
    return {
      name: authorizer.name,
      authorize(attributes) {
        const answer = authorizer.authorize(attributes);
        return answer instanceof Promise ? answer.then(count) : count(answer);
      },
    };
  }
}
