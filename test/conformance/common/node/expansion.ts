/** `$(NAME)` in a container's environment, command, arguments and volume sub-paths. */

import assert from 'node:assert/strict';
import { pods } from '#api/generated/kinds.gen.ts';
import type { Container, Pod } from '#api/generated/types.gen.ts';
import { type Behaviour, type BehaviourContext, behaviour } from '../../behaviour.ts';
import {
  becomesReady,
  deletePod,
  getPod,
  holds,
  podOf,
  runToEnd,
  shell,
  start,
  statusOf,
} from '../running.ts';

const annotation = 'mysubpath';

/** Mounts a whole volume at /whole and the part its annotation names at /part. */
function subPathPod(context: BehaviourContext, value: string, container: Partial<Container> = {}): Pod {
  const fieldRef = { fieldPath: `metadata.annotations['${annotation}']` };
  const pod = podOf(
    context,
    'expanding',
    {
      env: [{ name: 'PART', valueFrom: { fieldRef } }],
      volumeMounts: [
        { name: 'work', mountPath: '/whole' },
        { name: 'work', mountPath: '/part', subPathExpr: '$(PART)' },
      ],
      ...container,
    },
    { volumes: [{ name: 'work', emptyDir: {} }] },
  );
  return { ...pod, metadata: { ...pod.metadata, annotations: { [annotation]: value } } };
}

function annotate({ client, namespace }: BehaviourContext, value: string) {
  const patch = { metadata: { annotations: { [annotation]: value } } };
  return client.patch(pods, { namespace, name: 'expanding' }, 'merge', patch);
}

async function cannotStart(context: BehaviourContext, pod: Pod): Promise<void> {
  await context.client.create(pods, pod);
  const refused = async () => {
    const found = await getPod(context, 'expanding');
    assert.equal(found.status?.phase, 'Pending');
    assert.equal(statusOf(found).state?.waiting?.reason, 'CreateContainerConfigError');
  };
  await context.eventually('the container cannot be made', refused);
  await holds(context, 'the container is not made', 5_000, refused);
}

export const expansion: readonly Behaviour[] = [
  behaviour(
    '[sig-node] Variable Expansion should allow composing env vars into new env vars [NodeConformance] [Conformance]',
    async (context) => {
      const env = [
        { name: 'FOO', value: 'foo-value' },
        { name: 'BAR', value: 'bar-value' },
        { name: 'FOOBAR', value: '$(FOO);;$(BAR)' },
      ];
      const printed = await runToEnd(context, podOf(context, 'composed', { command: ['env'], env }));
      assert.match(printed, /^FOOBAR=foo-value;;bar-value$/m);
    },
  ),
  behaviour(
    "[sig-node] Variable Expansion should allow substituting values in a container's command [NodeConformance] [Conformance]",
    async (context) => {
      const env = [{ name: 'WORD', value: 'test-value' }];
      const command = shell(`echo "$(WORD)" '$$(WORD)'`);
      const printed = await runToEnd(context, podOf(context, 'commanded', { command, env }));
      assert.equal(printed, 'test-value $(WORD)\n');
    },
  ),
  behaviour(
    "[sig-node] Variable Expansion should allow substituting values in a container's args [NodeConformance] [Conformance]",
    async (context) => {
      const env = [{ name: 'WORD', value: 'test-value' }];
      const container = { command: ['echo'], args: ['$(WORD)', '$(ABSENT)', '$$(WORD)'], env };
      const printed = await runToEnd(context, podOf(context, 'argued', container));
      assert.equal(printed, 'test-value $(ABSENT) $(WORD)\n');
    },
  ),
  behaviour(
    '[sig-node] Variable Expansion should allow substituting values in a volume subpath [Conformance]',
    async (context) => {
      const pod = subPathPod(context, 'foo', {
        command: shell('echo hi > /part/file && cat /whole/foo/file'),
      });
      assert.equal(await runToEnd(context, pod), 'hi\n');
    },
  ),
  behaviour(
    '[sig-node] Variable Expansion should fail substituting values in a volume subpath with backticks [Conformance]',
    (context) => cannotStart(context, subPathPod(context, '..`date`/..')),
  ),
  behaviour(
    '[sig-node] Variable Expansion should fail substituting values in a volume subpath with absolute path [Conformance]',
    (context) => cannotStart(context, subPathPod(context, '/tmp')),
  ),
  behaviour(
    '[sig-node] Variable Expansion should verify that a failing subpath expansion can be modified during the lifecycle of a container [Slow] [Conformance]',
    async (context) => {
      await cannotStart(context, subPathPod(context, '/absolute'));
      await annotate(context, 'relative');
      await becomesReady(context, 'expanding');
      await context.exec('expanding', ['touch', '/part/file']);
      assert.equal(await context.exec('expanding', ['ls', '/whole/relative']), 'file\n');
    },
  ),
  behaviour(
    '[sig-node] Variable Expansion should succeed in writing subpaths in container [Conformance]',
    async (context) => {
      await start(context, subPathPod(context, 'my/path'));
      await context.exec('expanding', ['touch', '/part/file']);
      assert.equal(await context.exec('expanding', ['ls', '/whole/my/path']), 'file\n');
      await annotate(context, '/absolute');
      await deletePod(context, 'expanding');
    },
  ),
];
