/**
 * Connections to other API servers: to an endpoint of the service, over TLS with the service's name as the server
 * name and the front proxy's client certificate.
 */

import type { Agent } from 'node:https';
import { getCACertificates } from 'node:tls';
import type { EndpointResolver } from '../outgoing/service-endpoint.ts';
import { type Destination, keptConnections } from '../subresources/connections/kubelet-connection.ts';
import type { RemoteServer } from './api-services.ts';

/** PEM. */
export interface ProxyCertificate {
  readonly cert: string;
  readonly key: string;
}

export class ExtensionConnections {
  readonly #resolve: EndpointResolver;
  readonly #certificate: () => ProxyCertificate;
  readonly agent: Agent = keptConnections();

  /** `certificate` is called for each request: it may be renewed. */
  constructor(resolve: EndpointResolver, certificate: () => ProxyCertificate) {
    this.#resolve = resolve;
    this.#certificate = certificate;
  }

  /** Throws if the service has no ready endpoint. */
  to({ service, caPem, skipsVerification }: RemoteServer): Destination {
    const { host, port } = this.#resolve(service);
    const tls = {
      ...this.#certificate(),
      ca: caPem ?? getCACertificates('system').join('\n'),
      verify: !skipsVerification,
      serverName: `${service.name}.${service.namespace}.svc`,
    };
    return { host, port, tls };
  }

  close(): void {
    this.agent.destroy();
  }
}
