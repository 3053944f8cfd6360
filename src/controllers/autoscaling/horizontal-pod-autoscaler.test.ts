import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import {
  apiServices,
  customResourceDefinitions,
  deployments,
  events,
  horizontalPodAutoscalers,
  pods,
} from '#api/generated/kinds.gen.ts';
import type { HorizontalPodAutoscalerSpec, HorizontalPodAutoscalerStatus } from '#api/generated/types.gen.ts';
import { resourceType } from '#api/meta/resource.ts';
import { serviceAccountUser } from '#api/meta/user.ts';
import { silentLog } from '#base/log.ts';
import type { Client } from '#client/client.ts';
import { startControllers } from '#client/controllers/controller-runner.ts';
import { createInformers } from '#client/informers/informers.ts';
import { createClient } from '#client/rest/client.ts';
import { systemEnv } from '#host/system-env.ts';
import { DryController } from '#testing/controllers/dry-controller.ts';
import { storedAutoscaler } from '#testing/objects/autoscaling.ts';
import { type ExtensionServer, json } from '#testing/server/extension-server.ts';
import { areAvailable, startMetricsServer } from '#testing/server/metrics-server.ts';
import { createDefaultAccount, startTestServer } from '#testing/server/test-server.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { AutoscalerMetrics } from './autoscaler-metrics.ts';
import { horizontalPodAutoscaler } from './horizontal-pod-autoscaler.ts';

test('an autoscaler – new – is looked at after a period', () => {
  const controller = new DryController(horizontalPodAutoscaler());
  controller.put(horizontalPodAutoscalers, storedAutoscaler('web'));
  assert.deepEqual(controller.woken(), ['default/web after 15000 ms']);
});

test('an autoscaler – a period of its own – is looked at after it', () => {
  const controller = new DryController(horizontalPodAutoscaler({ periodMs: 5_000 }));
  controller.put(horizontalPodAutoscalers, storedAutoscaler('web'));
  assert.deepEqual(controller.woken(), ['default/web after 5000 ms']);
});

interface Scene {
  readonly client: Client;
  readonly clock: VirtualClock;
  readonly metrics: ExtensionServer;
  /** What the controller counts: the labels of its looks. */
  looks(): string[];
  /** A Deployment with one ready pod for each replica that requests 100m, and its autoscaler. */
  scaled(name: string, replicas: number, spec?: Partial<HorizontalPodAutoscalerSpec>): Promise<void>;
  eventually<T>(what: string, found: () => Promise<T | undefined | false>): Promise<T>;
  status(name: string): Promise<HorizontalPodAutoscalerStatus>;
  /** `reason message`, of one autoscaler. */
  events(name: string): Promise<string[]>;
}

/** The controller with its own identity against a cluster's API server and a server of metrics. */
async function scene(body: (scene: Scene) => Promise<void>, scalesToZero = false): Promise<void> {
  const clock = new VirtualClock();
  const env = { ...systemEnv(), clock, log: silentLog };
  const configuration = { featureGates: { HPAScaleToZero: scalesToZero }, arguments: {}, runtimeConfig: {} };
  await using api = await startTestServer({ setup: 'kubernetes', env, configuration });
  const { client } = api;
  const eventually: Scene['eventually'] = async (what, found) => {
    for (let step = 0; step < 4_000; step++) {
      const value = await found();
      if (value !== undefined && value !== false) return value;
      await clock.advance(100);
    }
    throw new Error(`not within 400 seconds: ${what}`);
  };
  await createDefaultAccount(client);
  await using metrics = await startMetricsServer(client);
  await eventually('available', () => areAvailable(client));
  const own = serviceAccountUser('kube-system', 'horizontal-pod-autoscaler');
  const informers = createInformers(client, env);
  const measures = new AutoscalerMetrics();
  const controllers = startControllers([horizontalPodAutoscaler({ scalesToZero, metrics: measures })], {
    env,
    client: createClient(api.server.transport(own)),
    informers,
  });
  try {
    await body({
      client,
      clock,
      metrics,
      looks: () => looksOf(measures),
      eventually,
      scaled: (name, replicas, spec) => createScaled(client, name, replicas, spec),
      async status(name) {
        const { status } = await client.get(horizontalPodAutoscalers, { namespace: 'default', name });
        return status ?? { desiredReplicas: 0 };
      },
      async events(name) {
        const { items } = await client.list(events, { namespace: 'default' });
        const own = items.filter(({ involvedObject }) => involvedObject.name === name);
        return own.map(({ reason, message }) => `${reason} ${message}`);
      },
    });
  } finally {
    await controllers.stop();
    informers.stop();
  }
}

