import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configMaps } from '#api/generated/kinds.gen.ts';
import type { ConfigMap } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { silentLog } from '#base/log.ts';
import { StaticInformers } from '#testing/controllers/static-informers.ts';
import { storedMetadata } from '#testing/objects.ts';
import type { DnsConfiguration } from './dns-configuration.ts';
import { defaultConfiguration } from './dns-configuration.ts';
import { WatchedConfiguration } from './watched-configuration.ts';

const configMap = (name: string, data: Record<string, string>): Stored<ConfigMap> => ({
  metadata: storedMetadata(name, { namespace: 'kube-system' }),
  data,
});
const corefile = (rest: string) =>
  configMap('coredns', { Corefile: `. {\nkubernetes cluster.local\n${rest}\n}` });

test('configuration – its ConfigMaps come, change, are bad and go – is the last good one, bad ones are reported', () => {
  const informers = new StaticInformers();
  const events: string[] = [];
  const seen: DnsConfiguration[] = [];
  const recorder = {
    event: (_: unknown, type: string, reason: string, message: string) =>
      events.push([type, reason, message].join(' ')),
  };
  const watched = new WatchedConfiguration(
    { log: silentLog, recorder: recorder as never, informers, zone: 'cluster.local' },
    (configuration) => seen.push(configuration),
  );
  const servers = () =>
    seen.at(-1)?.routes.map(({ zone, servers: [server] }) => `${zone} ${JSON.stringify(server)}`);
  assert.equal(seen.length, 0);
  informers.put(configMaps, configMap('kube-dns', { upstreamNameservers: '["8.8.8.8"]' }));
  assert.deepEqual(servers(), ['. {"host":"8.8.8.8","port":53}']);
  informers.put(configMaps, corefile('forward . 9.9.9.9'));
  assert.deepEqual(servers(), ['. {"host":"9.9.9.9","port":53}']);
  informers.put(configMaps, corefile('template ANY ANY'));
  informers.put(configMaps, configMap('coredns', {}));
  assert.equal(seen.length, 2);
  assert.deepEqual(events, [
    'Warning InvalidDNSConfiguration DNS keeps its last configuration: line 3: the plugin template is not supported',
    'Warning InvalidDNSConfiguration DNS keeps its last configuration: the key Corefile is missing',
  ]);
  informers.remove(configMaps, corefile(''));
  assert.deepEqual(servers(), ['. {"host":"8.8.8.8","port":53}']);
  informers.remove(configMaps, configMap('kube-dns', {}));
  assert.deepEqual(seen.at(-1), defaultConfiguration);
  watched.stop();
});
