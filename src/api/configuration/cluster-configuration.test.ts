import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filesOf, readClusterConfiguration, withPaths } from './cluster-configuration.ts';
import type { ConfigurationError } from './error.ts';
import { isEnabled } from './feature-gates.ts';

const head = { apiVersion: 'kybern.dev/v1', kind: 'ClusterConfiguration' };

test('a configuration – with every section – is read', () => {
  const { featureGates, ...rest } = readClusterConfiguration({
    ...head,
    apiServer: {
      args: { 'anonymous-auth': 'false' },
      certSANs: ['api.example.com', '*.local', '10.0.0.1', '::2'],
    },
    featureGates: { ConstrainedImpersonation: false, WatchList: true, AllAlpha: false },
    runtimeConfig: { 'api/all': 'true', 'apps/v1': true, 'v1/pods': '' },
  });
  assert.deepEqual(rest, {
    arguments: { 'anonymous-auth': false },
    certSANs: ['api.example.com', '*.local', '10.0.0.1', '::2'],
    runtimeConfig: { 'api/all': true, 'apps/v1': true, 'v1/pods': true },
  });
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
  { document: { ...head, apiServer: { args: { 'feature-gates': 'A=true' } } }, error: 'apiServer.args has an unknown argument "feature-gates"', hint: 'it is the section featureGates of this file' },
  { document: { ...head, apiServer: { args: { toString: true } } }, error: 'apiServer.args has an unknown argument "toString"', hint: 'docs/reference/configuration.md lists what there is' },
  { document: { ...head, apiServer: { args: { 'anonymous-auth': 'yes' } } }, error: 'apiServer.args: anonymous-auth is "yes", which is not true or false', hint: undefined },
  { document: { ...head, apiServer: { certSANs: ['a_b'] } }, error: 'apiServer.certSANs: "a_b" is neither a DNS name nor an IP address', hint: undefined },
  { document: { ...head, featureGates: { WatchLists: true } }, error: 'unrecognized feature gate: WatchLists', hint: 'the nearest known one is WatchList' },
  { document: { ...head, featureGates: { WatchList: false } }, error: 'featureGates.WatchList cannot be false: kybern has this gate at true only', hint: 'remove it; gates that can be switched: ConstrainedImpersonation' },
  { document: { ...head, featureGates: { WatchList: 1 } }, error: 'featureGates.WatchList is not true or false', hint: undefined },
  { document: { ...head, runtimeConfig: { 'batch/v1beta1': true } }, error: 'runtimeConfig names the API batch/v1beta1, which kybern does not have', hint: 'the nearest known one is batch/v1' },
  { document: { ...head, runtimeConfig: { 'apps/v1': false } }, error: 'runtimeConfig.apps/v1 cannot be false: kybern\'s own parts use these APIs', hint: 'remove it' },
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
  };
  const kept = withPaths(document, (path) => `/etc/${path}`);
  assert.deepEqual(kept, {
    ...head,
    apiServer: { args: { 'anonymous-auth': true, 'token-auth-file': '/etc/tokens.csv' } },
  });
  assert.deepEqual(filesOf(readClusterConfiguration(kept).arguments), [
    { name: 'token-auth-file', path: '/etc/tokens.csv' },
  ]);
  assert.equal(
    withPaths(head, () => ''),
    head,
  );
});
