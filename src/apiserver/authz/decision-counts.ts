/** Counts what each authorizer of the chain decides: upstream's metric of terminal decisions. */

import type { Registry } from 'prom-client';
import { Counter } from '#base/metrics/counter.ts';
import type { AuthorizationDecision, Authorizer } from '../contract/authorization.ts';
import { registered } from '../contract/register-metrics.ts';

export class DecisionCounts {
  readonly #decisions: Counter;

  constructor(registry: Registry) {
    this.#decisions = registered(
      registry,
      new Counter(
        'apiserver_authorization_decisions_total',
        'Requests that an authorizer allowed or denied.',
      ),
    );
  }

  /** The same authorizer, counted. `type` and `name`: of its entry in the AuthorizationConfiguration. */
  counting(authorizer: Authorizer, type: string, name: string): Authorizer {
    const allowed = this.#decisions.begin({ type, name, decision: 'allowed' });
    const denied = this.#decisions.begin({ type, name, decision: 'denied' });
    const count = (answer: AuthorizationDecision) => {
      if (answer.decision === 'allow') allowed.value++;
      else if (answer.decision === 'deny') denied.value++;
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
