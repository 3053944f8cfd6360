/** Liveness and readiness probes: what restarts a container, and what keeps a pod from being ready. */

import assert from 'node:assert/strict';
import { configMaps, pods } from '#api/generated/kinds.gen.ts';
import type { Container, Probe } from '#api/generated/types.gen.ts';
import { type Behaviour, type BehaviourContext, behaviour, images } from '../../behaviour.ts';
import { becomesReady, getPod, holds, inPhase, isReady, podOf, shell, start, statusOf } from '../running.ts';

const quick = { initialDelaySeconds: 5, periodSeconds: 2, failureThreshold: 1 };
/** Long enough for a wrong restart to show. */
const watchedMs = 25_000;

const healthFile = { exec: { command: ['cat', '/tmp/health'] } };
const healthz = { httpGet: { path: '/healthz', port: 8080 } };
const healthyFile = shell('touch /tmp/health; exec sleep 100000');
const sickFile = shell('touch /tmp/health; sleep 10; rm /tmp/health; exec sleep 100000');

/** Serves /healthz; with `sickAfter` it answers with an error after so many seconds, the port stays open. */
function server(sickAfter?: number): string[] {
  const sickness = sickAfter === undefined ? '' : `(sleep ${sickAfter}; rm /srv/healthz) &`;
  return shell(`mkdir -p /srv; touch /srv/healthz; ${sickness} exec httpd -f -p 8080 -h /srv`);
}

async function create(context: BehaviourContext, container: Partial<Container>): Promise<void> {
  await context.client.create(pods, podOf(context, 'probed', container, { restartPolicy: 'Always' }));
}

async function restarts(context: BehaviourContext): Promise<number> {
  return statusOf(await getPod(context, 'probed')).restartCount;
}

async function isRestarted(
  context: BehaviourContext,
  container: Partial<Container>,
  times = 1,
): Promise<void> {
  await create(context, container);
  let last = 0;
  const check = async () => {
    const now = await restarts(context);
    assert.ok(now === last || now === last + 1, `the count went from ${last} to ${now}`);
    last = now;
    return now >= times;
  };
  await context.eventually(`${times} restarts`, check, 270_000);
}

async function staysUp(context: BehaviourContext, container: Partial<Container>): Promise<void> {
  await create(context, container);
  await inPhase(context, 'probed', 'Running');
  await holds(context, 'nothing is restarted', watchedMs, async () =>
    assert.equal(await restarts(context), 0),
  );
  assert.ok(isReady(await getPod(context, 'probed')));
}

const live = (probe: Probe): Probe => ({ ...quick, ...probe });

/** A gRPC health service is a POST whose answer, one short message, never changes: nginx can tell it. */
const grpcServer = `
daemon off; user root; pid /run/nginx.pid; error_log /dev/stderr warn;
events { worker_connections 64; }
http {
  access_log off;
  server {
    listen 5000 http2;
    root /grpc;
    default_type application/grpc;
    location / { error_page 404 =200 /serving; add_trailer grpc-status 0; }
    location = /serving { add_trailer grpc-status 0; }
  }
}`;
/** An uncompressed message of two bytes: field 1 (the status) is 1 (serving). */
const serving = Buffer.from([0, 0, 0, 0, 2, 8, 1]).toString('base64');

async function grpcPod(context: BehaviourContext, probePort: number): Promise<void> {
  const { client, namespace } = context;
  await client.create(configMaps, {
    metadata: { name: 'grpc', namespace },
    data: { 'nginx.conf': grpcServer },
    binaryData: { serving },
  });
  const container: Partial<Container> = {
    image: images.nginx,
    command: ['/usr/sbin/nginx', '-c', '/grpc/nginx.conf'],
    volumeMounts: [{ name: 'grpc', mountPath: '/grpc' }],
    livenessProbe: live({ grpc: { port: probePort } }),
  };
  const spec = { restartPolicy: 'Always' as const, volumes: [{ name: 'grpc', configMap: { name: 'grpc' } }] };
  await client.create(pods, podOf(context, 'probed', container, spec));
}

const probing = '[sig-node] Probing container';

export const containerProbe: readonly Behaviour[] = [
  behaviour(
    `${probing} with readiness probe should not be ready before initial delay and never restart [NodeConformance] [Conformance]`,
    async (context) => {
      const readinessProbe: Probe = { ...healthz, initialDelaySeconds: 10, periodSeconds: 1 };
      await start(context, podOf(context, 'probed', { command: server(), readinessProbe }));
      const found = await getPod(context, 'probed');
      const startedAt = Date.parse(statusOf(found).state?.running?.startedAt ?? '');
      const ready = found.status?.conditions?.find(({ type }) => type === 'Ready');
      const delayMs = Date.parse(ready?.lastTransitionTime ?? '') - startedAt;
      // Both times are whole seconds.
      assert.ok(delayMs >= 9_000, `ready after ${delayMs} ms`);
      assert.equal(statusOf(found).restartCount, 0);
    },
  ),
  behaviour(
    `${probing} with readiness probe that fails should never be ready and never restart [NodeConformance] [Conformance]`,
    async (context) => {
      await create(context, { readinessProbe: { exec: { command: ['false'] }, periodSeconds: 1 } });
      await inPhase(context, 'probed', 'Running');
      await holds(context, 'the pod is not ready', watchedMs, async () => {
        const found = await getPod(context, 'probed');
        assert.equal(isReady(found), false);
        assert.equal(statusOf(found).restartCount, 0);
      });
    },
  ),
  behaviour(
    `${probing} should be restarted with a exec "cat /tmp/health" liveness probe [NodeConformance] [Conformance]`,
    (context) => isRestarted(context, { command: sickFile, livenessProbe: live(healthFile) }),
  ),
  behaviour(
    `${probing} should *not* be restarted with a exec "cat /tmp/health" liveness probe [NodeConformance] [Conformance]`,
    (context) => staysUp(context, { command: healthyFile, livenessProbe: live(healthFile) }),
  ),
  behaviour(
    `${probing} should be restarted with a /healthz http liveness probe [NodeConformance] [Conformance]`,
    (context) => isRestarted(context, { command: server(10), livenessProbe: live(healthz) }),
  ),
  behaviour(
    `${probing} should *not* be restarted with a tcp:8080 liveness probe [NodeConformance] [Conformance]`,
    (context) =>
      staysUp(context, { command: server(10), livenessProbe: live({ tcpSocket: { port: 8080 } }) }),
  ),
  behaviour(
    `${probing} should have monotonically increasing restart count [NodeConformance] [Conformance]`,
    (context) => isRestarted(context, { command: server(10), livenessProbe: live(healthz) }, 5),
  ),
  behaviour(
    `${probing} should *not* be restarted with a /healthz http liveness probe [NodeConformance] [Conformance]`,
    (context) => staysUp(context, { command: server(), livenessProbe: live(healthz) }),
  ),
  behaviour(
    `${probing} should *not* be restarted with a GRPC liveness probe [NodeConformance] [Conformance]`,
    async (context) => {
      await grpcPod(context, 5000);
      await becomesReady(context, 'probed');
      await holds(context, 'nothing is restarted', watchedMs, async () =>
        assert.equal(await restarts(context), 0),
      );
    },
  ),
  behaviour(
    `${probing} should be restarted with a GRPC liveness probe [NodeConformance] [Conformance]`,
    async (context) => {
      await grpcPod(context, 2333);
      await context.eventually('a restart', async () => (await restarts(context)) >= 1, 120_000);
    },
  ),
];
