/** Pods: their life as objects, and exec, logs and other requests while they run. */

import assert from 'node:assert/strict';
import { pods, services } from '#api/generated/kinds.gen.ts';
import { type Behaviour, behaviour, images } from '../../behaviour.ts';
import { watchFromNow } from '../../shared/watching.ts';
import { change, namingPod } from '../../shared/workloads.ts';
import { becomesReady, deletePod, inPhase, podOf, runToEnd, shell, start } from '../running.ts';
import { socketText } from './web-socket.ts';

export const podLife: readonly Behaviour[] = [
  behaviour('[sig-node] Pods should get a host IP [NodeConformance] [Conformance]', async (context) => {
    const { status } = await start(context, podOf(context, 'hosted'));
    assert.match(status?.hostIP ?? '', /^\d+\.\d+\.\d+\.\d+$/);
    assert.equal(status?.hostIPs?.[0]?.ip, status?.hostIP);
  }),
  behaviour(
    '[sig-node] Pods should be submitted and removed [NodeConformance] [Conformance]',
    async (context) => {
      const { client, namespace } = context;
      const list = { namespace, labelSelector: 'name=going' };
      assert.equal((await client.list(pods, list)).items.length, 0);
      const watching = await watchFromNow(context, pods, list);
      await start(context, podOf(context, 'going', {}, { terminationGracePeriodSeconds: 30 }));
      assert.equal((await client.list(pods, list)).items.length, 1);
      await watching.until('the creation is reported', ({ type }) => type === 'ADDED');
      await client.delete(pods, { namespace, name: 'going' }, { gracePeriodSeconds: 3 });
      await watching.until('its deletionTimestamp is reported', ({ object }) =>
        Boolean(object.metadata.deletionTimestamp),
      );
      const { object } = await watching.until('its end is reported', ({ type }) => type === 'DELETED');
      assert.ok(object.metadata.deletionTimestamp);
      assert.equal(object.metadata.deletionGracePeriodSeconds, 0);
      assert.equal((await client.list(pods, list)).items.length, 0);
    },
  ),
  behaviour('[sig-node] Pods should be updated [NodeConformance] [Conformance]', async (context) => {
    const { client, namespace } = context;
    await start(context, podOf(context, 'changing'));
    const named = await client.list(pods, { namespace, labelSelector: 'name=changing' });
    assert.equal(named.items.length, 1);
    await change(client, pods, { namespace, name: 'changing' }, ({ metadata }) => {
      metadata.labels = { ...metadata.labels, time: 'later' };
    });
    const { items } = await client.list(pods, { namespace, labelSelector: 'time=later' });
    assert.deepEqual(
      items.map(({ metadata }) => metadata.name),
      ['changing'],
    );
  }),
  behaviour(
    '[sig-node] Pods should allow activeDeadlineSeconds to be updated [NodeConformance] [Conformance]',
    async (context) => {
      const { client, namespace } = context;
      await start(context, podOf(context, 'limited', {}, { restartPolicy: 'Always' }));
      const named = await client.list(pods, { namespace, labelSelector: 'name=limited' });
      assert.equal(named.items.length, 1);
      await change(client, pods, { namespace, name: 'limited' }, ({ spec }) => {
        spec!.activeDeadlineSeconds = 5;
      });
      const { status } = await inPhase(context, 'limited', 'Failed');
      assert.equal(status?.reason, 'DeadlineExceeded');
    },
  ),
  behaviour(
    '[sig-node] Pods should contain environment variables for services [NodeConformance] [Conformance]',
    async (context) => {
      const { client, namespace } = context;
      const labels = { app: 'server' };
      await start(context, { metadata: { name: 'server', namespace, labels }, spec: namingPod() });
      const { spec } = await client.create(services, {
        metadata: { name: 'fooservice', namespace },
        spec: { selector: labels, ports: [{ port: 8765, targetPort: 9376 }] },
      });
      const ip = spec?.clusterIP;
      const expected = [
        `FOOSERVICE_SERVICE_HOST=${ip}`,
        'FOOSERVICE_SERVICE_PORT=8765',
        `FOOSERVICE_PORT=tcp://${ip}:8765`,
        `FOOSERVICE_PORT_8765_TCP=tcp://${ip}:8765`,
        'FOOSERVICE_PORT_8765_TCP_PORT=8765',
        'FOOSERVICE_PORT_8765_TCP_PROTO=tcp',
        `FOOSERVICE_PORT_8765_TCP_ADDR=${ip}`,
      ];
      // The node sees a new service a little later than the API server.
      let attempt = 0;
      await context.eventually('a new pod knows the service', async () => {
        const printed = await runToEnd(context, podOf(context, `client-${attempt++}`, { command: ['env'] }));
        for (const line of expected) {
          assert.ok(printed.split('\n').includes(line), `no ${line} in ${printed}`);
        }
        return true;
      });
    },
  ),
  behaviour(
    '[sig-node] Pods should support remote command execution over websockets [NodeConformance] [Conformance]',
    async (context) => {
      await start(context, podOf(context, 'asked'));
      const command = ['echo', 'remote execution test'].map((word) => `command=${encodeURIComponent(word)}`);
      const path = `/api/v1/namespaces/${context.namespace}/pods/asked/exec?stdout=1&stderr=1&container=main&${command.join('&')}`;
      const frames = await socketText(context, path, 'channel.k8s.io');
      const stdout = frames.filter((frame) => frame[0] === 1).map((frame) => frame.subarray(1));
      assert.equal(Buffer.concat(stdout).toString(), 'remote execution test\n');
    },
  ),
  behaviour(
    '[sig-node] Pods should support retrieving logs from the container over websockets [NodeConformance] [Conformance]',
    async (context) => {
      const command = shell('echo container is alive; exec sleep 100000');
      await start(context, podOf(context, 'asked', { command }));
      const path = `/api/v1/namespaces/${context.namespace}/pods/asked/log?container=main`;
      await context.eventually('the line is there', async () => {
        const frames = await socketText(context, path, 'binary.k8s.io');
        assert.equal(Buffer.concat(frames).toString(), 'container is alive\n');
        return true;
      });
    },
  ),
  behaviour('[sig-node] Pods should delete a collection of pods [Conformance]', async (context) => {
    const { client, namespace } = context;
    const list = { namespace, labelSelector: 'type=Testing' };
    for (const name of ['one', 'two', 'three']) {
      const pod = podOf(context, name);
      await client.create(pods, { ...pod, metadata: { ...pod.metadata, labels: { type: 'Testing' } } });
    }
    assert.equal((await client.list(pods, list)).items.length, 3);
    await client.deleteCollection(pods, { ...list, gracePeriodSeconds: 0 });
    await context.eventually('all are gone', async () => (await client.list(pods, list)).items.length === 0);
  }),
  behaviour(
    '[sig-node] Pods should run through the lifecycle of Pods and PodStatus [Conformance]',
    async (context) => {
      const { client, namespace } = context;
      const key = { namespace, name: 'living' };
      const watching = await watchFromNow(context, pods, { namespace, labelSelector: 'name=living' });
      await start(context, podOf(context, 'living', {}, { restartPolicy: 'Always' }));
      const patch = {
        metadata: { labels: { 'test-pod': 'patched' } },
        spec: { containers: [{ name: 'main', image: images.nginx }] },
      };
      await client.patch(pods, key, 'strategic', patch);
      await watching.until(
        'the patch is reported',
        ({ object }) => object.metadata.labels?.['test-pod'] === 'patched',
      );
      await watching.until('the new image runs', ({ object }) => {
        const main = object.status?.containerStatuses?.[0];
        return main?.image === images.nginx && main.restartCount === 1 && main.state?.running !== undefined;
      });
      const before = await becomesReady(context, 'living');
      assert.ok(before.status?.conditions?.some(({ type }) => type === 'Ready'));
      const gate = { type: 'kybern.test/replaced', status: 'True' as const };
      await change(
        client,
        pods,
        key,
        ({ status }) => {
          status!.conditions = [...(status!.conditions ?? []), gate];
        },
        'status',
      );
      await watching.until('the status is reported', ({ object }) =>
        Boolean(object.status?.conditions?.some(({ type }) => type === gate.type)),
      );
      await deletePod(context, 'living');
      await watching.until('the end is reported', ({ type }) => type === 'DELETED');
    },
  ),
  behaviour('[sig-node] Pods should patch a pod status [Conformance]', async (context) => {
    const { client, namespace } = context;
    const key = { namespace, name: 'patched' };
    await start(context, podOf(context, 'patched'));
    const patch = { status: { message: 'Patched by a test', reason: 'Tested' } };
    const answer = await client.patch(pods, key, 'merge', patch, { subresource: 'status' });
    assert.equal(answer.status?.message, 'Patched by a test');
    assert.equal(answer.status?.reason, 'Tested');
    assert.equal(answer.status?.phase, 'Running');
  }),
];
