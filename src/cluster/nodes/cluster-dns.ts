/** DNS of the cluster: served by every real node, under the Service that pods are configured with. */

import dnsPacket from 'dns-packet';
import { endpointSlices, services } from '#api/generated/kinds.gen.ts';
import type { EndpointSlice, Service } from '#api/generated/types.gen.ts';
import type { KubeObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { StatusError } from '#api/meta/status.ts';
import { type Clock, sleep } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import { addressAt, parseCidr } from '#base/net/cidr.ts';
import type { Client } from '#client/client.ts';
import type { Informers } from '#client/informers/informer.ts';
import { startDns } from '#dns/server.ts';
import { askDns } from '#host/network/dns-sockets.ts';
import type { StartedParts } from '../started-parts.ts';

export const clusterDomain = 'cluster.local';
const dnsOffset = 10;
const dnsPort = 53;
const dnsTryMs = 50;

/** The address of the DNS service in a range of service addresses. */
export function dnsAddressIn(serviceRange: string): string {
  return addressAt(parseCidr(serviceRange), dnsOffset);
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
  informers: Informers,
  { host, dnsAddress }: DnsAddresses,
  parts: StartedParts,
): Promise<void> {
  const dns = await startDns({
    env: { ...env, log: env.log.child({ part: 'dns' }) },
    informers,
    zone: clusterDomain,
    host,
    port: dnsPort,
    own: [host, dnsAddress],
  });
  parts.add('DNS', () => dns.close());
}

/** The Service, leading to `host`. */
export async function ensureDnsService(admin: Client, { host, dnsAddress }: DnsAddresses): Promise<void> {
  await ensure(admin, services, dnsService(dnsAddress));
  await ensure(admin, endpointSlices, dnsEndpoints(host));
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

const dnsMeta = {
  name: 'kube-dns',
  namespace: 'kube-system',
  labels: { 'k8s-app': 'kube-dns', 'kubernetes.io/name': 'CoreDNS' },
};

function dnsService(clusterIP: string): Service {
  const ports = [
    { name: 'dns', port: 53, protocol: 'UDP', targetPort: dnsPort },
    { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: dnsPort },
  ];
  return { metadata: dnsMeta, spec: { clusterIP, ports } };
}

/** Created directly, since DNS runs in this process and not in pods that a selector could select. */
function dnsEndpoints(address: string): EndpointSlice {
  const labels = {
    ...dnsMeta.labels,
    'kubernetes.io/service-name': dnsMeta.name,
    'endpointslice.kubernetes.io/managed-by': 'kybern',
  };
  return {
    metadata: { ...dnsMeta, labels },
    addressType: 'IPv4',
    ports: [
      { name: 'dns', port: dnsPort, protocol: 'UDP' },
      { name: 'dns-tcp', port: dnsPort, protocol: 'TCP' },
    ],
    endpoints: [{ addresses: [address], conditions: { ready: true, serving: true, terminating: false } }],
  };
}

/** Read first: a taken service address is rejected before an existing name is. */
async function ensure<T extends KubeObject>(client: Client, type: ResourceType<T>, object: T): Promise<void> {
  const { namespace, name } = dnsMeta;
  try {
    await client.get(type, { namespace, name });
  } catch (error) {
    if (!(error instanceof StatusError && error.reason === 'NotFound')) throw error;
    await client.create(type, object);
  }
}