function looksOf(measures: AutoscalerMetrics): string[] {
  const looks = measures.metrics.find(({ name }) => name.endsWith('_reconciliations_total'));
  return [...(looks?.readings() ?? [])].map(([labels]) => Object.values(labels).join());
}

async function createScaled(
  client: Client,
  name: string,
  replicas: number,
  spec: Partial<HorizontalPodAutoscalerSpec> = {},
): Promise<void> {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  const deployment = await client.create(deployments, {
    metadata: { name, namespace: 'default' },
    spec: { replicas, selector: { matchLabels: labels }, template },
  });
  await client.updateStatus(deployments, { ...deployment, status: { replicas } });
  for (let i = 0; i < replicas; i++) await createReadyPod(client, `${name}-${i}`, labels);
  await client.create(horizontalPodAutoscalers, {
    metadata: { name, namespace: 'default' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
      minReplicas: 1,
      maxReplicas: 10,
      ...spec,
    },
  });
}

async function createReadyPod(client: Client, name: string, labels: Record<string, string>): Promise<void> {
  const pod = await client.create(pods, {
    metadata: { name, namespace: 'default', labels },
    spec: { containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '100m' } } }] },
  });
  const lastTransitionTime = '2020-01-01T00:00:00Z';
  const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime }];
  const status = { phase: 'Running', startTime: lastTransitionTime, conditions };
  await client.updateStatus(pods, { ...pod, status });
}

/** An answer of the metrics API: the use of each pod, as it is written. */
function podMetrics(use: Readonly<Record<string, unknown>>): object {
  const items = Object.entries(use).map(([name, cpu]) => ({
    metadata: { name, namespace: 'default' },
    timestamp: '2026-01-01T00:00:00Z',
    window: '30s',
    containers: [{ name: 'c', usage: { cpu, memory: '1Mi' } }],
  }));
  return { kind: 'PodMetricsList', apiVersion: 'metrics.k8s.io/v1beta1', metadata: {}, items };
}

const condition = (status: HorizontalPodAutoscalerStatus, type: string) => {
  const found = status.conditions?.find((each) => each.type === type);
  return found && `${found.status} ${found.reason} ${found.message}`;
};

test('a Deployment – using twice its target – is scaled up, and down when it is idle, after the stabilization window', async () => {
  await scene(async ({ client, metrics, looks, scaled, eventually, status, events: eventsOf }) => {
    let cpu = '160m';
    metrics.reply = (_, response) => json(response, 200, podMetrics({ 'web-0': cpu, 'web-1': cpu }));
    await scaled('web', 2);
    const size = async () =>
      (await client.get(deployments, { namespace: 'default', name: 'web' })).spec?.replicas;
    await eventually('scaled up', async () => (await size()) === 4);
    const message = 'New size: 4; reason: cpu resource utilization (percentage of request) above target';
    await eventually('the event', async () =>
      (await eventsOf('web')).includes(`SuccessfulRescale ${message}`),
    );
    const { currentMetrics, desiredReplicas, currentReplicas } = await eventually('the status', async () => {
      const reported = await status('web');
      return reported.currentMetrics?.length === 1 && reported;
    });
    const current = { averageUtilization: 160, averageValue: '160m' };
    assert.deepEqual(
      [currentMetrics, desiredReplicas, currentReplicas],
      [[{ type: 'Resource', resource: { name: 'cpu', current } }], 4, 2],
    );
    for (const i of [2, 3]) await createReadyPod(client, `web-${i}`, { app: 'web' });
    cpu = '1m';
    metrics.reply = (_, response) => {
      json(response, 200, podMetrics({ 'web-0': cpu, 'web-1': cpu, 'web-2': cpu, 'web-3': cpu }));
    };
    const stabilized =
      'True ScaleDownStabilized recent recommendations were higher than current one, applying the highest recent recommendation';
    await eventually('stabilized', async () => condition(await status('web'), 'AbleToScale') === stabilized);
    assert.equal(await size(), 4);
    await eventually('scaled down', async () => (await size()) === 1);
    await eventually('counted', async () => looks().includes('scale_down,none'));
    assert.ok(looks().includes('scale_up,none') && looks().includes('none,none'));
    const [query] = metrics.asked.filter(({ url }) => url.includes('/pods?')).map(({ url }) => url);
    assert.equal(query, '/apis/metrics.k8s.io/v1beta1/namespaces/default/pods?labelSelector=app%3Dweb');
  });
});

