/**
 * Serves the healthCheckNodePort of every service with externalTrafficPolicy Local: whether this node has
 * ready endpoints of it, so that a load balancer sends only to nodes that have.
 */

import type { EndpointSlice, Service } from '#api/generated/types.gen.ts';
import { listenErrorInGoWords } from '#api/go/connection-error.ts';
import type { Log } from '#base/log.ts';
import type { EventRecorder } from '#client/events/recorder.ts';
import { type HttpListener, listenHttp, type PlainAnswer } from '#host/http/http-listener.ts';
import { readyAddressesHere } from './frontends/service-frontends.ts';

export interface HealthCheck {
  readonly port: number;
  readonly namespace: string;
  readonly name: string;
  readonly localEndpoints: number;
}

/**
 * Undefined for a service without healthCheckNodePort. Terminating endpoints that still serve get traffic
 * when none is ready, but do not count here: the load balancer shall use other nodes.
 */
export function healthCheckOf(
  service: Service,
  slices: readonly EndpointSlice[],
  nodeName: string,
): HealthCheck | undefined {
  const { healthCheckNodePort: port, externalTrafficPolicy, type } = service.spec ?? {};
  if (!port || type !== 'LoadBalancer' || externalTrafficPolicy !== 'Local') return undefined;
  const { namespace = '', name = '' } = service.metadata ?? {};
  return { port, namespace, name, localEndpoints: readyAddressesHere(slices, nodeName).size };
}

interface Entry {
  current: HealthCheck;
  readonly listener: Promise<HttpListener | undefined>;
}

export interface HealthChecksOptions {
  readonly log: Log;
  readonly nodeName: string;
  readonly recorder: Pick<EventRecorder, 'event'>;
  /** While the proxy is unhealthy, a load balancer shall not send to this node. */
  readonly isProxyHealthy: () => boolean;
}

export class HealthChecks {
  readonly #options: HealthChecksOptions;
  readonly #open = new Map<number, Entry>();

  constructor(options: HealthChecksOptions) {
    this.#options = options;
  }

  update(checks: readonly HealthCheck[]): void {
    const wanted = new Map(checks.map((check) => [check.port, check]));
    for (const port of this.#open.keys()) if (!wanted.has(port)) this.#close(port);
    for (const [port, check] of wanted) {
      const entry = this.#open.get(port);
      if (entry) entry.current = check;
      else this.#listen(check);
    }
  }

  stop(): void {
    for (const port of this.#open.keys()) this.#close(port);
  }

  /** A port that is taken is tried again with the next update, as upstream. */
  #listen(check: HealthCheck): void {
    const answer = () => healthCheckAnswer(entry.current, this.#options.isProxyHealthy());
    const entry: Entry = {
      current: check,
      listener: listenHttp({ port: check.port }, answer).catch((error: unknown) => {
        if (this.#open.get(check.port) === entry) this.#open.delete(check.port);
        this.#failed(check, error as NodeJS.ErrnoException);
        return undefined;
      }),
    };
    this.#open.set(check.port, entry);
  }

  #failed({ namespace, name, port }: HealthCheck, error: NodeJS.ErrnoException): void {
    const { log, nodeName, recorder } = this.#options;
    const service = `${namespace}/${name}`;
    log.warn('no health check', { service, port, error: String(error) });
    const why = listenErrorInGoWords(port, error);
    recorder.event(
      { apiVersion: 'v1', kind: 'Service', namespace, name },
      'Warning',
      'FailedToStartServiceHealthcheck',
      `node ${nodeName} failed to start healthcheck "${service}" on port ${port}: ${why}`,
    );
  }

  #close(port: number): void {
    void this.#open.get(port)?.listener.then((listener) => listener?.close());
    this.#open.delete(port);
  }
}

export function healthCheckAnswer(check: HealthCheck, serviceProxyHealthy: boolean): PlainAnswer {
  const { namespace, name, localEndpoints } = check;
  return {
    status: localEndpoints > 0 && serviceProxyHealthy ? 200 : 503,
    headers: {
      'content-type': 'application/json',
      'x-content-type-options': 'nosniff',
      'x-load-balancing-endpoint-weight': String(localEndpoints),
    },
    body: JSON.stringify({ service: { namespace, name }, localEndpoints, serviceProxyHealthy }),
  };
}
