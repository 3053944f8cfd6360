/**
 * The whole operator: its webhooks, which every replica serves, and its controller, which runs on the replica that is
 * elected.
 */

import type { KubeConfig } from '@kubernetes/client-node';
import { apiVersion, kind, type Website } from './api/v1.ts';
import { type Clock, systemClock } from './clock.ts';
import { type ClusterClient, clusterClient } from './cluster-client.ts';
import { runController } from './controller/controller.ts';
import { leadWhenElected } from './election/leader-election.ts';
import { type Admit, review } from './webhooks/admission.ts';
import { sharedCertificate } from './webhooks/certificate.ts';
import { reviewConversion } from './webhooks/conversion-review.ts';
import { type Defaults, setDefaults } from './webhooks/defaults.ts';
import { paths, registerWebhooks } from './webhooks/registration.ts';
import { type Handler, startWebhookServer } from './webhooks/server.ts';
import { validate } from './webhooks/validation.ts';

export interface OperatorOptions {
  readonly config: KubeConfig;
  /** Where the operator keeps its lease, its certificate and the table of hosts. */
  readonly namespace: string;
  /** Differs from that of every other replica. */
  readonly identity: string;
  readonly webhooks: {
    readonly port: number;
    /** Where the API server reaches this process; undefined: through the Service of the operator. */
    readonly host?: string;
  };
  readonly defaults: Defaults;
  readonly clock?: Clock;
  readonly log?: (line: string) => void;
}

export interface Operator {
  /** Releases the lease, so that another replica leads at once. */
  stop(): Promise<void>;
}

const serviceName = 'website-operator';

/** Resolves when the webhooks can be asked. */
export async function startOperator(options: OperatorOptions): Promise<Operator> {
  const { config, namespace, identity, clock = systemClock, log = () => {} } = options;
  const client = clusterClient(config);
  const server = await startWebhooks(options, client, clock);
  const stopping = new AbortController();
  const candidate = { client, clock, identity, lease: { namespace, name: serviceName } };
  const running = leadWhenElected(candidate, stopping.signal, async (signal) => {
    log(`${identity} leads`);
    await runController({ client, clock, namespace, log }, signal);
    log(`${identity} leads no more`);
  });
  return {
    async stop() {
      if (stopping.signal.aborted) return;
      stopping.abort();
      await running;
      await server.stop();
    },
  };
}

async function startWebhooks(
  { namespace, webhooks, defaults }: OperatorOptions,
  client: ClusterClient,
  clock: Clock,
) {
  const { host, port } = webhooks;
  const secret = { namespace, name: 'website-operator-tls' };
  const names = [`${serviceName}.${namespace}.svc`, ...(host ? [host] : [])];
  const certificate = await sharedCertificate(client, secret, names, clock.now());
  const handlers = handlersOf(client, defaults);
  const server = await startWebhookServer({ certificate, host, port, handlers });
  const reach = host
    ? { url: `https://${host}:${server.port}` }
    : { service: { namespace, name: serviceName } };
  await registerWebhooks(client, reach, certificate.cert);
  return server;
}

function handlersOf({ objects }: ClusterClient, defaults: Defaults): Record<string, Handler> {
  const allWebsites = async () => (await objects.list<Website>(apiVersion, kind)).items;
  const admits =
    (admit: Admit): Handler =>
    (body) =>
      review(admit, body);
  return {
    [paths.defaults]: admits((request) => setDefaults(defaults, request)),
    [paths.validation]: admits((request) => validate(allWebsites, request)),
    [paths.conversion]: reviewConversion,
    '/healthz': () => ({ ok: true }),
  };
}
