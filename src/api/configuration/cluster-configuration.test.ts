import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cipherSuites } from './arguments/cipher-suites.ts';
import { filesOf, readClusterConfiguration, withPaths } from './cluster-configuration.ts';
import type { ConfigurationError } from './error.ts';
import { isEnabled } from './feature-gates.ts';

const head = { apiVersion: 'kybern.dev/v1', kind: 'ClusterConfiguration' };

test('a configuration – with every section – is read', () => {
  const { featureGates, kubelet, scheduler, ...rest } = readClusterConfiguration({
    ...head,
    kubelet: { maxPods: 5 },
    scheduler: { podMaxBackoffSeconds: 30 },
    apiServer: {
      args: { 'anonymous-auth': 'false' },
      certSANs: ['api.example.com', '*.local', '10.0.0.1', '::2'],
    },
    controllerManager: { args: { 'horizontal-pod-autoscaler-sync-period': '5s' } },
    featureGates: { ConstrainedImpersonation: false, WatchList: true, AllAlpha: false },
    runtimeConfig: { 'api/all': 'true', 'apps/v1': true, 'v1/pods': '' },
  });
  assert.deepEqual(rest, {
    arguments: { 'anonymous-auth': false },
    certSANs: ['api.example.com', '*.local', '10.0.0.1', '::2'],
    runtimeConfig: { 'api/all': true, 'apps/v1': true, 'v1/pods': true },
    managerArguments: { 'horizontal-pod-autoscaler-sync-period': 5_000 },
  });
  assert.equal(kubelet.podsMax, 5);
  assert.equal(scheduler.backOff.maxMs, 30_000);
  assert.equal(isEnabled(featureGates, 'ConstrainedImpersonation'), false);
  assert.equal(isEnabled(undefined, 'ConstrainedImpersonation'), true);
});

