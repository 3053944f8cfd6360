/** For tests: what the service proxy makes of a service. */

import type { Frontend } from '#network/services/frontends/frontend.ts';

const backends = [
  { ip: '10.244.0.5', port: 8080 },
  { ip: '10.244.0.6', port: 8080 },
];

/** A service with a cluster IP and a node port; the first of its two backends is on this node. */
export function webFrontend(more: Partial<Frontend> = {}): Frontend {
  const list = more.backends ?? backends;
  return {
    id: 'default/web:http',
    family: 4,
    protocol: 'tcp',
    port: 80,
    clusterIps: ['10.96.0.20'],
    externalIps: [],
    nodePort: 32000,
    backends: list,
    externalBackends: list,
    anyBackends: list,
    servingBackends: list,
    keepsSource: false,
    hairpinIps: list.slice(0, 1).map(({ ip }) => ip),
    ...more,
  };
}

/** The same service in a cluster of IPv6. */
export function webFrontend6(more: Partial<Frontend> = {}): Frontend {
  return webFrontend({
    family: 6,
    clusterIps: ['fd00:96::20'],
    backends: [
      { ip: 'fd00:244::5', port: 8080 },
      { ip: 'fd00:244::6', port: 8080 },
    ],
    ...more,
  });
}
