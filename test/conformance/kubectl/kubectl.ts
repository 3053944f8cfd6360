/** The commands of stock kubectl against this cluster. */

import assert from 'node:assert/strict';
import { tryKubectl } from '../../support/cluster.ts';
import { kubectlProgram } from '../../support/kubectl-versions.ts';
import { type Behaviour, type BehaviourContext, behaviour, images } from '../behaviour.ts';
import { nginxPod } from '../shared/workloads.ts';
import { guestbook } from './guestbook.ts';
import { apply, deployment, type Manifest, replicationController, runningPods } from './manifests.ts';
import { proxy } from './proxy.ts';

const withoutGrace = '--overrides={"spec":{"terminationGracePeriodSeconds":0}}';

function run({ kubectl }: BehaviourContext, name: string, ...args: string[]): Promise<string> {
  return kubectl('run', name, `--image=${images.nginx}`, withoutGrace, ...args);
}

function imageOf({ kubectl }: BehaviourContext, pod: string): Promise<string> {
  return kubectl('get', 'pod', pod, '-o', 'jsonpath={.spec.containers[0].image}');
}

/** The pod's one container runs this image. */
async function runsImage(context: BehaviourContext, pod: string, image: string): Promise<void> {
  await context.eventually(`${pod} runs ${image}`, async () => {
    const path = '{range .status.containerStatuses[*]}{.image} {.state.running.startedAt}{end}';
    const reported = await context.kubectl('get', 'pod', pod, '-o', `jsonpath=${path}`);
    assert.match(reported, new RegExp(`^${image} \\S+$`));
    return true;
  });
}

async function apiVersions({ kubectl }: BehaviourContext): Promise<void> {
  assert.ok((await kubectl('api-versions')).split('\n').includes('v1'));
}