// biome-ignore format: a table
for (const { document, error, hint } of [
  { document: undefined, error: 'the configuration\'s apiVersion is missing', hint: 'the only one there is: apiVersion: kybern.dev/v1' },
  { document: [], error: 'the configuration is not a mapping', hint: undefined },
  { document: { ...head, kind: 'Cluster' }, error: 'the configuration\'s kind is "Cluster"', hint: 'the only one there is: kind: ClusterConfiguration' },
  { document: { ...head, apiserver: {} }, error: 'the configuration has an unknown field "apiserver"', hint: 'the nearest known one is apiServer' },
  { document: { ...head, apiServer: { arg: {} } }, error: 'apiServer has an unknown field "arg"', hint: 'the nearest known one is args' },
  { document: { ...head, apiServer: { args: { 'anonymus-auth': true } } }, error: 'apiServer.args has an unknown argument "anonymus-auth"', hint: 'the nearest known one is anonymous-auth' },
  { document: { ...head, apiServer: { args: { '--anonymous-auth': true } } }, error: 'apiServer.args has an unknown argument "--anonymous-auth"', hint: 'the nearest known one is anonymous-auth' },
  { document: { ...head, apiServer: { args: { 'feature-gates': 'A=true' } } }, error: 'unrecognized feature gate: A', hint: undefined },
  { document: { ...head, apiServer: { args: { 'feature-gates': 'WatchList' } } }, error: 'apiServer.args: feature-gates is not a list of NAME=true or NAME=false', hint: undefined },
  { document: { ...head, apiServer: { args: { 'runtime-config': 'v1=true' } }, runtimeConfig: {} }, error: 'apiServer.args has runtime-config, and the file the section runtimeConfig', hint: 'remove one' },
  { document: { ...head, apiServer: { args: { 'authorization-mode': 'Node,Rbac' } } }, error: 'apiServer.args: authorization-mode has the unknown authorizer "Rbac"', hint: 'the nearest known one is RBAC' },
  { document: { ...head, apiServer: { args: { 'tls-sni-cert-key': 'a,b:10.0.0.1' } } }, error: 'apiServer.args: tls-sni-cert-key names the address 10.0.0.1', hint: 'clients ask for a certificate by DNS names only' },
  { document: { ...head, apiServer: { args: { 'tls-sni-cert-key': 'a:b' } } }, error: 'apiServer.args: tls-sni-cert-key is "a:b", which is not CERTIFICATE,KEY or CERTIFICATE,KEY:NAME,NAME or a list of them', hint: undefined },
  { document: { ...head, apiServer: { args: { 'tls-curve-preferences': '7' } } }, error: 'apiServer.args: tls-curve-preferences is "7", which is not a list of the numbers 23, 24, 25, 29, 4587, 4588, 4589', hint: undefined },
  { document: { ...head, apiServer: { args: { 'etcd-servers': 'x' } } }, error: 'apiServer.args: kybern does not have upstream\'s argument "etcd-servers"', hint: 'kybern keeps the state in a store of its own: kybern up --store' },
  { document: { ...head, apiServer: { args: { 'goaway-chance': '0.1' } } }, error: 'apiServer.args: goaway-chance is "0.1", which is not a number from 0 to 0.02', hint: undefined },
  { document: { ...head, apiServer: { args: { 'peer-ca-file': 'ca' } } }, error: 'apiServer.args: kybern does not have upstream\'s argument "peer-ca-file"', hint: 'a cluster has one API server' },
  { document: { ...head, apiServer: { args: { 'watch-cache': false } } }, error: 'apiServer.args: watch-cache cannot be false: kybern has it at true only', hint: 'kybern has no other way to serve a watch' },
  { document: { ...head, apiServer: { args: { 'request-timeout': '0' } } }, error: 'apiServer.args: request-timeout must be longer than 0', hint: undefined },
  { document: { ...head, apiServer: { args: { 'strict-transport-security-directives': 'max-age=1,all' } } }, error: 'apiServer.args: strict-transport-security-directives has the unknown directive "all"', hint: 'the known ones: max-age=TIME, includeSubDomains, preload' },
  { document: { ...head, apiServer: { args: { 'cors-allowed-origins': 'example.com' } } }, error: 'apiServer.args: cors-allowed-origins has an invalid regular expression: "example.com" does not pin to start/end of host in the origin header', hint: 'for example ^https://example\\.com(:|$)' },
  { document: { ...head, apiServer: { args: { 'cors-allowed-origins': ['^(a$'] } } }, error: 'apiServer.args: cors-allowed-origins has an invalid regular expression: error parsing regexp: missing closing ): `^(a$`', hint: 'for example ^https://example\\.com(:|$)' },
  { document: { ...head, apiServer: { args: { 'enable-admission-plugins': 'AlwaysPulImages' } } }, error: 'apiServer.args: enable-admission-plugins has the unknown admission plugin "AlwaysPulImages"', hint: 'the nearest known one is AlwaysPullImages' },
  { document: { ...head, apiServer: { args: { 'service-node-port-range': '32767-30000' } } }, error: 'apiServer.args: service-node-port-range is "32767-30000", which is not a range of ports such as 30000-32767', hint: undefined },
  { document: { ...head, apiServer: { args: { 'service-cluster-ip-range': '10.0.0.0/29' } } }, error: 'apiServer.args: service-cluster-ip-range is "10.0.0.0/29", which is not an IPv4 range from /12 to /28 such as 10.96.0.0/16, or one with an IPv6 range from /108 to /124', hint: undefined },
  { document: { ...head, apiServer: { args: { 'tls-cipher-suites': 'TLS_NULL' } } }, error: 'apiServer.args: tls-cipher-suites has the unknown cipher suite "TLS_NULL"', hint: `the known ones: ${Object.keys(cipherSuites).join(', ')}` },
  { document: { ...head, apiServer: { args: { toString: true } } }, error: 'apiServer.args has an unknown argument "toString"', hint: 'docs/reference/configuration.md lists what there is' },
  { document: { ...head, apiServer: { args: { 'anonymous-auth': 'yes' } } }, error: 'apiServer.args: anonymous-auth is "yes", which is not true or false', hint: undefined },
  { document: { ...head, apiServer: { certSANs: ['a_b'] } }, error: 'apiServer.certSANs: "a_b" is neither a DNS name nor an IP address', hint: undefined },
  { document: { ...head, featureGates: { WatchLists: true } }, error: 'unrecognized feature gate: WatchLists', hint: 'the nearest known one is WatchList' },
  { document: { ...head, featureGates: { WatchList: false } }, error: 'featureGates.WatchList cannot be false: kybern has this gate at true only', hint: 'remove it; gates that can be switched: ConstrainedImpersonation, HPAScaleToZero' },
  { document: { ...head, featureGates: { WatchList: 1 } }, error: 'featureGates.WatchList is not true or false', hint: undefined },
  { document: { ...head, runtimeConfig: { 'batch/v1beta1': true } }, error: 'runtimeConfig names the API batch/v1beta1, which kybern does not have', hint: 'the nearest known one is batch/v1' },
  { document: { ...head, runtimeConfig: { 'apps/v1': 1 } }, error: 'runtimeConfig.apps/v1 is not true or false', hint: undefined },
  { document: { ...head, runtimeConfig: { 'api/all': false } }, error: 'runtimeConfig switches off all APIs with api/all', hint: 'add the versions to serve, or remove it' },
]) {
  test(`a configuration – ${JSON.stringify(document)} – is refused`, () => {
    assert.throws(
      () => readClusterConfiguration(document),
      (thrown: ConfigurationError) => {
        assert.deepEqual([thrown.message, thrown.hint], [error, hint]);
        return true;
      },
    );
  });
}

