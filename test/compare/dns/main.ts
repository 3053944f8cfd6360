/**
 * `npm run compare-dns -- --coredns PROGRAM`: the same objects and queries for kybern's DNS in this process and for a
 * CoreDNS with kubeadm's Corefile; prints where their answers differ.
 */

import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import dnsPacket from 'dns-packet';
import { endpointSlices, namespaces, services } from '#api/generated/kinds.gen.ts';
import { StatusError } from '#api/meta/status.ts';
import { sleep } from '#base/clock.ts';
import { createInformers } from '#client/informers/informers.ts';
import { defaultConfiguration, defaultRoute } from '#dns/configuration/dns-configuration.ts';
import { startDns } from '#dns/server.ts';
import { askDns } from '#host/network/dns-sockets.ts';
import { systemEnv } from '#host/system-env.ts';
import { kubeconfig, kubeconfigYaml } from '#pki/kubeconfig.ts';
import { inWords, query } from '#testing/dns/ask.ts';
import { zoneNames, zoneNamespaces, zoneServices, zoneSlices } from '#testing/dns/zone-objects.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import { knownDifference } from './known-differences.ts';
import { listenUpstream } from './upstream.ts';

const { values } = parseArgs({ options: { coredns: { type: 'string' } } });
if (values.coredns === undefined) throw new Error('usage: npm run compare-dns -- --coredns PROGRAM');

const types = ['A', 'AAAA', 'SRV', 'CNAME', 'TXT', 'PTR', 'NS', 'SOA', 'MX', 'AXFR', 'HINFO'];
const loopback = '127.0.0.1';
const env = systemEnv();
await using api = await startTestServer({ setup: 'kubernetes', env, https: true });
const upstream = await listenUpstream(loopback);
const peerPort = upstream.port + 1;
const folder = await mkdtemp(join(tmpdir(), 'compare-dns-'));

async function createObjects(): Promise<void> {
  const ignoreExisting = (error: unknown) => {
    if (!(error instanceof StatusError && error.reason === 'AlreadyExists')) throw error;
  };
  for (const name of zoneNamespaces) {
    await api.client.create(namespaces, { metadata: { name } }).catch(ignoreExisting);
  }
  for (const service of zoneServices) await api.client.create(services, service);
  for (const slice of zoneSlices) await api.client.create(endpointSlices, slice);
}

/** kubeadm's, at another port, with the API server and the name server of this comparison. */
function corefile(): string {
  return `.:${peerPort} {
    bind ${loopback}
    errors
    kubernetes cluster.local in-addr.arpa ip6.arpa {
      kubeconfig ${join(folder, 'kubeconfig')}
      pods insecure
      fallthrough in-addr.arpa ip6.arpa
      ttl 30
    }
    forward . ${loopback}:${upstream.port} {
      max_concurrent 1000
    }
    cache 30 {
      disable success cluster.local
      disable denial cluster.local
    }
    loop
    loadbalance
}`;
}

await createObjects();
const admin = api.pki.admin();
await writeFile(
  join(folder, 'kubeconfig'),
  kubeconfigYaml(
    kubeconfig({
      clusterName: 'compare',
      userName: 'admin',
      server: api.url,
      caPem: api.pki.ca.certPem,
      certPem: admin.certPem,
      keyPem: admin.keyPem,
    }),
  ),
);
await writeFile(join(folder, 'Corefile'), corefile());
const peer = spawn(values.coredns, ['-conf', join(folder, 'Corefile')], {
  stdio: ['ignore', 'ignore', 'inherit'],
});

const informers = createInformers(api.client, env);
const own = await startDns({
  env,
  informers,
  recorder: { event: () => undefined },
  zone: 'cluster.local',
  host: loopback,
  port: 0,
  own: [],
  configuration: {
    ...defaultConfiguration,
    routes: [{ ...defaultRoute, servers: [{ host: loopback, port: upstream.port }] }],
  },
});

/** The response in words, its records in a fixed order: both sides shuffle them. */
async function ask(port: number, bytes: Buffer, transport: 'udp' | 'tcp'): Promise<string> {
  const answer = await askDns(loopback, bytes, 3000, port, transport).catch(() => undefined);
  if (!answer) return 'no response';
  const { code, answers, authorities, additionals } = inWords(answer);
  const { flags = 0 } = dnsPacket.decode(answer);
  const sections = [answers, authorities, additionals].map((records) => records.sort().join(', '));
  return [code, `flags ${(flags & 0x8770).toString(16)}`, ...sections].join(' | ');
}

async function untilPeerAnswers(): Promise<void> {
  const question = query('db-0.db.default.svc.cluster.local', 'A');
  while (!(await ask(peerPort, question, 'udp')).includes('10.244.0.5')) await sleep(env.clock, 100);
}

await untilPeerAnswers();
const counts = { equal: 0, known: 0, differing: 0 };
for (const name of zoneNames) {
  for (const type of types) {
    const bytes = query(name, type);
    const [ours, theirs] = await Promise.all([ask(own.port, bytes, 'tcp'), ask(peerPort, bytes, 'tcp')]);
    const known = knownDifference(name, type);
    if (ours === theirs) counts.equal++;
    else if (known) counts.known++;
    else console.log(`${type} ${name}\n  coredns: ${theirs}\n  kybern:  ${ours}`);
    if (ours !== theirs && !known) counts.differing++;
  }
}
console.log(counts);
peer.kill();
informers.stop();
await own.close();
await upstream.close();
await rm(folder, { recursive: true });
process.exit(counts.differing > 0 ? 1 : 0);
