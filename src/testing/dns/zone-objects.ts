/** For tests of DNS: services of every kind with their endpoints, as an API server would store them. */

import type {
  Endpoint,
  EndpointPort,
  EndpointSlice,
  Service,
  ServiceSpec,
} from '#api/generated/types.gen.ts';

const ready = { conditions: { ready: true } };

function service(name: string, spec: ServiceSpec, namespace = 'default'): Service {
  return { metadata: { name, namespace }, spec };
}

/** With cluster addresses, the first one before the others. */
function atIps(clusterIPs: string[], ports: ServiceSpec['ports'], more: ServiceSpec = {}): ServiceSpec {
  return { type: 'ClusterIP', clusterIP: clusterIPs[0] ?? 'None', clusterIPs, ports, ...more };
}

function headless(ports: ServiceSpec['ports']): ServiceSpec {
  return { type: 'ClusterIP', clusterIP: 'None', clusterIPs: ['None'], ...(ports ? { ports } : {}) };
}

function external(externalName: string): ServiceSpec {
  return { type: 'ExternalName', externalName };
}

const http = { name: 'http', port: 80, protocol: 'TCP' };
const sql = { name: 'sql', port: 5432, protocol: 'TCP' };
const metrics = { name: 'metrics', port: 9100, protocol: 'UDP' };

export const zoneServices: readonly Service[] = [
  service('web', atIps(['10.96.0.20'], [http])),
  service('two-ports', atIps(['10.96.0.21'], [http, metrics])),
  service('unnamed', atIps(['10.96.0.22'], [{ port: 81, protocol: 'TCP' }])),
  service('db', headless([sql])),
  service('bare', headless(undefined)),
  service('lonely', headless([sql])),
  service('six', headless([http])),
  service('out', external('target.example.org')),
  service('gone', external('missing.example.org')),
  service('broken', external('failing.example.org')),
  service('renamed', external('web.default.svc.cluster.local')),
  service('twice', external('renamed.default.svc.cluster.local')),
  service('dangling', external('none.default.svc.cluster.local')),
  service('self', external('self.default.svc.cluster.local')),
  service('tick', external('tock.default.svc.cluster.local')),
  service('tock', external('tick.default.svc.cluster.local')),
  service('kube-dns', atIps(['10.96.0.10'], [{ name: 'dns', port: 53, protocol: 'UDP' }]), 'kube-system'),
];

export const zoneNamespaces: readonly string[] = ['default', 'kube-system', 'empty'];

function slice(
  owner: string,
  addressType: 'IPv4' | 'IPv6',
  ports: EndpointPort[],
  endpoints: Endpoint[],
  namespace = 'default',
): EndpointSlice {
  const name = `${owner}-${addressType.toLowerCase()}`;
  const labels = { 'kubernetes.io/service-name': owner };
  return { metadata: { name, namespace, labels }, addressType, ports, endpoints };
}

export const zoneSlices: readonly EndpointSlice[] = [
  slice(
    'db',
    'IPv4',
    [sql],
    [
      { addresses: ['10.244.0.5'], hostname: 'db-0', ...ready },
      { addresses: ['10.244.0.6'], ...ready },
      { addresses: ['10.244.0.7'], conditions: { ready: false } },
      {
        addresses: ['10.244.0.8'],
        hostname: 'db-2',
        conditions: { ready: true, serving: true, terminating: true },
      },
      { addresses: ['10.244.0.9'], hostname: 'db-3' },
    ],
  ),
  slice(
    'db',
    'IPv6',
    [sql],
    [
      { addresses: ['fd00:244::5'], hostname: 'db-0', ...ready },
      { addresses: ['fd00:244::'], ...ready },
    ],
  ),
  slice('web', 'IPv4', [http], [{ addresses: ['10.244.0.6'], ...ready }]),
  slice('bare', 'IPv4', [], [{ addresses: ['10.244.1.5'], hostname: 'a', ...ready }]),
  slice('lonely', 'IPv4', [sql], [{ addresses: ['10.244.1.6'], conditions: { ready: false } }]),
  slice('six', 'IPv6', [http], [{ addresses: ['fd00:244::16'], ...ready }]),
  slice(
    'kube-dns',
    'IPv4',
    [{ name: 'dns', port: 53, protocol: 'UDP' }],
    [{ addresses: ['10.244.2.2'], ...ready }],
    'kube-system',
  ),
];

/** Names that are worth asking for, in no zone of their own below `cluster.local`. */
export const zoneNames: readonly string[] = [
  'cluster.local',
  'svc.cluster.local',
  'pod.cluster.local',
  'other.cluster.local',
  'default.svc.cluster.local',
  'empty.svc.cluster.local',
  'absent.svc.cluster.local',
  'default.pod.cluster.local',
  'absent.pod.cluster.local',
  ...zoneServices.map(({ metadata }) => `${metadata?.name}.${metadata?.namespace}.svc.cluster.local`),
  'none.default.svc.cluster.local',
  '*.default.svc.cluster.local',
  'web.*.svc.cluster.local',
  'web.absent.svc.cluster.local',
  '_http._tcp.web.default.svc.cluster.local',
  'http.tcp.web.default.svc.cluster.local',
  '_HTTP._TCP.WEB.default.SVC.cluster.LOCAL',
  '_http._udp.web.default.svc.cluster.local',
  '_none._tcp.web.default.svc.cluster.local',
  '_metrics._udp.two-ports.default.svc.cluster.local',
  '_sql._tcp.db.default.svc.cluster.local',
  '_http._tcp.out.default.svc.cluster.local',
  '_._tcp.web.default.svc.cluster.local',
  'a._http._tcp.web.default.svc.cluster.local',
  'x.web.default.svc.cluster.local',
  '10-244-0-6.web.default.svc.cluster.local',
  'db-0.db.default.svc.cluster.local',
  'DB-0.db.default.svc.cluster.local',
  '10-244-0-6.db.default.svc.cluster.local',
  '10-244-0-7.db.default.svc.cluster.local',
  'db-2.db.default.svc.cluster.local',
  'fd00-244--0.db.default.svc.cluster.local',
  'a.bare.default.svc.cluster.local',
  'x.out.default.svc.cluster.local',
  '10-1-2-3.default.pod.cluster.local',
  '10-1-2-3.absent.pod.cluster.local',
  '300-1-2-3.default.pod.cluster.local',
  '010-1-2-3.default.pod.cluster.local',
  '10-1-2.default.pod.cluster.local',
  'fd00--5.default.pod.cluster.local',
  'fd00-1-2-3-4-5-6-7.default.pod.cluster.local',
  'dns-version.cluster.local',
  'dns.cluster.local',
  'ns.dns.cluster.local',
  '20.0.96.10.in-addr.arpa',
  '5.0.244.10.in-addr.arpa',
  '6.0.244.10.in-addr.arpa',
  '7.0.244.10.in-addr.arpa',
  '99.0.244.10.in-addr.arpa',
  '0.96.10.in-addr.arpa',
  '1.20.0.96.10.in-addr.arpa',
  'in-addr.arpa',
  '5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.4.4.2.0.0.0.d.f.ip6.arpa',
  '6.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.4.4.2.0.0.0.d.f.ip6.arpa',
  'example.org',
  'target.example.org',
  'missing.example.org',
  'failing.example.org',
];