test('the files of a configuration – are found, by absolute paths', () => {
  const document = {
    ...head,
    apiServer: { args: { 'anonymous-auth': true, 'token-auth-file': 'tokens.csv' } },
    kubelet: { staticPodPath: 'manifests', maxPods: 5 },
  };
  const kept = withPaths(document, (path) => `/etc/${path}`);
  assert.deepEqual(kept, {
    ...head,
    apiServer: { args: { 'anonymous-auth': true, 'token-auth-file': '/etc/tokens.csv' } },
    kubelet: { staticPodPath: '/etc/manifests', maxPods: 5 },
  });
  assert.deepEqual(filesOf(readClusterConfiguration(kept).arguments), [
    { name: 'token-auth-file', path: '/etc/tokens.csv' },
  ]);
  assert.deepEqual(
    withPaths(head, () => ''),
    head,
  );
});

test("feature gates and APIs – as upstream's arguments – are the sections of the file", () => {
  const args = {
    'feature-gates': 'kube:ConstrainedImpersonation=false,WatchList=true',
    'runtime-config': 'api/all=true,apps/v1=false',
  };
  const {
    arguments: rest,
    featureGates,
    runtimeConfig,
  } = readClusterConfiguration({ ...head, apiServer: { args } });
  assert.deepEqual(
    { rest, featureGates, runtimeConfig },
    {
      rest: {},
      featureGates: { ConstrainedImpersonation: false },
      runtimeConfig: { 'api/all': true, 'apps/v1': false },
    },
  );
});

test('key pairs by name – in a kept configuration – have absolute paths and their names', () => {
  const args = { 'tls-sni-cert-key': ['a.crt,a.key:x.example.com,y.example.com', 'b.crt, b.key'] };
  const kept = withPaths({ ...head, apiServer: { args } }, (path) => `/etc/${path}`);
  const read = readClusterConfiguration(kept).arguments;
  assert.deepEqual(read['tls-sni-cert-key'], [
    { certFile: '/etc/a.crt', keyFile: '/etc/a.key', names: ['x.example.com', 'y.example.com'] },
    { certFile: '/etc/b.crt', keyFile: '/etc/b.key', names: [] },
  ]);
  assert.deepEqual(
    filesOf(read).map(({ path }) => path),
    ['/etc/a.crt', '/etc/a.key', '/etc/b.crt', '/etc/b.key'],
  );
});
