/**
 * What a cloud gives to a cluster. A provider implements the parts that its cloud has; the controllers of this room
 * work over them, as upstream's cloud-controller-manager does over its cloud interface.
 */

import type { LoadBalancerStatus, Node, Service } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';

export interface CloudProvider {
  readonly name: string;
  /** Absent: Services of type LoadBalancer wait for another controller. */
  readonly loadBalancers?: LoadBalancers;
}

/** Every method rejects with the reason that an event shows; it is called again later. */
export interface LoadBalancers {
  /** Reads what earlier processes have given, before the first other call. */
  restore(services: readonly Stored<Service>[]): void;
  exists(service: Stored<Service>): Promise<boolean>;
  /** Makes or changes it; resolves with its addresses. `nodes`: that may get its traffic. */
  ensure(service: Stored<Service>, nodes: readonly Stored<Node>[]): Promise<LoadBalancerStatus>;
  /** The nodes have changed. */
  update(service: Stored<Service>, nodes: readonly Stored<Node>[]): Promise<void>;
  /** Resolves as well when there is none. */
  remove(service: Stored<Service>): Promise<void>;
}
