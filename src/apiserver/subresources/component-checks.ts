/** The checks of the ComponentStatus list: of the store, and of the components that run in this process. */

import type { Store } from '#store/store.ts';
import { type ComponentChecks, Unhealthy } from './component-statuses.ts';

/** `given`: of `controller-manager` and `scheduler`; without a check a component is unhealthy. */
export function componentChecksOf(store: Store, given: ComponentChecks | undefined): ComponentChecks {
  return {
    'controller-manager': notHere,
    scheduler: notHere,
    ...given,
    'etcd-0': () => storeAnswers(store),
  };
}

function notHere(): never {
  throw new Unhealthy('it does not run in this process');
}

async function storeAnswers(store: Store): Promise<void> {
  const failure = store.failure();
  if (failure) throw failure;
  await store.range({ start: '/health', end: '/health0' }, { limit: 1 });
}
