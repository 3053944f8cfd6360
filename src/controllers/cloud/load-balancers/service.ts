/**
 * Gives Services of type LoadBalancer a load balancer of the cloud, and takes it back before they are deleted.
 *
 * Reads Services and Nodes; writes the finalizer service.kubernetes.io/load-balancer-cleanup and the status of Services,
 * and events. Follows upstream's service-controller of the cloud-controller-manager.
 */

import { nodes as nodeType, services as serviceType } from '#api/generated/kinds.gen.ts';
import type { Node, Service } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { defineController } from '#client/controllers/controller.ts';
import { nothingToDo, type Plan } from '#client/controllers/plan.ts';
import { keyOf, splitKey } from '#client/controllers/queue-key.ts';
import { watch } from '#client/controllers/watch.ts';
import type { Lister } from '#client/informers/informer.ts';
import type { LoadBalancers } from '../cloud-provider.ts';
import {
  balancedNodes,
  isIncluded,
  needsCleanup,
  needsUpdate,
  nodesText,
  wantsLoadBalancer,
} from './balanced-service.ts';
import { BalancerSteps } from './balancer-steps.ts';

export function serviceController(loadBalancers: LoadBalancers) {
  return defineController({
    name: 'service-controller',
    start({ informers }) {
      const services = informers.for(serviceType);
      const nodes = informers.for(nodeType);
      const decision = new ServiceDecision(services, nodes, loadBalancers);
      return {
        watches: [
          watch({
            type: serviceType,
            on: ['listed', 'added', 'updated'],
            filter: (service) => wantsLoadBalancer(service) || decision.knows(service),
            changed: (old, now) => needsUpdate(old, now) || needsCleanup(now),
            note: (change, service, old) => decision.note(change, service, old),
          }),
          watch({
            type: nodeType,
            on: ['added', 'updated', 'deleted'],
            changed: (old, now) =>
              isIncluded(old) !== isIncluded(now) || old.spec?.providerID !== now.spec?.providerID,
            keys: () => services.list().filter(wantsLoadBalancer).map(keyOf),
          }),
        ],
        steps: decision.steps.all,
        reconcile: (key) => decision.decide(key),
      };
    },
  });
}

class ServiceDecision {
  readonly steps: BalancerSteps;
  readonly #services: Lister<Service>;
  readonly #nodes: Lister<Node>;
  readonly #loadBalancers: LoadBalancers;
  /** Keys of Services whose load balancer must be made or changed. */
  readonly #changed = new Set<string>();
  /** By uid, the nodes that its load balancer was last given. */
  readonly #nodesOf = new Map<string, string>();
  #isRestored = false;

  constructor(services: Lister<Service>, nodes: Lister<Node>, loadBalancers: LoadBalancers) {
    this.#services = services;
    this.#nodes = nodes;
    this.#loadBalancers = loadBalancers;
    this.steps = new BalancerSteps(loadBalancers, (key) => this.#changed.add(key));
  }

  /** It has, or may have, a load balancer. */
  knows(service: Stored<Service>): boolean {
    return needsCleanup(service) || this.#nodesOf.has(service.metadata.uid);
  }

  note(change: string, service: Stored<Service>, old?: Stored<Service>): void {
    if (change === 'deleted') {
      this.#changed.delete(keyOf(service));
      this.#nodesOf.delete(service.metadata.uid);
    } else if (old === undefined || needsUpdate(old, service)) {
      this.#changed.add(keyOf(service));
    }
  }

  decide(key: string): Plan {
    if (!this.#isRestored) this.#loadBalancers.restore(this.#services.list());
    this.#isRestored = true;
    const [namespace, name] = splitKey(key);
    const service = this.#services.get(namespace, name);
    if (!service) return nothingToDo;
    const { uid } = service.metadata;
    if (needsCleanup(service) || !wantsLoadBalancer(service)) {
      this.#changed.delete(key);
      return this.#nodesOf.delete(uid) || needsCleanup(service)
        ? this.steps.planRemoval(service)
        : nothingToDo;
    }
    const nodes = balancedNodes(this.#nodes.list());
    const isSame = this.#nodesOf.get(uid) === nodesText(nodes);
    const mustEnsure = this.#changed.delete(key) || !this.#nodesOf.has(uid);
    if (!mustEnsure && isSame) return nothingToDo;
    this.#nodesOf.set(uid, nodesText(nodes));
    return mustEnsure ? this.steps.planEnsure(service, nodes) : this.steps.planUpdate(service, nodes);
  }
}
