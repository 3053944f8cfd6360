import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Endpoint } from '#api/generated/types.gen.ts';
import { silentLog } from '#base/log.ts';
import { listenHttp } from '#host/http/http-listener.ts';
import { HealthChecks, healthCheckAnswer, healthCheckOf } from './health-checks.ts';

const service = {
  metadata: { namespace: 'a', name: 'web' },
  spec: { type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 31_000 },
};

function endpoint(ip: string, conditions: Endpoint['conditions'], nodeName = 'n1'): Endpoint {
  return { addresses: [ip], nodeName, ...(conditions ? { conditions } : {}) };
}

const checkOf = (...endpoints: Endpoint[]) =>
  healthCheckOf(
    service,
    [
      {
        addressType: 'IPv4',
        ports: [
          { name: 'a', port: 80 },
          { name: 'b', port: 81 },
        ],
        endpoints,
      },
    ],
    'n1',
  );

test('healthCheckNodePort – endpoints on the node are ready, terminating, not ready – only ready ones count, each pod once', () => {
  const ready = endpoint('10.244.0.5', { ready: true });
  const unknown = endpoint('10.244.0.6', undefined);
  const terminating = endpoint('10.244.0.7', { ready: false, serving: true, terminating: true });
  const elsewhere = endpoint('10.244.1.5', { ready: true }, 'n2');
  assert.equal(checkOf(ready, unknown, terminating, elsewhere)?.localEndpoints, 2);
  assert.equal(checkOf(terminating, elsewhere)?.localEndpoints, 0);
  assert.equal(
    healthCheckOf({ ...service, spec: { ...service.spec, type: 'NodePort' } }, [], 'n1'),
    undefined,
  );
});

test('healthCheckNodePort – no endpoint, or the proxy is behind – 503 that says which', () => {
  const check = { port: 31_000, namespace: 'a', name: 'web', localEndpoints: 1 };
  const answers = [
    healthCheckAnswer(check, true),
    healthCheckAnswer({ ...check, localEndpoints: 0 }, true),
    healthCheckAnswer(check, false),
  ];
  assert.deepEqual(
    answers.map(({ status, body }) => {
      const { localEndpoints, serviceProxyHealthy } = JSON.parse(body);
      return [status, localEndpoints, serviceProxyHealthy];
    }),
    [
      [200, 1, true],
      [503, 0, true],
      [503, 1, false],
    ],
  );
});

test('healthCheckNodePort – taken by another program – an event of the service says so, on each try', async () => {
  const other = await listenHttp({ port: 0 }, () => ({ status: 200, headers: {}, body: '' }));
  const { port } = other;
  const recorded: unknown[][] = [];
  let reported = Promise.withResolvers<void>();
  const checks = new HealthChecks({
    log: silentLog,
    nodeName: 'n1',
    recorder: {
      event(...event) {
        recorded.push(event);
        reported.resolve();
      },
    },
    isProxyHealthy: () => true,
  });
  try {
    for (const _ of ['first', 'second']) {
      reported = Promise.withResolvers();
      checks.update([{ port, namespace: 'a', name: 'web', localEndpoints: 1 }]);
      await reported.promise;
    }
  } finally {
    checks.stop();
    other.close();
  }
  const event = [
    { apiVersion: 'v1', kind: 'Service', namespace: 'a', name: 'web' },
    'Warning',
    'FailedToStartServiceHealthcheck',
    `node n1 failed to start healthcheck "a/web" on port ${port}: listen tcp4 0.0.0.0:${port}: bind: address already in use`,
  ];
  assert.deepEqual(recorded, [event, event]);
});
