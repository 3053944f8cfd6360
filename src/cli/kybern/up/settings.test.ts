import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ClusterConfig } from '#host/home/cluster-home.ts';
import { decide, refuseChanges, type UpFlags } from './settings.ts';

const before: ClusterConfig = {
  name: 'kept',
  store: 'sqlite',
  host: '127.0.0.1',
  port: 7000,
  realNodes: 0,
  simulatedNodes: 2,
  podRange: '10.244.0.0/16',
  serviceRange: '10.96.0.0/16',
};

describe('up – flags that a cluster cannot change, or not while it runs – are refused', () => {
  const refused = (flags: Partial<UpFlags>, isRunning: boolean) => {
    try {
      refuseChanges({ name: 'kept', ...flags }, before, isRunning);
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  };
  const cases: [Partial<UpFlags>, down: string | undefined, running: string | undefined][] = [
    [{}, undefined, undefined],
    [{ store: 'sqlite', nodes: 0, port: 7000, simulated: 2 }, undefined, undefined],
    [{ port: 0 }, undefined, undefined],
    [{ store: 'memory' }, ...twice('cluster kept was made with --store sqlite, and that cannot change')],
    [{ nodes: 1 }, ...twice('cluster kept was made with --nodes 0, and that cannot change')],
    [{ port: 7001 }, undefined, 'cluster kept is running with --port 7000'],
    [{ simulated: 0 }, undefined, 'cluster kept is running with --simulated 2'],
  ];
  for (const [flags, down, running] of cases) {
    test(JSON.stringify(flags), () => {
      assert.deepEqual([refused(flags, false), refused(flags, true)], [down, running]);
    });
  }
});

test('up – a stopped cluster with another port and other simulated nodes – takes them, and keeps everything else', async () => {
  assert.deepEqual(await decide({ name: 'kept' }, before), before);
  assert.deepEqual(await decide({ name: 'kept', port: 7001, simulated: 250 }, before), {
    ...before,
    port: 7001,
    simulatedNodes: 250,
  });
  await assert.rejects(
    decide({ name: 'kept', simulated: 251 }, before),
    /10\.244\.0\.0\/16 has room for 250 simulated nodes/,
  );
  const wide = { ...before, podRange: '10.128.0.0/9' };
  assert.equal((await decide({ name: 'kept', simulated: 5000 }, wide)).podRange, '10.128.0.0/9');
});

test('up – a service-cluster-ip-range – is that of a new cluster, and the only one of a cluster that has it', async () => {
  const configuration = (range: string) => ({
    apiVersion: 'kybern.dev/v1',
    kind: 'ClusterConfiguration',
    apiServer: { args: { 'service-cluster-ip-range': range } },
  });
  const flags = { name: 'new', nodes: 0, port: 7000 } as const;
  const made = await decide(flags, undefined, configuration('10.0.0.7/24'));
  assert.deepEqual([made.serviceRange, made.podRange], ['10.0.0.0/24', '10.244.0.0/16']);
  assert.deepEqual(await decide(flags, made), made);
  await assert.rejects(decide(flags, made, configuration('10.1.0.0/24')), {
    message: 'cluster new was made with service-cluster-ip-range 10.0.0.0/24, and that cannot change',
  });
  await assert.rejects(decide(flags, undefined, configuration('10.240.0.0/12')), {
    message: 'service-cluster-ip-range 10.240.0.0/12 overlaps with 10.244.0.0/16, which is in use',
  });
});

test('up – service ranges of both families – pods get both; without a comma, IPv6 alone, it is refused', async () => {
  const configuration = (range: string) => ({
    apiVersion: 'kybern.dev/v1',
    kind: 'ClusterConfiguration',
    apiServer: { args: { 'service-cluster-ip-range': range } },
  });
  const flags = { name: 'new', nodes: 0, port: 7000 } as const;
  const made = await decide(flags, undefined, configuration('10.0.0.0/24,fd00:10:96::/112'));
  assert.equal(made.serviceRange, '10.0.0.0/24,fd00:10:96::/112');
  assert.equal(made.podRange, '10.244.0.0/16,fd00:10:244::/56');
  for (const range of ['fd00:10:96::/112', '10.0.0.0/24,', '10.0.0.0/24,10.1.0.0/24']) {
    await assert.rejects(decide(flags, undefined, configuration(range)), /which is not an IPv4 range/);
  }
});

function twice(text: string): [string, string] {
  return [text, text];
}
