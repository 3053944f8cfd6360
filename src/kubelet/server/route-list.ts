/** The plain requests that the kubelet answers, by path: health, pods, metrics and logs. */

import type { ServerResponse } from 'node:http';
import { booleanOf } from '#api/http/query-parameters.ts';
import { findContainer } from '#api/pods/containers.ts';
import type { Env } from '#base/env.ts';
import { HealthMetrics, metricsContentType } from '#base/metrics/health.ts';
import { findPod } from './find-pod.ts';
import { logQuery } from './logs.ts';
import { Refusal } from './refusal.ts';
import type { Route, RouteCall } from './routes.ts';
import { runningPods } from './running-pods.ts';
import { sendLogs } from './send-logs.ts';
import { cadvisorMetrics } from './stats/cadvisor.ts';
import { metricsText, probeMetricsText } from './stats/kubelet-metrics.ts';
import { resourceMetricsText } from './stats/resource-metrics.ts';
import { statsSummary } from './stats/summary.ts';
import { streamPaths } from './streams/streams.ts';
import { sendSystemLog } from './system-logs.ts';

export interface RouteParts {
  readonly env: Env;
  /** The folder of the machine's logs; absent where the nodes are no machines. */
  readonly systemLogs?: string;
}

const get = ['GET'];

export function routeList(parts: RouteParts): readonly Route[] {
  return [
    ...healthRoutes(),
    ...podRoutes(),
    ...metricsRoutes(parts),
    ...logRoutes(parts),
    ...otherRoutes(),
    ...streamPaths.map((path) => ({ path, methods: ['GET', 'POST'], answer: upgradeRequired })),
  ];
}

function upgradeRequired(): never {
  throw new Refusal(400, 'Upgrade request required');
}

/** The checks pass as long as the server answers at all. */
const healthChecks = ['ping', 'log', 'syncloop'];

function healthRoutes(): readonly Route[] {
  const health = new HealthMetrics();
  const ok = ({ response }: RouteCall) => sendText(response, 'ok');
  return [
    {
      path: '/healthz',
      answer(call) {
        for (const check of healthChecks) health.observe(check, 'healthz', true);
        ok(call);
      },
    },
    ...healthChecks.map((check) => ({ path: `/healthz/${check}`, answer: ok })),
    { path: '/metrics/slis', answer: ({ response }) => sendMetrics(response, health.text) },
  ];
}

function podRoutes(): readonly Route[] {
  const podList = (items: readonly object[]) => ({ kind: 'PodList', apiVersion: 'v1', metadata: {}, items });
  return [
    {
      path: '/pods',
      methods: get,
      answer: ({ nodes, response }) => sendJson(response, podList(nodes.flatMap((node) => node.pods()))),
    },
    {
      path: '/runningpods',
      methods: get,
      answer: async ({ nodes, response }) => sendJson(response, podList(await runningPods(nodes))),
    },
  ];
}

function metricsRoutes({ env }: RouteParts): readonly Route[] {
  return [
    {
      path: '/metrics',
      answer: async ({ nodes, response }) => sendMetrics(response, await metricsText(nodes)),
    },
    {
      path: '/metrics/resource',
      answer: async ({ nodes, response }) => sendMetrics(response, await resourceMetricsText(nodes)),
    },
    {
      path: '/metrics/probes',
      answer: ({ nodes, response }) => sendMetrics(response, probeMetricsText(nodes)),
    },
    {
      path: '/metrics/cadvisor',
      answer: async ({ nodes, response }) =>
        sendMetrics(response, await cadvisorMetrics(nodes, env.clock.now())),
    },
    {
      path: '/stats/summary',
      methods: ['GET', 'POST'],
      async answer({ nodes, response, target }) {
        const [node, ...others] = nodes;
        if (!node) throw new Refusal(404, '404 page not found');
        if (others.length > 0) {
          throw new Refusal(400, `${nodes.length} nodes are served here: name one in Host`);
        }
        sendJson(response, await statsSummary(node, booleanOf(target.query, 'only_cpu_and_memory')));
      },
    },
  ];
}

function logRoutes({ env, systemLogs }: RouteParts): readonly Route[] {
  return [
    {
      path: '/containerLogs/{namespace}/{pod}/{container}',
      methods: get,
      answer({ nodes, names: { namespace = '', pod: name = '', container = '' }, target, response }) {
        const query = logQuery(target.query, env.clock.now());
        const { node, pod } = findPod(nodes, namespace, name, `pod "${name}" does not exist`);
        if (!findContainer(pod.spec, container)) {
          throw new Refusal(404, `container "${container}" not found in pod "${name}"`);
        }
        return sendLogs(env.clock, node, pod, container, query, response);
      },
    },
    { path: '/logs/{path:*}', methods: get, answer: (call) => sendSystemLog(systemLogs, call) },
  ];
}

function otherRoutes(): readonly Route[] {
  return [
    {
      path: '/configz',
      methods: get,
      answer({ nodes, response }) {
        const kubeletconfig = nodes[0]?.configuration;
        if (!kubeletconfig) throw new Refusal(404, '404 page not found');
        response.setHeader('x-content-type-options', 'nosniff');
        sendJson(response, { kubeletconfig });
      },
    },
    {
      path: '/checkpoint/{namespace}/{pod}/{container}',
      methods: ['POST'],
      answer({ nodes, names: { namespace = '', pod: name = '', container = '' }, target: { query } }) {
        const { pod } = findPod(nodes, namespace, name);
        if (!findContainer(pod.spec, container)) {
          throw new Refusal(404, `container ${container} does not exist`);
        }
        if (!/^[+-]?\d+$/.test(query.getAll('timeout').at(-1) ?? '0')) {
          throw new Refusal(404, 'cannot parse value of timeout parameter');
        }
        throw new Refusal(
          500,
          `checkpointing of ${namespace}/${name}/${container} failed (${noCheckpoints})`,
        );
      },
    },
  ];
}

/** What a containerd without checkpoints, such as the distribution's, answers; upstream's tests know it by these words. */
const noCheckpoints =
  'rpc error: code = Unimplemented desc = unknown method CheckpointContainer for service runtime.v1.RuntimeService';

function sendText(response: ServerResponse, text: string): void {
  response.setHeader('content-type', 'text/plain; charset=utf-8');
  response.end(text);
}

function sendMetrics(response: ServerResponse, text: string): void {
  response.setHeader('content-type', metricsContentType);
  response.end(text);
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(value));
}
