/** Secrets as files. */

import assert from 'node:assert/strict';
import { namespaces } from '#api/generated/kinds.gen.ts';
import { type Behaviour, behaviour } from '../../behaviour.ts';
import { podOf, runToEnd, shell } from '../running.ts';
import { staysAsDeclared } from './immutable.ts';
import {
  consumable,
  createObject,
  inTwoVolumes,
  mapped,
  optionalUpdated,
  readByOwner,
  secretSource as source,
} from './keyed-volumes.ts';

const volume = '[sig-storage] Secrets should be consumable from pods in volume';

export const secretsVolume: readonly Behaviour[] = [
  consumable(`${volume} [NodeConformance] [Conformance]`, source),
  consumable(`${volume} with defaultMode set [LinuxOnly] [NodeConformance] [Conformance]`, source, {
    files: { defaultMode: 0o400 },
    mode: '-r--------',
  }),
  consumable(
    `${volume} as non-root with defaultMode and fsGroup set [LinuxOnly] [NodeConformance] [Conformance]`,
    source,
    {
      files: { defaultMode: 0o440 },
      mode: '-r--r-----',
      securityContext: { runAsUser: 1000, fsGroup: 1001 },
    },
  ),
  consumable(`${volume} with mappings [NodeConformance] [Conformance]`, source, { files: { items: mapped } }),
  consumable(
    `${volume} with mappings and Item Mode set [LinuxOnly] [NodeConformance] [Conformance]`,
    source,
    { files: { items: readByOwner }, mode: '-r--------' },
  ),
  inTwoVolumes(
    '[sig-storage] Secrets should be consumable in multiple volumes in a pod [NodeConformance] [Conformance]',
    source,
  ),
  optionalUpdated(
    '[sig-storage] Secrets optional updates should be reflected in volume [NodeConformance] [Conformance]',
    source,
  ),
  staysAsDeclared(
    '[sig-storage] Secrets should be immutable if `immutable` field is set [Conformance]',
    'secret',
  ),
  behaviour(
    '[sig-storage] Secrets should be able to mount in a volume regardless of a different secret existing with same name in different namespace [NodeConformance] [Conformance]',
    async (context) => {
      const { client, namespace } = context;
      const other = `${namespace}-other`;
      await client.create(namespaces, { metadata: { name: other } });
      context.after(() => client.delete(namespaces, { name: other }));
      await createObject(context, 'secret', 'source', { 'data-1': 'of the other' }, other);
      await createObject(context, 'secret', 'source', { 'data-1': 'of its own' });
      const pod = podOf(
        context,
        'reader',
        {
          command: shell('cat /files/data-1; echo; stat -Lc %A /files/data-1'),
          volumeMounts: [{ name: 'files', mountPath: '/files' }],
        },
        { volumes: [{ name: 'files', ...source.volume('source') }] },
      );
      assert.equal(await runToEnd(context, pod), 'of its own\n-rw-r--r--\n');
    },
  ),
];