const unable = 'the HPA was unable to compute the replica count: failed to get cpu utilization: ';
const fetching = `${unable}unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API: `;

const lies: readonly [what: string, answer: (response: ServerResponse) => void, message: string][] = [
  [
    'NaN',
    (response) => json(response, 200, podMetrics({ 'web-0': 'NaN' })),
    `${fetching}quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'`,
  ],
  [
    'no pods',
    (response) => json(response, 200, podMetrics({})),
    `${unable}unable to get metrics for resource cpu: no metrics returned from resource metrics API`,
  ],
  [
    'other pods',
    (response) => json(response, 200, podMetrics({ stray: '1' })),
    `${unable}no metrics returned matched known pods`,
  ],
  [
    'a page',
    (response) => response.writeHead(502, { 'content-type': 'text/html' }).end('<html>'),
    `${fetching}an error on the server ("<html>") has prevented the request from succeeding (get pods.metrics.k8s.io)`,
  ],
  [
    'nothing after the beginning',
    (response) => response.writeHead(200, { 'content-type': 'application/json' }).write('{"items":['),
    `${fetching}Timeout: request did not complete within the allotted timeout`,
  ],
  [
    'a list that is none',
    (response) => json(response, 200, { items: 5 }),
    `${fetching}the items of the resource metrics API are not a list`,
  ],
];

for (const [what, answer, message] of lies) {
  test(`a server of metrics – answering ${what} – is reported in the condition, an event, and scales nothing`, async () => {
    await scene(async ({ client, metrics, scaled, eventually, status, events: eventsOf }) => {
      metrics.reply = (_, response) => answer(response);
      await scaled('web', 2);
      const found = await eventually('the condition', async () =>
        condition(await status('web'), 'ScalingActive'),
      );
      assert.equal(found, `False FailedGetResourceMetric ${message}`);
      const text = message.slice('the HPA was unable to compute the replica count: '.length);
      const first = `invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource metric value: ${text}`;
      const expected = [`FailedComputeMetricsReplicas ${first}`, `FailedGetResourceMetric ${text}`];
      await eventually('the events', async () => (await eventsOf('web')).length >= 2);
      assert.deepEqual((await eventsOf('web')).sort(), expected);
      const { spec } = await client.get(deployments, { namespace: 'default', name: 'web' });
      assert.equal(spec?.replicas, 2);
    });
  });
}

const extremes = [
  [
    'huge',
    '9e30',
    4,
    'True ScaleUpLimit the desired replica count is increasing faster than the maximum scale rate',
  ],
  [
    'negative',
    '-500m',
    1,
    'True TooFewReplicas the desired replica count is less than the minimum replica count',
  ],
] as const;

