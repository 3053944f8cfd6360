/** The health checks of the aggregator, by upstream's names: its parts start before the server listens. */

import type { HealthCheck } from '../contract/health-check.ts';
import type { Aggregation } from './aggregation.ts';

export function aggregationChecks(aggregation: Aggregation): Record<string, HealthCheck> {
  const begun = () => (aggregation.missing ? undefined : 'not finished');
  const registered = () => {
    const { missing = [] } = aggregation;
    return missing.length > 0 ? `missing APIService: [${missing.join(' ')}]` : begun();
  };
  return {
    'poststarthook/start-kube-aggregator-informers': begun,
    'poststarthook/apiservice-status-local-available-controller': begun,
    'poststarthook/apiservice-status-remote-available-controller': begun,
    'poststarthook/apiservice-registration-controller': begun,
    'poststarthook/apiservice-discovery-controller': begun,
    'poststarthook/kube-apiserver-autoregistration': begun,
    'autoregister-completion': registered,
    'poststarthook/apiservice-openapi-controller': begun,
    'poststarthook/apiservice-openapiv3-controller': begun,
  };
}
