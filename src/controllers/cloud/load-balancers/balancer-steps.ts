/** Plans about one Service's load balancer, with upstream's events, and the steps in which the cloud is called. */

import { services } from '#api/generated/kinds.gen.ts';
import type { LoadBalancerStatus, Node, Service } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { deepEqual } from '#api/schema/deep-equal.ts';
import { errorText } from '#base/text/error-text.ts';
import { type Action, type Plan, targetOf } from '#client/controllers/plan.ts';
import { keyOf } from '#client/controllers/queue-key.ts';
import { type SpecialStep, special } from '#client/controllers/special.ts';
import { eventAction } from '../../shared/event-action.ts';
import { isMarked } from '../../shared/protection-finalizer.ts';
import type { LoadBalancers } from '../cloud-provider.ts';
import { cleanupFinalizer } from './balanced-service.ts';

interface Balanced {
  readonly service: Stored<Service>;
  readonly nodes: readonly Stored<Node>[];
}

/** Upstream's bounds of the back-off after a failure of the cloud. */
const retryMinMs = 5000;
const retryMaxMs = 300_000;
/** Of nodes named in an event. */
const namesMax = 20;
const unavailable = 'There are no available nodes for LoadBalancer';

export class BalancerSteps {
  readonly all: readonly SpecialStep[];
  readonly #loadBalancers: LoadBalancers;
  /** The key has to be ensured again. */
  readonly #failed: (key: string) => void;
  /** In a row, by key. */
  readonly #failures = new Map<string, number>();
  readonly #ensure: SpecialStep<Balanced>;
  readonly #update: SpecialStep<Balanced>;
  readonly #remove: SpecialStep<Stored<Service>>;

  constructor(loadBalancers: LoadBalancers, failed: (key: string) => void) {
    this.#loadBalancers = loadBalancers;
    this.#failed = failed;
    this.#ensure = { name: 'ensureLoadBalancer', carryOut: (data) => this.#ensureIt(data) };
    this.#update = { name: 'updateLoadBalancer', carryOut: (data) => this.#updateIt(data) };
    this.#remove = { name: 'removeLoadBalancer', carryOut: (service) => this.#removeIt(service) };
    this.all = [this.#ensure, this.#update, this.#remove] as unknown as SpecialStep[];
  }

  /** The finalizer first: the Service is not deleted as long as there is a load balancer. */
  planEnsure(service: Stored<Service>, nodes: readonly Stored<Node>[]): Plan {
    const marking = isMarked(service, cleanupFinalizer) ? [] : [finalizerPatch(service, true)];
    const warning =
      nodes.length > 0 ? [] : [eventAction(service, 'Warning', 'UnAvailableLoadBalancer', unavailable)];
    return {
      actions: [
        eventAction(service, 'Normal', 'EnsuringLoadBalancer', 'Ensuring load balancer'),
        ...marking,
        ...warning,
        special(this.#ensure, keyOf(service), { service, nodes }),
      ],
    };
  }

  planUpdate(service: Stored<Service>, nodes: readonly Stored<Node>[]): Plan {
    return { actions: [special(this.#update, keyOf(service), { service, nodes })] };
  }

  planRemoval(service: Stored<Service>): Plan {
    return { actions: [special(this.#remove, keyOf(service), service)] };
  }

  async #ensureIt({ service, nodes }: Balanced): Promise<Plan> {
    try {
      const status = await this.#loadBalancers.ensure(service, nodes);
      this.#failures.delete(keyOf(service));
      return {
        actions: [
          eventAction(service, 'Normal', 'EnsuredLoadBalancer', 'Ensured load balancer'),
          ...statusPatch(service, status),
        ],
      };
    } catch (error) {
      return this.#again(service, `failed to ensure load balancer: ${errorText(error)}`);
    }
  }

  async #updateIt({ service, nodes }: Balanced): Promise<Plan> {
    try {
      await this.#loadBalancers.update(service, nodes);
      const event =
        nodes.length === 0
          ? eventAction(service, 'Warning', 'UnAvailableLoadBalancer', unavailable)
          : eventAction(service, 'Normal', 'UpdatedLoadBalancer', 'Updated load balancer with new hosts');
      return { actions: [event] };
    } catch (error) {
      const text = `Error updating load balancer with new hosts [${namesOf(nodes)}] [node names limited, total number of nodes: ${nodes.length}], error: ${errorText(error)}`;
      this.#failed(keyOf(service));
      const event = eventAction(service, 'Warning', 'UpdateLoadBalancerFailed', text);
      return { actions: [event], againInMs: this.#retryMs(service) };
    }
  }

  async #removeIt(service: Stored<Service>): Promise<Plan> {
    const before: Action[] = [];
    try {
      if (await this.#loadBalancers.exists(service)) {
        before.push(eventAction(service, 'Normal', 'DeletingLoadBalancer', 'Deleting load balancer'));
        await this.#loadBalancers.remove(service);
      }
    } catch (error) {
      return this.#again(service, `failed to delete load balancer: ${errorText(error)}`, before);
    }
    this.#failures.delete(keyOf(service));
    const unmarking = isMarked(service, cleanupFinalizer) ? [finalizerPatch(service, false)] : [];
    return {
      actions: [
        ...before,
        ...statusPatch(service, {}),
        ...unmarking,
        eventAction(service, 'Normal', 'DeletedLoadBalancer', 'Deleted load balancer'),
      ],
    };
  }

  #again(service: Stored<Service>, why: string, before: readonly Action[] = []): Plan {
    this.#failed(keyOf(service));
    const event = eventAction(
      service,
      'Warning',
      'SyncLoadBalancerFailed',
      `Error syncing load balancer: ${why}`,
    );
    return { actions: [...before, event], againInMs: this.#retryMs(service) };
  }

  #retryMs(service: Stored<Service>): number {
    const failures = this.#failures.get(keyOf(service)) ?? 0;
    this.#failures.set(keyOf(service), failures + 1);
    return Math.min(retryMinMs * 2 ** failures, retryMaxMs);
  }
}

/** Through the status, as upstream: the controller may write nothing else of a Service. */
function finalizerPatch(service: Stored<Service>, isAdded: boolean): Action {
  const key = isAdded ? 'finalizers' : '$deleteFromPrimitiveList/finalizers';
  const patch = { metadata: { [key]: [cleanupFinalizer] } };
  return {
    ...{ do: 'patch', ...targetOf(services, service), subresource: 'status', patchType: 'strategic', patch },
    ignore: isAdded ? [] : ['NotFound'],
  };
}

/** None when it is so already. */
function statusPatch(service: Stored<Service>, { ingress = [] }: LoadBalancerStatus): Action[] {
  if (deepEqual(service.status?.loadBalancer?.ingress ?? [], ingress)) return [];
  const patch = { status: { loadBalancer: { ingress: ingress.length > 0 ? ingress : null } } };
  const target = targetOf(services, service);
  return [{ do: 'patch', ...target, subresource: 'status', patchType: 'merge', patch, ignore: ['NotFound'] }];
}

function namesOf(nodes: readonly Stored<Node>[]): string {
  const names = nodes.slice(0, namesMax).map(({ metadata }) => metadata.name);
  const more = nodes.length > namesMax ? [`<${nodes.length - namesMax} more>`] : [];
  return [...names, ...more].join(' ');
}
