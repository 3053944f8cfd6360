/**
 * Volumes whose files are the keys of a ConfigMap or a Secret, straight or projected: what all of them
 * promise.
 */

import assert from 'node:assert/strict';
import { configMaps, secrets } from '#api/generated/kinds.gen.ts';
import type { KeyToPath, PodSecurityContext, Volume } from '#api/generated/types.gen.ts';
import { type Behaviour, type BehaviourContext, behaviour, images } from '../../behaviour.ts';
import { change } from '../../shared/workloads.ts';
import { podOf, runToEnd, shell, start } from '../running.ts';

type Kind = 'configMap' | 'secret';
type Data = Record<string, string>;

interface Files {
  items?: KeyToPath[];
  defaultMode?: number;
  optional?: boolean;
}

/** One way to get files from an object. */
export interface Source {
  readonly kind: Kind;
  volume(object: string, files?: Files): Omit<Volume, 'name'>;
}

export const configMapSource: Source = {
  kind: 'configMap',
  volume: (name, files = {}) => ({ configMap: { name, ...files } }),
};
export const secretSource: Source = {
  kind: 'secret',
  volume: (secretName, files = {}) => ({ secret: { secretName, ...files } }),
};
export const projectedConfigMapSource: Source = projected('configMap');
export const projectedSecretSource: Source = projected('secret');

function projected(kind: Kind): Source {
  return {
    kind,
    volume: (name, { defaultMode, ...files } = {}) => ({
      projected: {
        ...(defaultMode === undefined ? {} : { defaultMode }),
        sources: [{ [kind]: { name, ...files } }],
      },
    }),
  };
}

function encoded(data: Data): Data {
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  );
}

export async function createObject(
  { client, namespace: own }: BehaviourContext,
  kind: Kind,
  name: string,
  data: Data,
  namespace = own,
): Promise<void> {
  const metadata = { name, namespace };
  if (kind === 'configMap') await client.create(configMaps, { metadata, data });
  else await client.create(secrets, { metadata, data: encoded(data) });
}

export async function replaceData(context: BehaviourContext, kind: Kind, name: string, data: Data) {
  const { client, namespace } = context;
  if (kind === 'configMap') {
    await change(client, configMaps, { namespace, name }, (object) => {
      object.data = data;
    });
  } else {
    await change(client, secrets, { namespace, name }, (object) => {
      object.data = encoded(data);
    });
  }
}

export function deleteObject({ client, namespace }: BehaviourContext, kind: Kind, name: string) {
  return client.delete(kind === 'configMap' ? configMaps : secrets, { namespace, name });
}

interface Reading {
  readonly files?: Files;
  readonly path?: string;
  readonly mode?: string;
  readonly securityContext?: PodSecurityContext;
}

export const mapped: KeyToPath[] = [{ key: 'data-2', path: 'path/to/data-2' }];
export const readByOwner: KeyToPath[] = [{ key: 'data-2', path: 'path/to/data-2', mode: 0o400 }];
export const nonRoot: PodSecurityContext = { runAsUser: 1000 };

const data = { 'data-1': 'value-1', 'data-2': 'value-2', 'data-3': 'value-3' };

/** A container reads the file of `data-2` and its mode, as the user it should be. */
export function consumable(codename: string, source: Source, reading: Reading = {}): Behaviour {
  const { files = {}, path = files.items ? 'path/to/data-2' : 'data-2', mode = '-rw-r--r--' } = reading;
  return behaviour(codename, async (context) => {
    await createObject(context, source.kind, 'source', data);
    const command = shell(`cat /files/${path}; echo; stat -Lc %A /files/${path}; id -u; ls /files`);
    const pod = podOf(
      context,
      'reader',
      { command, volumeMounts: [{ name: 'files', mountPath: '/files', readOnly: true }] },
      {
        volumes: [{ name: 'files', ...source.volume('source', files) }],
        ...(reading.securityContext ? { securityContext: reading.securityContext } : {}),
      },
    );
    const names = files.items ? ['path'] : Object.keys(data);
    const uid = String(reading.securityContext?.runAsUser ?? 0);
    assert.equal(await runToEnd(context, pod), ['value-2', mode, uid, ...names, ''].join('\n'));
  });
}

