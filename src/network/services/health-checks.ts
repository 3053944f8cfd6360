/**
 * Answers at the healthCheckNodePort of every service with externalTrafficPolicy Local whether this node has backends
 * of it, so that a load balancer sends only where somebody is.
 */

import type { Service } from '#api/generated/types.gen.ts';
import type { Log } from '#base/log.ts';
import { type HttpListener, listenHttp, type PlainAnswer } from '#host/http/http-listener.ts';
import type { Frontend } from './model.ts';

export interface HealthCheck {
  readonly port: number;
  readonly namespace: string;
  readonly name: string;
  readonly localEndpoints: number;
}

/** Undefined for a service without such a port. The backends of its ports are the same pods: they count once. */
export function healthCheckOf(service: Service, frontends: readonly Frontend[]): HealthCheck | undefined {
  const { healthCheckNodePort: port, externalTrafficPolicy, type } = service.spec ?? {};
  if (!port || type !== 'LoadBalancer' || externalTrafficPolicy !== 'Local') return undefined;
  const ips = new Set(frontends.flatMap((one) => one.externalBackends.map(({ ip }) => ip)));
  const { namespace = '', name = '' } = service.metadata ?? {};
  return { port, namespace, name, localEndpoints: ips.size };
}

interface Entry {
  current: HealthCheck;
  readonly listener: Promise<HttpListener | undefined>;
}

export class HealthChecks {
  private readonly log: Log;
  private readonly open = new Map<number, Entry>();

  constructor(log: Log) {
    this.log = log;
  }

  update(checks: readonly HealthCheck[]): void {
    const wanted = new Map(checks.map((one) => [one.port, one]));
    for (const port of this.open.keys()) if (!wanted.has(port)) this.close(port);
    for (const [port, check] of wanted) {
      const entry = this.open.get(port);
      if (entry) entry.current = check;
      else this.listen(check);
    }
  }

  stop(): void {
    for (const port of this.open.keys()) this.close(port);
  }

  private listen(check: HealthCheck): void {
    const entry: Entry = {
      current: check,
      listener: listenHttp(check.port, () => answerOf(entry.current)).catch((error: unknown) => {
        const service = `${check.namespace}/${check.name}`;
        this.log.warn('no health check', { service, port: check.port, error: String(error) });
        return undefined;
      }),
    };
    this.open.set(check.port, entry);
  }

  private close(port: number): void {
    void this.open.get(port)?.listener.then((listener) => listener?.close());
    this.open.delete(port);
  }
}

function answerOf({ namespace, name, localEndpoints }: HealthCheck): PlainAnswer {
  return {
    status: localEndpoints > 0 ? 200 : 503,
    headers: {
      'content-type': 'application/json',
      'x-content-type-options': 'nosniff',
      'x-load-balancing-endpoint-weight': String(localEndpoints),
    },
    body: JSON.stringify({ service: { namespace, name }, localEndpoints, serviceProxyHealthy: true }),
  };
}
