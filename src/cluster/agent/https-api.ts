/** The API of a node in a process of its own: every part over HTTPS, with the node's certificate. */

import type { Env } from '#base/env.ts';
import { createInformers } from '#client/informers/informers.ts';
import { createClient } from '#client/rest/client.ts';
import { httpsTransport } from '#client/transport/https.ts';
import type { ApiAccess, NodeApi } from '../nodes/node-api.ts';
import type { StartedParts } from '../started-parts.ts';
import type { NodeCredentials } from './credentials.ts';

/** All parts share connections and caches, since they are one identity. */
export function httpsApi(env: Env, credentials: NodeCredentials, parts: StartedParts): NodeApi {
  const { server, caPem: ca } = credentials;
  const transport = httpsTransport({ server, ca, identity: () => credentials.client });
  parts.add('connections to the API server', () => transport.close());
  const informers = createInformers(createClient(transport, { userAgent: 'kubelet' }), env);
  parts.add('informers', () => informers.stop());
  const as = (userAgent: string): ApiAccess => ({
    client: createClient(transport, { userAgent }),
    informers,
  });
  return {
    kubelet: as('kubelet'),
    network: as('kube-proxy'),
    policies: as('network-policies'),
    dns: as('coredns'),
    serving: {
      certificate: credentials.serving,
      clientCaPem: ca,
      follow(use) {
        use(credentials.serving);
        credentials.onServingRenewed(use);
      },
    },
  };
}