for (const [what, cpu, replicas, limited] of extremes) {
  test(`a server of metrics – answering ${what} use – scales within the limits`, async () => {
    await scene(async ({ client, metrics, scaled, eventually, status }) => {
      metrics.reply = (_, response) => json(response, 200, podMetrics({ 'web-0': cpu, 'web-1': cpu }));
      const selectPolicy = 'Max';
      await scaled('web', 2, {
        minReplicas: 1,
        ...(what === 'negative'
          ? { behavior: { scaleDown: { selectPolicy, stabilizationWindowSeconds: 0 } } }
          : {}),
      });
      const size = async () =>
        (await client.get(deployments, { namespace: 'default', name: 'web' })).spec?.replicas;
      await eventually('scaled', async () => (await size()) === replicas);
      await eventually(
        'the condition',
        async () => condition(await status('web'), 'ScalingLimited') === limited,
      );
    });
  });
}

test('a server of metrics – hanging for many autoscalers – holds up no autoscaler of another API', async () => {
  await scene(async ({ client, clock, metrics, scaled, eventually, status }) => {
    metrics.reply = ({ url }, response) => {
      if (!url.startsWith('/apis/external.metrics.k8s.io/')) return;
      json(response, 200, { kind: 'ExternalMetricValueList', items: [{ metricName: 'jobs', value: '40' }] });
    };
    for (let i = 0; i < 120; i++) await scaled(`stuck-${i}`, 1);
    const target = { type: 'AverageValue', averageValue: '10' };
    const external = { metric: { name: 'jobs', selector: { matchLabels: { queue: 'a' } } }, target };
    await scaled('free', 2, { metrics: [{ type: 'External', external }] });
    const size = async () =>
      (await client.get(deployments, { namespace: 'default', name: 'free' })).spec?.replicas;
    await eventually('scaled', async () => (await size()) === 4);
    assert.equal(
      await eventually('its condition', async () => condition(await status('free'), 'ScalingActive')),
      'True ValidMetricFound the HPA was able to successfully calculate a replica count from external metric ' +
        'jobs(&LabelSelector{MatchLabels:map[string]string{queue: a,},MatchExpressions:[]LabelSelectorRequirement{},})',
    );
    const reported = await eventually('all are reported', async () => {
      await clock.advance(900);
      const { items } = await client.list(horizontalPodAutoscalers, { namespace: 'default' });
      const stuck = items.filter(({ metadata }) => metadata.name.startsWith('stuck-'));
      const texts = stuck.map(
        (each) => condition(each.status ?? { desiredReplicas: 0 }, 'ScalingActive') ?? '',
      );
      return texts.every((text) => text !== '') && texts;
    });
    const failures = [
      'Timeout: request did not complete within the allotted timeout',
      '25 requests to metrics.k8s.io wait for an answer (get pods.metrics.k8s.io)',
    ];
    assert.deepEqual(
      new Set(reported),
      new Set(failures.map((failure) => `False FailedGetResourceMetric ${fetching}${failure}`)),
    );
  });
});

test('metrics APIs that are not served – asked – are reported in the words of Go’s client', async () => {
  await scene(async ({ client, scaled, eventually, status }) => {
    for (const name of ['v1beta2.custom.metrics.k8s.io', 'v1beta1.external.metrics.k8s.io']) {
      await client.delete(apiServices, { name });
    }
    const metric = { name: 'jobs' };
    const target = { type: 'AverageValue', averageValue: '1' };
    await scaled('custom', 1, { metrics: [{ type: 'Pods', pods: { metric, target } }] });
    await scaled('external', 1, { metrics: [{ type: 'External', external: { metric, target } }] });
    const active = (name: string) =>
      eventually('the condition', async () => condition(await status(name), 'ScalingActive'));
    const failed = 'the HPA was unable to compute the replica count: unable to';
    assert.deepEqual(
      [await active('custom'), await active('external')],
      [
        `False FailedGetPodsMetric ${failed} get metric jobs: unable to fetch metrics from custom metrics API: ` +
          'no custom metrics API (custom.metrics.k8s.io) registered',
        `False FailedGetExternalMetric ${failed} get external metric default/jobs/nil: unable to fetch metrics from ` +
          'external metrics API: the server could not find the requested resource (get jobs.external.metrics.k8s.io)',
      ],
    );
  });
});