async function clusterInfo({ kubectl }: BehaviourContext): Promise<void> {
  assert.match(await kubectl('cluster-info'), /Kubernetes control plane.* is running at.*https:\/\//);
}

async function version({ kubectl }: BehaviourContext): Promise<void> {
  const text = await kubectl('version');
  assert.match(text, /Client Version: v/);
  assert.match(text, /Server Version: v1\.36/);
  const reported = JSON.parse(await kubectl('version', '-o', 'json')) as Record<
    string,
    Record<string, string>
  >;
  for (const side of ['clientVersion', 'serverVersion']) {
    for (const field of ['major', 'minor', 'gitVersion', 'gitCommit', 'goVersion', 'platform']) {
      assert.ok(reported[side]?.[field], `${side} shows ${field}`);
    }
  }
}

async function describe(context: BehaviourContext): Promise<void> {
  const { kubectl, namespace } = context;
  await apply(context, replicationController('primary', 1, nginxPod()));
  const [pod] = await runningPods(context, 'app=primary', 1);
  await kubectl('expose', 'rc', 'primary', '--port=80');
  const shows = async (what: string[], expected: RegExp[]) => {
    const text = await kubectl('describe', ...what);
    for (const line of expected) assert.match(text, line);
  };
  const node = await kubectl('get', 'pod', pod!, '-o', 'jsonpath={.spec.nodeName}');
  await shows(
    ['pod', pod!],
    [
      new RegExp(`Name:\\s+${pod}`),
      new RegExp(`Namespace:\\s+${namespace}`),
      new RegExp(`Node:\\s+${node}`),
      /Labels:\s+app=primary/,
      /Status:\s+Running/,
      /IP:\s+\d/,
      /Controlled By:\s+ReplicationController\/primary/,
      new RegExp(`Image:\\s+${images.nginx}`),
      /State:\s+Running/,
      /QoS Class:\s+BestEffort/,
    ],
  );
  await shows(
    ['rc', 'primary'],
    [
      /Name:\s+primary/,
      new RegExp(`Namespace:\\s+${namespace}`),
      /Selector:\s+app=primary/,
      /Replicas:\s+1 current \/ 1 desired/,
      /Pods Status:\s+1 Running \/ 0 Waiting \/ 0 Succeeded \/ 0 Failed/,
      /Pod Template:/,
      new RegExp(`Image:\\s+${images.nginx}`),
      /Events:/,
    ],
  );
  await shows(
    ['service', 'primary'],
    [
      /Name:\s+primary/,
      /Selector:\s+app=primary/,
      /Type:\s+ClusterIP/,
      /IP:\s+\d/,
      /Port:\s+<unset>\s+80\/TCP/,
      /Endpoints:\s+\d+\.\d+\.\d+\.\d+:80/,
      /Session Affinity:\s+None/,
    ],
  );
  await shows(
    ['node', node],
    [
      new RegExp(`Name:\\s+${node}`),
      /Labels:/,
      /Annotations:/,
      /CreationTimestamp:/,
      /Conditions:/,
      /Ready\s+True/,
      /Addresses:/,
      /Capacity:/,
      /Kubelet Version:\s+v1\.36/,
      /PodCIDR:\s+\d/,
      new RegExp(`${namespace}\\s+${pod}`),
    ],
  );
  await shows(
    ['namespace', namespace],
    [
      new RegExp(`Name:\\s+${namespace}`),
      /Labels:/,
      /Status:\s+Active/,
      /No resource quota/,
      /No LimitRange resource/,
    ],
  );
}

async function diff(context: BehaviourContext): Promise<void> {
  const declared = (image: string): Manifest => deployment('web', 1, { app: 'web' }, nginxPod(image));
  await apply(context, declared(images.nginx));
  const { code, stdout, stderr } = await tryKubectl(
    context.cluster,
    ['-n', context.namespace, 'diff', '-f', '-'],
    JSON.stringify(declared(images.busybox)),
  );
  assert.equal(code, 1, `a difference ends ${kubectlProgram()} diff with 1: ${stderr}`);
  assert.match(stdout, new RegExp(`^-\\s+- image: ${images.nginx}$`, 'm'));
  assert.match(stdout, new RegExp(`^\\+\\s+- image: ${images.busybox}$`, 'm'));
}

async function expose(context: BehaviourContext): Promise<void> {
  const { kubectl } = context;
  await apply(context, replicationController('primary', 1, nginxPod()));
  await runningPods(context, 'app=primary', 1);
  const exposed = async (name: string, port: number) => {
    await context.eventually(`${name} has its endpoint`, async () => {
      return (await kubectl('get', 'endpoints', name, '-o', 'jsonpath={.subsets[*].ports[*].port}')) === '80';
    });
    const ports = await kubectl(
      'get',
      'service',
      name,
      '-o',
      'jsonpath={.spec.ports[*].port}/{.spec.ports[*].targetPort}',
    );
    assert.equal(ports, `${port}/80`);
  };
  await kubectl('expose', 'rc', 'primary', '--name=second', '--port=1234', '--target-port=80');
  await exposed('second', 1234);
  await kubectl('expose', 'service', 'second', '--name=third', '--port=2345', '--target-port=80');
  await exposed('third', 2345);
}

async function label(context: BehaviourContext): Promise<void> {
  const { kubectl } = context;
  await run(context, 'labelled');
  await kubectl('wait', '--for=condition=Ready', 'pod/labelled', '--timeout=60s');
  await kubectl('label', 'pods', 'labelled', 'testing-label=testing-value');
  assert.match(await kubectl('get', 'pod', 'labelled', '-L', 'testing-label'), /testing-value/);
  assert.match(await kubectl('get', 'pods', '-l', 'testing-label=testing-value'), /labelled/);
  await kubectl('label', 'pods', 'labelled', 'testing-label-');
  assert.doesNotMatch(await kubectl('get', 'pod', 'labelled', '-L', 'testing-label'), /testing-value/);
  assert.doesNotMatch(await kubectl('get', 'pods', '-l', 'testing-label'), /labelled/);
}

async function patch(context: BehaviourContext): Promise<void> {
  await apply(context, replicationController('primary', 2, nginxPod()));
  const names = await runningPods(context, 'app=primary', 2);
  for (const name of names) {
    await context.kubectl('patch', 'pod', name, '-p', '{"metadata":{"annotations":{"x":"y"}}}');
  }
  const read = await context.kubectl(
    'get',
    'pods',
    '-l',
    'app=primary',
    '-o',
    'jsonpath={.items[*].metadata.annotations.x}',
  );
  assert.equal(read, 'y y');
}

async function replace(context: BehaviourContext): Promise<void> {
  await run(context, 'replaced', '--labels=run=replaced');
  await runningPods(context, 'run=replaced', 1);
  const text = await context.kubectl('get', 'pod', 'replaced', '-o', 'json');
  await context.kubectlInput(text.replaceAll(images.nginx, images.nginxNew), 'replace', '-f', '-');
  assert.equal(await imageOf(context, 'replaced'), images.nginxNew);
  await runsImage(context, 'replaced', images.nginxNew);
  const uid = () => context.kubectl('get', 'pod', 'replaced', '-o', 'jsonpath={.metadata.uid}');
  const before = await uid();
  await context.kubectlInput(text, 'replace', '--force', '-f', '-');
  assert.notEqual(await uid(), before, 'forced means recreated');
  assert.equal(await imageOf(context, 'replaced'), images.nginx);
  await runsImage(context, 'replaced', images.nginx);
}

async function runPod(context: BehaviourContext): Promise<void> {
  await run(context, 'made', '--restart=Never');
  await runsImage(context, 'made', images.nginx);
  const policy = await context.kubectl('get', 'pod', 'made', '-o', 'jsonpath={.spec.restartPolicy}');
  assert.equal(policy, 'Never');
  assert.match(await context.kubectl('delete', 'pod', 'made'), /deleted/);
}

async function dryRun(context: BehaviourContext): Promise<void> {
  await run(context, 'dry', '--labels=run=dry');
  await runningPods(context, 'run=dry', 1);
  const change = JSON.stringify({ spec: { containers: [{ name: 'dry', image: images.nginxNew }] } });
  const answer = await context.kubectl(
    'patch',
    'pod',
    'dry',
    '-p',
    change,
    '--dry-run=server',
    '-o',
    'jsonpath={.spec.containers[0].image}',
  );
  assert.equal(answer, images.nginxNew);
  assert.equal(await imageOf(context, 'dry'), images.nginx);
}

async function updateDemo(context: BehaviourContext): Promise<void> {
  await apply(context, replicationController('demo', 2, nginxPod()));
  await runningPods(context, 'app=demo', 2);
  await context.kubectl('delete', 'rc', 'demo');
  await runningPods(context, 'app=demo', 0);
}

async function updateDemoScales(context: BehaviourContext): Promise<void> {
  await apply(context, replicationController('demo', 2, nginxPod()));
  await runningPods(context, 'app=demo', 2);
  await context.kubectl('scale', 'rc', 'demo', '--replicas=1', '--timeout=2m');
  await runningPods(context, 'app=demo', 1);
  await context.kubectl('scale', 'rc', 'demo', '--replicas=2', '--timeout=2m');
  await runningPods(context, 'app=demo', 2);
}

const title = '[sig-cli] Kubectl client';

export const kubectl: readonly Behaviour[] = [
  guestbook,
  behaviour(
    `${title} Kubectl api-versions should check if v1 is in available api versions [Conformance]`,
    apiVersions,
  ),
  behaviour(
    `${title} Kubectl cluster-info should check if Kubernetes control plane services is included in cluster-info [Conformance]`,
    clusterInfo,
  ),
  behaviour(
    `${title} Kubectl describe should check if kubectl describe prints relevant information for rc and pods [Conformance]`,
    describe,
  ),
  behaviour(
    `${title} Kubectl diff should check if kubectl diff finds a difference for Deployments [Conformance]`,
    diff,
  ),
  behaviour(`${title} Kubectl expose should create services for rc [Conformance]`, expose),
  behaviour(`${title} Kubectl label should update the label on a resource [Conformance]`, label),
  behaviour(`${title} Kubectl patch should add annotations for pods in rc [Conformance]`, patch),
  behaviour(`${title} Kubectl replace should update a single-container pod's image [Conformance]`, replace),
  behaviour(
    `${title} Kubectl run pod should create a pod from an image when restart is Never [Conformance]`,
    runPod,
  ),
  behaviour(
    `${title} Kubectl server-side dry-run should check if kubectl can dry-run update Pods [Conformance]`,
    dryRun,
  ),
  behaviour(`${title} Kubectl version should check is all data is printed [Conformance]`, version),
  ...proxy,
  behaviour(`${title} Update Demo should create and stop a replication controller [Conformance]`, updateDemo),
  behaviour(`${title} Update Demo should scale a replication controller [Conformance]`, updateDemoScales),
];
