/** A container's command and arguments: the image's own, and what the pod puts in their place. */

import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import type { Container } from '#api/generated/types.gen.ts';
import { addImage } from '../../../support/images.ts';
import { type Behaviour, type BehaviourContext, behaviour } from '../../behaviour.ts';
import { podOf, runToEnd } from '../running.ts';

const image = 'kybern.test/speaker:1';
const dockerfile =
  'FROM scratch\nCOPY root /\nENTRYPOINT ["/bin/busybox", "echo", "image"]\nCMD ["default", "arguments"]\n';

let built: Promise<void> | undefined;

async function proves(
  context: BehaviourContext,
  container: Partial<Container>,
  printed: string,
): Promise<void> {
  built ??= addImage(context.cluster, image, dockerfile, (root) =>
    cpSync('/bin/busybox', `${root}/bin/busybox`),
  );
  await built;
  assert.equal(await runToEnd(context, podOf(context, 'speaker', { image, ...container })), `${printed}\n`);
}

export const containers: readonly Behaviour[] = [
  behaviour(
    '[sig-node] Containers should use the image defaults if command and args are blank [NodeConformance] [Conformance]',
    (context) => proves(context, {}, 'image default arguments'),
  ),
  behaviour(
    "[sig-node] Containers should be able to override the image's default arguments (container cmd) [NodeConformance] [Conformance]",
    (context) => proves(context, { args: ['other', 'arguments'] }, 'image other arguments'),
  ),
  behaviour(
    "[sig-node] Containers should be able to override the image's default command (container entrypoint) [NodeConformance] [Conformance]",
    (context) => proves(context, { command: ['/bin/busybox', 'echo', 'mine'] }, 'mine'),
  ),
  behaviour(
    "[sig-node] Containers should be able to override the image's default command and arguments [NodeConformance] [Conformance]",
    (context) => proves(context, { command: ['/bin/busybox', 'echo', 'mine'], args: ['too'] }, 'mine too'),
  ),
];