test('a custom resource with a scale – by metrics of its pods and of an object – is scaled by the larger', async () => {
  await scene(async ({ client, metrics, eventually, status }) => {
    const widgets = resourceType('example.com', 'v1', 'widgets', 'Widget', true);
    await client.create(customResourceDefinitions, widgetsWithScale);
    const value = (name: string, amount: string) => ({
      describedObject: { kind: 'Pod', name },
      metric: { name: 'q' },
      timestamp: '2026-01-01T00:00:00Z',
      value: amount,
    });
    metrics.reply = ({ url }, response) => {
      const items = url.includes('/ingresses.networking.k8s.io/') ? [value('in', '9')] : [value('w-0', '30')];
      json(response, 200, { kind: 'MetricValueList', apiVersion: 'custom.metrics.k8s.io/v1beta2', items });
    };
    await createReadyPod(client, 'w-0', { app: 'w' });
    await eventually('served', () => createWidget(client, widgets));
    const metric = { name: 'q' };
    const describedObject = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'in' };
    await client.create(horizontalPodAutoscalers, {
      metadata: { name: 'w', namespace: 'default' },
      spec: {
        scaleTargetRef: { apiVersion: 'example.com/v1', kind: 'Widget', name: 'w' },
        maxReplicas: 10,
        metrics: [
          { type: 'Pods', pods: { metric, target: { type: 'AverageValue', averageValue: '10' } } },
          { type: 'Object', object: { metric, describedObject, target: { type: 'Value', value: '9' } } },
        ],
      },
    });
    await eventually('scaled', async () => {
      const widget = await client.get(widgets, { namespace: 'default', name: 'w' });
      return (widget as { spec?: { replicas?: number } }).spec?.replicas === 3;
    });
    const { currentMetrics } = await eventually('the status', async () => {
      const now = await status('w');
      return now.currentMetrics ? now : undefined;
    });
    assert.deepEqual(currentMetrics, [
      { type: 'Pods', pods: { metric, current: { averageValue: '30' } } },
      { type: 'Object', object: { metric, describedObject, current: { value: '9' } } },
    ]);
    const asked = metrics.asked
      .map(({ url }) => url)
      .filter((url) => url.endsWith('/q') || url.includes('/q?'));
    assert.deepEqual(asked.slice(0, 2), [
      '/apis/custom.metrics.k8s.io/v1beta2/namespaces/default/pods/%2A/q?labelSelector=app%3Dw',
      '/apis/custom.metrics.k8s.io/v1beta2/namespaces/default/ingresses.networking.k8s.io/in/q',
    ]);
  });
});

async function createWidget(client: Client, type: ReturnType<typeof resourceType>): Promise<boolean> {
  try {
    const widget = await client.create(type, {
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      metadata: { name: 'w', namespace: 'default' },
      ...{ spec: { replicas: 1 } },
    });
    await client.updateStatus(type, { ...widget, ...{ status: { replicas: 1, selector: 'app=w' } } });
    return true;
  } catch {
    return false;
  }
}

const widgetsWithScale = {
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        subresources: {
          status: {},
          scale: {
            specReplicasPath: '.spec.replicas',
            statusReplicasPath: '.status.replicas',
            labelSelectorPath: '.status.selector',
          },
        },
      },
    ],
  },
};

test('two autoscalers of the same pods – looked at – scale nothing, with upstream’s condition', async () => {
  await scene(async ({ client, metrics, scaled, eventually, status }) => {
    metrics.reply = (_, response) => json(response, 200, podMetrics({ 'web-0': '1' }));
    await scaled('web', 1);
    await client.create(horizontalPodAutoscalers, {
      metadata: { name: 'rival', namespace: 'default' },
      spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, maxReplicas: 3 },
    });
    const found = await eventually('the condition', async () => {
      const text = condition(await status('rival'), 'ScalingActive');
      return text?.includes('AmbiguousSelector') && text;
    });
    assert.equal(
      found,
      'False AmbiguousSelector pods by selector app=web are controlled by multiple HPAs: [default/rival default/web]',
    );
  });
});