export function inTwoVolumes(codename: string, source: Source): Behaviour {
  return behaviour(codename, async (context) => {
    await createObject(context, source.kind, 'source', data);
    const names = ['one', 'two'];
    const pod = podOf(
      context,
      'reader',
      {
        command: ['cat', '/one/data-1', '/two/data-1'],
        volumeMounts: names.map((name) => ({ name, mountPath: `/${name}`, readOnly: true })),
      },
      { volumes: names.map((name) => ({ name, ...source.volume('source') })) },
    );
    assert.equal(await runToEnd(context, pod), 'value-1value-1');
  });
}

/** The node looks at the objects again about once a minute. */
export const updateLimitMs = 150_000;

export async function fileBecomes(
  context: BehaviourContext,
  path: string,
  content: string,
  container = 'main',
): Promise<void> {
  const check = async () => {
    assert.equal(await context.exec('reader', ['cat', path], container), content);
    return true;
  };
  await context.eventually(`${path} is "${content}"`, check, updateLimitMs);
}

export async function fileIsAbsent(
  context: BehaviourContext,
  path: string,
  timeoutMs?: number,
  container = 'main',
): Promise<void> {
  const check = async () =>
    (await context.exec('reader', shell(`test -e ${path} || echo none`), container)) === 'none\n';
  await context.eventually(`${path} is not there`, check, timeoutMs);
}

export function updated(codename: string, source: Source): Behaviour {
  return behaviour(codename, async (context) => {
    await createObject(context, source.kind, 'source', { 'data-1': 'value-1' });
    await startReader(context, { files: source.volume('source') });
    await fileBecomes(context, '/files/data-1', 'value-1');
    await replaceData(context, source.kind, 'source', { 'data-1': 'value-2' });
    await fileBecomes(context, '/files/data-1', 'value-2');
  });
}

/** Objects that come, change and go while the pod runs; each is read by a container of its own. */
export function optionalUpdated(codename: string, source: Source): Behaviour {
  return behaviour(codename, async (context) => {
    const { kind } = source;
    await createObject(context, kind, 'going', { 'data-1': 'value-1' });
    await createObject(context, kind, 'changing', { 'data-1': 'value-1' });
    const names = ['going', 'changing', 'coming'];
    const containers = names.map((name) => ({
      name,
      image: images.busybox,
      volumeMounts: [{ name, mountPath: '/files' }],
    }));
    const volumes = names.map((name) => ({ name, ...source.volume(name, { optional: true }) }));
    await start(context, podOf(context, 'reader', {}, { containers, volumes }));
    await fileIsAbsent(context, '/files/data-1', undefined, 'coming');
    await fileBecomes(context, '/files/data-1', 'value-1', 'changing');
    await fileBecomes(context, '/files/data-1', 'value-1', 'going');
    await deleteObject(context, kind, 'going');
    await replaceData(context, kind, 'changing', { 'data-3': 'value-3' });
    await createObject(context, kind, 'coming', { 'data-1': 'value-1' });
    await fileBecomes(context, '/files/data-1', 'value-1', 'coming');
    await fileBecomes(context, '/files/data-3', 'value-3', 'changing');
    await fileIsAbsent(context, '/files/data-1', undefined, 'changing');
    await fileIsAbsent(context, '/files/data-1', updateLimitMs, 'going');
  });
}

/** A pod called reader that sleeps, with each volume mounted under its own name. */
export async function startReader(
  context: BehaviourContext,
  volumes: Record<string, Omit<Volume, 'name'>>,
  annotations: Record<string, string> = {},
): Promise<void> {
  const names = Object.keys(volumes);
  const pod = podOf(
    context,
    'reader',
    { volumeMounts: names.map((name) => ({ name, mountPath: `/${name}` })) },
    { volumes: names.map((name) => ({ name, ...volumes[name] })) },
  );
  await start(context, { ...pod, metadata: { ...pod.metadata, annotations } });
}
