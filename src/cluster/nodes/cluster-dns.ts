/** DNS of the cluster: served by every real node, under the Service that pods are configured with. */

import dnsPacket from 'dns-packet';
import { services } from '#api/generated/kinds.gen.ts';
import type { Service } from '#api/generated/types.gen.ts';
import { StatusError } from '#api/meta/status.ts';
import { type Clock, sleep } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import { addressAt, parseCidr } from '#base/net/cidr.ts';
import { rangeOf } from '#base/net/range-list.ts';
import type { Client } from '#client/client.ts';
import { createEventRecorder } from '#client/events/recorder.ts';
import { startDns } from '#dns/server.ts';
import { askDns } from '#host/network/dns-sockets.ts';
import type { StartedParts } from '../started-parts.ts';
import type { ApiAccess } from './node-api.ts';

export const clusterDomain = 'cluster.local';
const dnsOffset = 10;
const dnsPort = 53;
const metricsPort = 9153;
const dnsTryMs = 50;

/** The address of the DNS service in the ranges of service addresses. */
export function dnsAddressIn(serviceRange: string): string {
  return addressAt(parseCidr(rangeOf(serviceRange, 4)), dnsOffset);
}

interface DnsAddresses {
  /** Where the node's DNS listens. */
  readonly host: string;
  /** Of the Service. */
  readonly dnsAddress: string;
}

/** Listens at `host`. */
export async function startNodeDns(
  env: Env,
  { client, informers }: ApiAccess,
  nodeName: string,
  { host, dnsAddress }: DnsAddresses,
  parts: StartedParts,
): Promise<void> {
  const own = { ...env, log: env.log.child({ part: 'dns' }) };
  const dns = await startDns({
    env: own,
    informers,
    recorder: createEventRecorder({ env: own, client, component: 'coredns', host: nodeName }),
    zone: clusterDomain,
    host,
    port: dnsPort,
    metricsPort,
    own: [host, dnsAddress],
  });
  parts.add('DNS', () => dns.close());
}

/** The Service; its EndpointSlice is written by a controller. Ports that an older one lacks are added. */
export async function ensureDnsService(admin: Client, dnsAddress: string): Promise<void> {
  const { namespace, name } = dnsMeta;
  const wanted = dnsService(dnsAddress);
  try {
    const { spec } = await admin.get(services, { namespace, name });
    if (spec?.ports?.some((port) => port.name === 'metrics')) return;
    await admin.patch(services, { namespace, name }, 'merge', {
      spec: { ports: wanted.spec?.ports, trafficDistribution: wanted.spec?.trafficDistribution },
    });
  } catch (error) {
    // Read first: a taken service address is rejected before an existing name is.
    if (!(error instanceof StatusError && error.reason === 'NotFound')) throw error;
    await admin.create(services, wanted);
  }
}

/** Queries the cluster's DNS at its service address, as a pod does, until it answers. */
export async function dnsAnswers(clock: Clock, dnsAddress: string, limitMs: number): Promise<void> {
  const query = dnsPacket.encode({
    type: 'query',
    id: 1,
    questions: [{ type: 'A', name: `kubernetes.default.svc.${clusterDomain}` }],
  });
  const until = clock.monotonicMs() + limitMs;
  while (clock.monotonicMs() < until) {
    const answer = await askDns(dnsAddress, query, 500).catch(() => undefined);
    if (answer && (dnsPacket.decode(answer).answers?.length ?? 0) > 0) return;
    await sleep(clock, dnsTryMs);
  }
  throw new Error(`cluster DNS does not answer at ${dnsAddress}`);
}

/** As kubeadm's. */
const dnsMeta = {
  name: 'kube-dns',
  namespace: 'kube-system',
  labels: {
    'k8s-app': 'kube-dns',
    'kubernetes.io/cluster-service': 'true',
    'kubernetes.io/name': 'CoreDNS',
  },
  annotations: { 'prometheus.io/port': '9153', 'prometheus.io/scrape': 'true' },
};

function dnsService(clusterIP: string): Service {
  const ports = [
    { name: 'dns', port: dnsPort, protocol: 'UDP', targetPort: dnsPort },
    { name: 'dns-tcp', port: dnsPort, protocol: 'TCP', targetPort: dnsPort },
    { name: 'metrics', port: metricsPort, protocol: 'TCP', targetPort: metricsPort },
  ];
  return { metadata: dnsMeta, spec: { clusterIP, ports, trafficDistribution: 'PreferSameNode' } };
}