test('an autoscaler – deleted while its metrics are read – is no rival of a later one of the same pods', async () => {
  await scene(async ({ client, clock, metrics, scaled, eventually, status }) => {
    let waiting: ServerResponse | undefined;
    metrics.reply = ({ url }, response) => {
      if (url.includes('/pods?')) waiting = response;
    };
    await scaled('web', 1);
    await eventually('asked', async () => waiting !== undefined);
    await client.delete(horizontalPodAutoscalers, { namespace: 'default', name: 'web' });
    await client.create(horizontalPodAutoscalers, {
      metadata: { name: 'later', namespace: 'default' },
      spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, maxReplicas: 1 },
    });
    metrics.reply = (_, response) => json(response, 200, podMetrics({ 'web-0': '80m' }));
    await clock.advance(1_000);
    json(waiting!, 200, podMetrics({ 'web-0': '80m' }));
    const active = await eventually('the condition', async () =>
      condition(await status('later'), 'ScalingActive'),
    );
    assert.match(active, /^True ValidMetricFound/);
  });
});

const targets = [
  ['Gone', 'apps/v1', 'no matches for kind "Gone" in group "apps"'],
  ['Deployment', 'apps/v1', 'deployments.apps "nothing" not found'],
] as const;

for (const [kind, apiVersion, error] of targets) {
  test(`an autoscaler – of a missing ${kind} – says so in its condition and event`, async () => {
    await scene(async ({ client, eventually, status, events: eventsOf }) => {
      await client.create(horizontalPodAutoscalers, {
        metadata: { name: 'lost', namespace: 'default' },
        spec: { scaleTargetRef: { apiVersion, kind, name: 'nothing' }, maxReplicas: 3 },
      });
      const found = await eventually('the condition', async () =>
        condition(await status('lost'), 'AbleToScale'),
      );
      const expected = `the HPA controller was unable to get the target's current scale: ${error}`;
      assert.equal(found, `False FailedGetScale ${expected}`);
      await eventually('the event', async () => (await eventsOf('lost')).includes(`FailedGetScale ${error}`));
    });
  });
}

test('an autoscaler with minReplicas 0 – with the gate HPAScaleToZero – scales to zero and from zero by an external metric', async () => {
  await scene(async ({ client, metrics, scaled, eventually, status, events: eventsOf }) => {
    let value = '0';
    metrics.reply = (_, response) => {
      json(response, 200, { kind: 'ExternalMetricValueList', items: [{ metricName: 'jobs', value }] });
    };
    const external = { metric: { name: 'jobs' }, target: { type: 'Value', value: '10' } };
    const behavior = { scaleDown: { stabilizationWindowSeconds: 0 } };
    await scaled('web', 1, { minReplicas: 0, behavior, metrics: [{ type: 'External', external }] });
    const size = async () =>
      (await client.get(deployments, { namespace: 'default', name: 'web' })).spec?.replicas;
    await eventually('zero', async () => (await size()) === 0);
    await eventually('the condition', async () => condition(await status('web'), 'ScaledToZero'));
    assert.equal(
      condition(await status('web'), 'ScaledToZero'),
      'True ScaledToZero the HPA controller scaled the workload to zero',
    );
    value = '25';
    await eventually('three', async () => (await size()) === 3);
    const from = 'SuccessfulRescale New size: 3; reason: external metric jobs(nil) above target';
    await eventually('the event', async () => (await eventsOf('web')).includes(from));
  }, true);
});

test('an autoscaler with minReplicas 0 – without the gate – is refused', async () => {
  await scene(async ({ scaled }) => {
    const external = { metric: { name: 'jobs' }, target: { type: 'Value', value: '10' } };
    const created = scaled('web', 1, { minReplicas: 0, metrics: [{ type: 'External', external }] });
    await assert.rejects(created, /spec.minReplicas: Invalid value: 0: must be greater than or equal to 1/);
  });
});
