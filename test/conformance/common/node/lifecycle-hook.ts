/** postStart and preStop hooks, seen by the server they call. */

import assert from 'node:assert/strict';
import type { Lifecycle, LifecycleHandler } from '#api/generated/types.gen.ts';
import { type Behaviour, type BehaviourContext, behaviour, images } from '../../behaviour.ts';
import { nginxPod } from '../../shared/workloads.ts';
import { deletePod, logs, podOf, start } from '../running.ts';

type Handler = (serverIp: string) => LifecycleHandler;

const byExec: Handler = (ip) => ({ exec: { command: ['wget', '-qO', '/dev/null', `http://${ip}/?hook`] } });
const byHttp: Handler = (host) => ({ httpGet: { host, port: 80, path: '/?hook' } });

export async function provesHook(
  context: BehaviourContext,
  when: keyof Lifecycle & ('postStart' | 'preStop'),
  handler: Handler,
): Promise<void> {
  const { namespace } = context;
  const server = await start(context, {
    metadata: { name: 'server', namespace },
    spec: nginxPod(images.nginx),
  });
  const called = async () => (await logs(context, 'server', 'web')).includes('GET /?hook ');
  const lifecycle = { [when]: handler(server.status!.podIP!) };
  await start(context, podOf(context, 'hooked', { lifecycle }, { terminationGracePeriodSeconds: 5 }));
  if (when === 'preStop') {
    assert.equal(await called(), false, 'the hook ran too early');
    await deletePod(context, 'hooked');
  }
  await context.eventually('the server is called', called, 30_000);
}

export const lifecycleHook: readonly Behaviour[] = [
  behaviour(
    '[sig-node] Container Lifecycle Hook when create a pod with lifecycle hook should execute poststart exec hook properly [NodeConformance] [Conformance]',
    (context) => provesHook(context, 'postStart', byExec),
  ),
  behaviour(
    '[sig-node] Container Lifecycle Hook when create a pod with lifecycle hook should execute poststart http hook properly [NodeConformance] [Conformance]',
    (context) => provesHook(context, 'postStart', byHttp),
  ),
  behaviour(
    '[sig-node] Container Lifecycle Hook when create a pod with lifecycle hook should execute prestop exec hook properly [NodeConformance] [Conformance]',
    (context) => provesHook(context, 'preStop', byExec),
  ),
  behaviour(
    '[sig-node] Container Lifecycle Hook when create a pod with lifecycle hook should execute prestop http hook properly [NodeConformance] [Conformance]',
    (context) => provesHook(context, 'preStop', byHttp),
  ),
];
