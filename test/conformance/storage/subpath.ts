/** Parts of volumes that are rewritten as a whole: one file or folder of them, mounted by itself. */

import assert from 'node:assert/strict';
import type { Volume } from '#api/generated/types.gen.ts';
import { type Behaviour, behaviour } from '../behaviour.ts';
import { podOf, runToEnd, shell } from '../common/running.ts';
import { createObject } from '../common/storage/keyed-volumes.ts';

type Source = Omit<Volume, 'name'>;

const items = [{ key: 'data', path: 'folder/file' }];
const content = 'subpath content';
const podName = [{ path: 'folder/file', fieldRef: { fieldPath: 'metadata.name' } }];

/** A container sees the file in the folder, and nothing beside it; it cannot be written from there. */
function readsFolder(codename: string, source: Source, expected: string, object?: 'configMap' | 'secret') {
  return behaviour(codename, async (context) => {
    if (object) await createObject(context, object, 'source', { data: content, other: 'other' });
    const container = {
      command: shell('cat /part/file; echo; ls -A /part'),
      volumeMounts: [{ name: 'whole', mountPath: '/part', subPath: 'folder' }],
    };
    const pod = podOf(context, 'reader', container, { volumes: [{ name: 'whole', ...source }] });
    assert.equal(await runToEnd(context, pod), `${expected}\nfile\n`);
  });
}

const prefix = '[sig-storage] Subpath Atomic writer volumes should support subpaths with';

export const subpath: readonly Behaviour[] = [
  readsFolder(
    `${prefix} secret pod [Conformance]`,
    { secret: { secretName: 'source', items } },
    content,
    'secret',
  ),
  readsFolder(
    `${prefix} configmap pod [Conformance]`,
    { configMap: { name: 'source', items } },
    content,
    'configMap',
  ),
  behaviour(`${prefix} configmap pod with mountPath of existing file [Conformance]`, async (context) => {
    await createObject(context, 'configMap', 'source', { data: content });
    const container = {
      command: shell('cat /etc/passwd; echo; test -f /etc/group && echo beside'),
      volumeMounts: [{ name: 'whole', mountPath: '/etc/passwd', subPath: 'folder/file' }],
    };
    const volumes = [{ name: 'whole', configMap: { name: 'source', items } }];
    assert.equal(
      await runToEnd(context, podOf(context, 'reader', container, { volumes })),
      `${content}\nbeside\n`,
    );
  }),
  readsFolder(`${prefix} downward pod [Conformance]`, { downwardAPI: { items: podName } }, 'reader'),
  readsFolder(
    `${prefix} projected pod [Conformance]`,
    { projected: { sources: [{ configMap: { name: 'source', items } }] } },
    content,
    'configMap',
  ),
];
