/** Child process of the DNS bench: kybern's DNS over many services, or a bare socket that answers with as many bytes. */

import { createSocket } from 'node:dgram';
import { endpointSlices, namespaces, services } from '#api/generated/kinds.gen.ts';
import type { EndpointSlice, Namespace, Service } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { startDns } from '#dns/server.ts';
import { systemEnv } from '#host/system-env.ts';
import { StaticInformers } from '#testing/controllers/static-informers.ts';
import { loopback, serviceCount } from './queries.ts';

const isBare = process.argv[2] === 'bare';
const port = isBare ? await bareServer() : await dnsServer();
process.send?.({ port });
process.on('disconnect', () => process.exit(0));

/** Answers every datagram with itself and the bytes of an address record. */
async function bareServer(): Promise<number> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
  const record = Buffer.from('c00c000100010000001e0004c0000201', 'hex');
  socket.on('message', (query, from) => {
    socket.send(Buffer.concat([query, record]), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, loopback, resolve));
  return socket.address().port;
}

async function dnsServer(): Promise<number> {
  const dns = await startDns({
    env: systemEnv(),
    informers: manyServices(),
    recorder: { event: () => undefined },
    zone: 'cluster.local',
    host: loopback,
    port: 0,
    own: [],
  });
  return dns.port;
}

/** A quarter of them headless, with two endpoints. */
function manyServices(): StaticInformers {
  const informers = new StaticInformers();
  informers.put<Namespace>(namespaces, { metadata: { name: 'default' } } as Stored<Namespace>);
  for (let i = 0; i < serviceCount; i++) {
    const metadata = { name: `service-${i}`, namespace: 'default' };
    const ip = i % 4 === 0 ? 'None' : `10.96.${i >> 8}.${i & 255}`;
    const ports = [{ name: 'http', port: 80, protocol: 'TCP' }];
    informers.put(services, {
      metadata,
      spec: { clusterIP: ip, clusterIPs: [ip], ports },
    } as Stored<Service>);
    const labels = { 'kubernetes.io/service-name': metadata.name };
    informers.put(endpointSlices, {
      metadata: { ...metadata, labels },
      addressType: 'IPv4',
      ports,
      endpoints: [1, 2].map((k) => ({ addresses: [`10.244.${i >> 8}.${(i + k) & 255}`] })),
    } as unknown as Stored<EndpointSlice>);
  }
  return informers;
}
