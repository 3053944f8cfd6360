import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultConfiguration, defaultRoute } from '../dns-configuration.ts';
import { readCorefile } from './corefile.ts';

const kubeadm = `
.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    cache 30 {
       disable success cluster.local
       disable denial cluster.local
    }
    loop
    reload
    loadbalance
}`;

const read = (text: string) => readCorefile(text, 'cluster.local');

test('kubeadm’s Corefile – read – is the default', () =>
  assert.deepEqual(read(kubeadm), defaultConfiguration));

/** In the server block of all names, beside the plugin kubernetes. */
const within = (lines: string) => `. {\n kubernetes cluster.local\n${lines}\n}`;

test('a Corefile – with little – has CoreDNS’s defaults, and forwards nothing', () =>
  assert.deepEqual(read(within('')), { ttl: 5, pods: 'disabled', routes: [] }));

test('a Corefile – with stub domains, options and comments – is read', () => {
  const text = `
# All names.
.:53 dns://:53 {
  kubernetes cluster.local { # not the reverse zones
    pods verified
  }
}
acme.local.:53 other.example {
  forward . 10.0.0.1 "10.0.0.2:5353" [fd00::1]:53 {
    policy sequential
    max_concurrent 7
    force_tcp
    except intern.acme.local
  }
  cache {
    success 5000 60
    denial 100
  }
}`;
  const route = {
    ...defaultRoute,
    servers: [
      { host: '10.0.0.1', port: 53 },
      { host: '10.0.0.2', port: 5353 },
      { host: 'fd00::1', port: 53 },
    ],
    policy: 'sequential',
    queriesMax: 7,
    forceTcp: true,
    except: ['intern.acme.local'],
    cache: { successTtl: 60, denialTtl: 1800 },
  };
  const zones = ['acme.local', 'other.example'];
  assert.deepEqual(read(text), {
    ttl: 5,
    pods: 'verified',
    routes: zones.map((zone) => ({ ...route, zone })),
  });
});

const rejected: readonly [string, string, string][] = [
  ['nothing', '', 'no server block has the plugin kubernetes for cluster.local'],
  ['no block', '. kubernetes', 'line 1: expected "{" after . kubernetes'],
  ['an open block', '. {\n errors', 'line 1: "{" is not closed'],
  ['blocks within blocks', '. {\n a {\n b {\n c {\n d {\n', 'line 5: blocks are nested too deeply'],
  [
    'a plugin that is not supported',
    within('rewrite name a b'),
    'line 3: the plugin rewrite is not supported',
  ],
  ['a plugin twice', within('cache\ncache'), 'line 4: the plugin cache is there twice'],
  ['another port', '.:5353 {\n}', 'line 1: .:5353: only port 53 is served'],
  ['another protocol', 'tls://. {\n}', 'line 1: tls://. is no zone that can be served'],
  ['a zone twice', `${within('forward . 10.0.0.1')}\n. {\n}`, 'line 5: the zone . is served twice'],
  ['the cluster’s zone', 'x.cluster.local {\n}', "line 1: the zone x.cluster.local is the cluster's own"],
  [
    'another cluster zone',
    '. {\n kubernetes other.local\n}',
    'line 2: kubernetes: expected the zones cluster.local in-addr.arpa ip6.arpa',
  ],
  [
    'an option of kubernetes',
    '. {\n kubernetes cluster.local {\n namespaces a\n}\n}',
    'line 3: the option namespaces of kubernetes is not supported',
  ],
  [
    'other pods',
    '. {\n kubernetes cluster.local {\n pods all\n}\n}',
    'line 3: pods: expected disabled, insecure, verified',
  ],
  [
    'a long TTL',
    '. {\n kubernetes cluster.local {\n ttl 3601\n}\n}',
    'line 3: ttl: expected a number from 0 to 3600, got 3601',
  ],
  [
    'a name as server',
    within('forward . dns.example.org'),
    'line 3: forward: dns.example.org is no address of a name server, with a port or without',
  ],
  ['no server', within('forward .'), 'line 3: forward: expected a zone and a name server'],
  [
    'TLS',
    within('forward . tls://9.9.9.9'),
    'line 3: forward: tls://9.9.9.9 is no address of a name server, with a port or without',
  ],
  [
    'an option of forward',
    within('forward . 9.9.9.9 {\n tls_servername x\n}'),
    'line 4: the option tls_servername of forward is not supported',
  ],
  [
    'a policy',
    within('forward . 9.9.9.9 {\n policy best\n}'),
    'line 4: policy: expected random, round_robin, sequential',
  ],
  [
    'no queries',
    within('forward . 9.9.9.9 {\n max_concurrent 0\n}'),
    'line 4: max_concurrent: expected a number from 1 to 10000, got 0',
  ],
  [
    'an option of cache',
    within('cache {\n serve_stale\n}'),
    'line 4: the option serve_stale of cache is not supported',
  ],
];

for (const [title, text, message] of rejected) {
  test(`a Corefile – ${title} – is rejected: ${message}`, () => assert.throws(() => read(text), { message }));
}
