/**
 * emptyDir volumes: their modes on disk and in memory, for root and others, and shared between containers.
 */

import assert from 'node:assert/strict';
import { statfsSync } from 'node:fs';
import { pods } from '#api/generated/kinds.gen.ts';
import { type Behaviour, type BehaviourContext, behaviour, images } from '../../behaviour.ts';
import { becomesReady, podOf, runToEnd, shell } from '../running.ts';

const media = { default: {}, tmpfs: { medium: 'Memory' } } as const;
type Medium = keyof typeof media;

async function run(
  context: BehaviourContext,
  medium: Medium,
  script: string,
  uid?: number,
): Promise<string[]> {
  const printed = await runToEnd(
    context,
    podOf(
      context,
      'writer',
      { command: shell(script), volumeMounts: [{ name: 'work', mountPath: '/scratch' }] },
      {
        volumes: [{ name: 'work', emptyDir: media[medium] }],
        ...(uid === undefined ? {} : { securityContext: { runAsUser: uid } }),
      },
    ),
  );
  return printed.trim().split('\n');
}

const tmpfsType = 0x01021994;

/**
 * The type of its file system: tmpfs, or, for the default medium, the one that holds the node's own files.
 */
function isOn({ cluster }: BehaviourContext, medium: Medium, type: string | undefined): void {
  const expected = medium === 'tmpfs' ? tmpfsType : statfsSync(cluster.home).type;
  assert.equal(Number.parseInt(type ?? '', 16), expected);
}

const letters = { '0644': '-rw-r--r--', '0666': '-rw-rw-rw-', '0777': '-rwxrwxrwx' };

function keepsMode(user: 'root' | 'non-root', mode: keyof typeof letters, medium: Medium): Behaviour {
  return behaviour(
    `[sig-storage] EmptyDir volumes should support (${user},${mode},${medium}) [LinuxOnly] [NodeConformance] [Conformance]`,
    async (context) => {
      const script = `umask 0; echo content > /scratch/file; chmod ${mode} /scratch/file
        cat /scratch/file; stat -c '%A %u' /scratch/file; stat -f -c %t /scratch`;
      const uid = user === 'root' ? 0 : 1001;
      const [content, found, fileSystem] = await run(context, medium, script, uid);
      assert.equal(content, 'content');
      assert.equal(found, `${letters[mode]} ${uid}`);
      isOn(context, medium, fileSystem);
    },
  );
}

function hasMode(place: string, medium: Medium): Behaviour {
  return behaviour(
    `[sig-storage] EmptyDir volumes volume on ${place} should have the correct mode [LinuxOnly] [NodeConformance] [Conformance]`,
    async (context) => {
      const [mode, fileSystem] = await run(context, medium, 'stat -c %A /scratch; stat -f -c %t /scratch');
      assert.equal(mode, 'drwxrwxrwx');
      isOn(context, medium, fileSystem);
    },
  );
}

export const emptyDir: readonly Behaviour[] = [
  ...(['root', 'non-root'] as const).flatMap((user) =>
    (['0644', '0666', '0777'] as const).flatMap((mode) =>
      (['default', 'tmpfs'] as const).map((medium) => keepsMode(user, mode, medium)),
    ),
  ),
  hasMode('default medium', 'default'),
  hasMode('tmpfs', 'tmpfs'),
  behaviour(
    '[sig-storage] EmptyDir volumes pod should support shared volumes between containers [Conformance]',
    async (context) => {
      const volumeMounts = [{ name: 'work', mountPath: '/scratch' }];
      const command = shell('echo hello from the other > /scratch/file; exec sleep 100000');
      const other = { name: 'other', image: images.busybox, command, volumeMounts };
      const volumes = [{ name: 'work', emptyDir: {} }];
      const pod = podOf(context, 'sharing', { volumeMounts }, { volumes, containers: [other] });
      await context.client.create(pods, pod);
      await becomesReady(context, 'sharing');
      await context.eventually('the file is seen by the main container', async () => {
        return (await context.exec('sharing', ['cat', '/scratch/file'], 'main')) === 'hello from the other\n';
      });
    },
  ),
];
