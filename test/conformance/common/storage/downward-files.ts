/** What a pod learns about itself from files: labels, annotations, its name, its resources. */

import assert from 'node:assert/strict';
import { configMaps, nodes, pods, secrets } from '#api/generated/kinds.gen.ts';
import type {
  Container,
  DownwardAPIVolumeFile,
  ResourceRequirements,
  Volume,
} from '#api/generated/types.gen.ts';
import { type Behaviour, type BehaviourContext, behaviour } from '../../behaviour.ts';
import { bytesOf, coresOf } from '../quantities.ts';
import { getPod, podOf, runToEnd, shell, start } from '../running.ts';
import { updateLimitMs } from './keyed-volumes.ts';

type VolumeOf = (items: DownwardAPIVolumeFile[], defaultMode?: number) => Omit<Volume, 'name'>;

const straight: VolumeOf = (items, defaultMode) => ({
  downwardAPI: { items, ...(defaultMode === undefined ? {} : { defaultMode }) },
});
const projected: VolumeOf = (items, defaultMode) => ({
  projected: { sources: [{ downwardAPI: { items } }], ...(defaultMode === undefined ? {} : { defaultMode }) },
});

const resources: ResourceRequirements = {
  requests: { cpu: '250m', memory: '32Mi' },
  limits: { cpu: '1250m', memory: '64Mi' },
};

function podWith(context: BehaviourContext, volume: Omit<Volume, 'name'>, container: Partial<Container>) {
  return podOf(
    context,
    'asking',
    { volumeMounts: [{ name: 'info', mountPath: '/info' }], ...container },
    { volumes: [{ name: 'info', ...volume }] },
  );
}

function nameFile(mode?: number): DownwardAPIVolumeFile {
  const fieldRef = { fieldPath: 'metadata.name' };
  return { path: 'file', fieldRef, ...(mode === undefined ? {} : { mode }) };
}

function resourceFile(resource: string): DownwardAPIVolumeFile {
  return { path: 'file', resourceFieldRef: { containerName: 'main', resource } };
}

function downwardFiles(prefix: string, volumeOf: VolumeOf): Behaviour[] {
  const shows = (name: string, resource: string, value: string) =>
    behaviour(
      `${prefix} should provide container's ${name} [NodeConformance] [Conformance]`,
      async (context) => {
        const volume = volumeOf([resourceFile(resource)]);
        const pod = podWith(context, volume, { command: ['cat', '/info/file'], resources });
        assert.equal(await runToEnd(context, pod), value);
      },
    );
  const allocatable = (name: 'cpu' | 'memory') =>
    behaviour(
      `${prefix} should provide node allocatable (${name}) as default ${name} limit if the limit is not set [NodeConformance] [Conformance]`,
      async (context) => {
        const pod = podWith(context, volumeOf([resourceFile(`limits.${name}`)]), {
          command: ['cat', '/info/file'],
        });
        const reported = await runToEnd(context, pod);
        const nodeName = (await getPod(context, 'asking')).spec?.nodeName ?? '';
        const quantity = (await context.client.get(nodes, { name: nodeName })).status?.allocatable?.[name];
        assert.equal(Number(reported), name === 'cpu' ? coresOf(quantity) : bytesOf(quantity));
      },
    );
  const named = (text: string, volume: Omit<Volume, 'name'>, mode?: string) =>
    behaviour(`${prefix} ${text} [NodeConformance] [Conformance]`, async (context) => {
      const command = shell('cat /info/file; echo; stat -Lc %A /info/file');
      const printed = await runToEnd(context, podWith(context, volume, { command }));
      assert.equal(printed, `asking\n${mode ?? '-rw-r--r--'}\n`);
    });
  return [
    named('should provide podname only', volumeOf([nameFile()])),
    named('should set DefaultMode on files [LinuxOnly]', volumeOf([nameFile()], 0o400), '-r--------'),
    named('should set mode on item file [LinuxOnly]', volumeOf([nameFile(0o400)]), '-r--------'),
    follows(prefix, 'labels', volumeOf),
    follows(prefix, 'annotations', volumeOf),
    shows('cpu limit', 'limits.cpu', '2'),
    shows('cpu request', 'requests.cpu', '1'),
    shows('memory limit', 'limits.memory', String(64 << 20)),
    shows('memory request', 'requests.memory', String(32 << 20)),
    allocatable('cpu'),
    allocatable('memory'),
  ];
}

/** The file follows what is changed at the pod while it runs. */
function follows(prefix: string, what: 'labels' | 'annotations', volumeOf: VolumeOf): Behaviour {
  return behaviour(
    `${prefix} should update ${what} on modification [NodeConformance] [Conformance]`,
    async (context) => {
      const { client, namespace } = context;
      const items = [{ path: 'file', fieldRef: { fieldPath: `metadata.${what}` } }];
      const pod = podWith(context, volumeOf(items), {});
      await start(context, { ...pod, metadata: { ...pod.metadata, [what]: { key1: 'value1' } } });
      assert.equal(await context.exec('asking', ['cat', '/info/file']), 'key1="value1"');
      const patch = { metadata: { [what]: { key3: 'value3' } } };
      await client.patch(pods, { namespace, name: 'asking' }, 'merge', patch);
      const check = async () =>
        (await context.exec('asking', ['cat', '/info/file'])) === 'key1="value1"\nkey3="value3"';
      await context.eventually(`the file follows the ${what}`, check, updateLimitMs);
    },
  );
}

export const downwardapiVolume = downwardFiles('[sig-storage] Downward API volume', straight);
export const projectedDownwardapi = downwardFiles('[sig-storage] Projected downwardAPI', projected);

export const projectedCombined: readonly Behaviour[] = [
  behaviour(
    '[sig-storage] Projected combined should project all components that make up the projection API [Projection] [NodeConformance] [Conformance]',
    async (context) => {
      const { client, namespace } = context;
      const metadata = { name: 'source', namespace };
      await client.create(configMaps, { metadata, data: { key: 'of the map' } });
      await client.create(secrets, {
        metadata,
        data: { key: Buffer.from('of the secret').toString('base64') },
      });
      const item = (path: string) => [{ key: 'key', path }];
      const sources = [
        { configMap: { name: 'source', items: item('map') } },
        { secret: { name: 'source', items: item('secret') } },
        { downwardAPI: { items: [nameFile(), { ...resourceFile('limits.cpu'), path: 'cpu' }] } },
      ];
      const command = shell('cd /info; for file in map secret file cpu; do cat $file; echo; done');
      const printed = await runToEnd(
        context,
        podWith(context, { projected: { sources } }, { command, resources }),
      );
      assert.equal(printed, 'of the map\nof the secret\nasking\n2\n');
    },
  ),
];
