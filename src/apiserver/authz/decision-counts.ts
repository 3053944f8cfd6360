/** Counts what each authorizer of the chain decides: upstream's metric of terminal decisions. */

import { Counter, type Registry } from 'prom-client';
import type { AuthorizationDecision, Authorizer } from '../contract/authorization.ts';

interface Decisions {
  readonly type: string;
  readonly name: string;
  readonly decision: 'allowed' | 'denied';
  /** Since the metrics were last read. */
  unread: number;
}

export class DecisionCounts {
  readonly #all: Decisions[] = [];

  constructor(registry: Registry) {
    const all = this.#all;
    new Counter({
      name: 'apiserver_authorization_decisions_total',
      help: 'Requests that an authorizer allowed or denied.',
      labelNames: ['type', 'name', 'decision'],
      registers: [registry],
      collect() {
        for (const counted of all) {
          const { type, name, decision, unread } = counted;
          if (unread > 0) this.inc({ type, name, decision }, unread);
          counted.unread = 0;
        }
      },
    });
  }

  /** The same authorizer, counted. `type` and `name`: of its entry in the AuthorizationConfiguration. */
  counting(authorizer: Authorizer, type: string, name: string): Authorizer {
    const allowed: Decisions = { type, name, decision: 'allowed', unread: 0 };
    const denied: Decisions = { type, name, decision: 'denied', unread: 0 };
    this.#all.push(allowed, denied);
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
