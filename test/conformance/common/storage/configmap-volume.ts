/** ConfigMaps as files. */

import assert from 'node:assert/strict';
import { configMaps } from '#api/generated/kinds.gen.ts';
import { type Behaviour, behaviour } from '../../behaviour.ts';
import { podOf, runToEnd, shell } from '../running.ts';
import { staysAsDeclared } from './immutable.ts';
import {
  consumable,
  inTwoVolumes,
  mapped,
  nonRoot,
  optionalUpdated,
  readByOwner,
  configMapSource as source,
  updated,
} from './keyed-volumes.ts';

const volume = '[sig-storage] ConfigMap should be consumable from pods in volume';

export const configmapVolume: readonly Behaviour[] = [
  consumable(`${volume} [NodeConformance] [Conformance]`, source),
  consumable(`${volume} with defaultMode set [LinuxOnly] [NodeConformance] [Conformance]`, source, {
    files: { defaultMode: 0o400 },
    mode: '-r--------',
  }),
  consumable(`${volume} as non-root [NodeConformance] [Conformance]`, source, { securityContext: nonRoot }),
  consumable(`${volume} with mappings [NodeConformance] [Conformance]`, source, { files: { items: mapped } }),
  consumable(
    `${volume} with mappings and Item mode set [LinuxOnly] [NodeConformance] [Conformance]`,
    source,
    { files: { items: readByOwner }, mode: '-r--------' },
  ),
  consumable(`${volume} with mappings as non-root [NodeConformance] [Conformance]`, source, {
    files: { items: mapped },
    securityContext: nonRoot,
  }),
  inTwoVolumes(
    '[sig-storage] ConfigMap should be consumable in multiple volumes in the same pod [NodeConformance] [Conformance]',
    source,
  ),
  updated(
    '[sig-storage] ConfigMap updates should be reflected in volume [NodeConformance] [Conformance]',
    source,
  ),
  optionalUpdated(
    '[sig-storage] ConfigMap optional updates should be reflected in volume [NodeConformance] [Conformance]',
    source,
  ),
  staysAsDeclared(
    '[sig-storage] ConfigMap should be immutable if `immutable` field is set [Conformance]',
    'configMap',
  ),
  behaviour(
    '[sig-storage] ConfigMap binary data should be reflected in volume [NodeConformance] [Conformance]',
    async (context) => {
      const { client, namespace } = context;
      const bytes = Buffer.from([0xde, 0xca, 0xfe, 0xba, 0xd0, 0xfe, 0xff, 0x00]);
      await client.create(configMaps, {
        metadata: { name: 'source', namespace },
        data: { 'data-1': 'value-1\n' },
        binaryData: { 'dump.bin': bytes.toString('base64') },
      });
      const pod = podOf(
        context,
        'reader',
        {
          command: shell('cat /files/data-1; hexdump -ve \'1/1 "%02x"\' /files/dump.bin'),
          volumeMounts: [{ name: 'files', mountPath: '/files' }],
        },
        { volumes: [{ name: 'files', ...source.volume('source') }] },
      );
      assert.equal(await runToEnd(context, pod), `value-1\n${bytes.toString('hex')}`);
    },
  ),
];
