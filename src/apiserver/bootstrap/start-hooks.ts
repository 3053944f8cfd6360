/**
 * The health checks of what begins with the server, by upstream's names and in its order. What upstream does in
 * background loops is done here before the server takes requests, or before it is ready.
 */

import type { HealthCheck } from '../contract/health-check.ts';

export interface Begun {
  /** Why the cache of what is stored cannot be read now. */
  readonly storage: HealthCheck;
  readonly customResources: HealthCheck;
  readonly serviceAddresses: HealthCheck;
  /** The objects that every cluster is born with are there. */
  readonly bootstrap: HealthCheck;
}

export function startHooks(begun: Begun): Record<string, HealthCheck> {
  const { storage, customResources, serviceAddresses, bootstrap } = begun;
  return {
    'poststarthook/start-apiserver-admission-initializer': fromTheStart,
    'poststarthook/generic-apiserver-start-informers': fromTheStart,
    'poststarthook/priority-and-fairness-config-consumer': fromTheStart,
    'poststarthook/priority-and-fairness-filter': fromTheStart,
    'poststarthook/start-apiextensions-informers': customResources,
    'poststarthook/start-apiextensions-controllers': customResources,
    'poststarthook/crd-informer-synced': customResources,
    'poststarthook/start-system-namespaces-controller': bootstrap,
    'poststarthook/start-cluster-authentication-info-controller': bootstrap,
    'poststarthook/start-legacy-token-tracking-controller': bootstrap,
    'poststarthook/start-service-ip-repair-controllers': serviceAddresses,
    'poststarthook/rbac/bootstrap-roles': bootstrap,
    'poststarthook/scheduling/bootstrap-system-priority-classes': bootstrap,
    'poststarthook/priority-and-fairness-config-producer': bootstrap,
    'poststarthook/bootstrap-controller': bootstrap,
    'poststarthook/storage-readiness': storage,
    'poststarthook/start-kubernetes-service-cidr-controller': serviceAddresses,
  };
}

/** The server takes no request before. */
function fromTheStart(): undefined {}
