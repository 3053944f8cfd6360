import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { silentLog } from '#base/log.ts';
import type { EventRecorder } from '#client/events/recorder.ts';
import { systemRandom } from '#host/system-env.ts';
import { storedPod } from '#testing/objects.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import type { ObjectSource } from '../pod/objects/object-source.ts';
import { type Runtime, RuntimeError } from '../runtime/runtime.ts';
import { ImageManager } from './image-manager.ts';
import type { PullSettings } from './image-puller.ts';
import { PullRecords } from './pull-records.ts';

const pod = storedPod('p', { metadata: { namespace: 'd', uid: 'u' } });

function setUp(
  images: Set<string>,
  registry: Set<string>,
  { tookMs = 1500, ...watching }: { readonly tookMs?: number } & Pick<PullSettings, 'looksAt'> = {},
) {
  const clock = new VirtualClock();
  const recorded: string[] = [];
  const events = {
    event: (_object, _type, reason, message) => void recorded.push(`${reason}: ${message}`),
  } as EventRecorder;
  const runtime = {
    async imageStatus(name) {
      if (name.startsWith('broken')) throw new RuntimeError('Internal', 'no answer');
      if (!images.has(name)) return undefined;
      return { id: name, repoTags: [name], repoDigests: ['d'], sizeBytes: 7, pinned: false };
    },
    async pullImage(name) {
      await clock.advance(tookMs);
      if (!registry.has(name)) throw new RuntimeError('NotFound', 'not found');
      images.add(name);
      return name;
    },
  } as Runtime;
  const env = { clock, random: systemRandom, log: silentLog };
  const manager = new ImageManager({
    env,
    runtime,
    events,
    objects: {} as ObjectSource,
    records: new PullRecords(),
    pulls: { parallelPullsMax: 1, ...watching },
  });
  /** The failure's reason, or `ok`; and the recorded events. */
  const ensure = async (image: string, imagePullPolicy?: string) => {
    recorded.length = 0;
    const container = { name: 'c', image, ...(imagePullPolicy ? { imagePullPolicy } : {}) };
    const answer = await manager.ensure(pod, container);
    return ['failure' in answer ? answer.failure.reason : 'ok', ...recorded];
  };
  return { clock, ensure, manager };
}

const present = (name: string) =>
  `Pulled: Container image "${name}" already present on machine and can be accessed by the pod`;
const pulled = (name: string) => [
  `Pulling: Pulling image "${name}"`,
  `Pulled: Successfully pulled image "${name}" in 1.5s (1.5s including waiting). Image size: 7 bytes.`,
];

describe('each pull policy – image present and absent – pulls or fails as upstream', () => {
  const table: [policy: string | undefined, image: string, expected: string[]][] = [
    ['IfNotPresent', 'here:1', ['ok', present('here:1')]],
    ['IfNotPresent', 'there:1', ['ok', ...pulled('there:1')]],
    ['Always', 'here:1', ['ok', ...pulled('here:1')]],
    ['Never', 'here:1', ['ok', present('here:1')]],
    [
      'Never',
      'there:1',
      [
        'ErrImageNeverPull',
        'ErrImageNeverPull: Container image "there:1" is not present with pull policy of Never',
        'Failed: Error: ErrImageNeverPull',
      ],
    ],
    [undefined, 'here', ['ok', ...pulled('here')]],
    [undefined, 'here:1', ['ok', present('here:1')]],
  ];
  for (const [policy, image, expected] of table) {
    test(`${policy} ${image}`, async () => {
      const { ensure } = setUp(new Set(['here:1', 'here']), new Set(['here:1', 'here', 'there:1']));
      assert.deepEqual(await ensure(image, policy), expected);
    });
  }
});

test('a pull – that fails – backs off 10 s, doubled up to 5 min, and is forgotten with the pod', async () => {
  const { clock, ensure, manager } = setUp(new Set(), new Set());
  const first = await ensure('none:1');
  const error = 'rpc error: code = NotFound desc = not found';
  assert.deepEqual(first, [
    'ErrImagePull',
    'Pulling: Pulling image "none:1"',
    `Failed: Failed to pull image "none:1": ${error}`,
    'Failed: Error: ErrImagePull',
  ]);
  assert.deepEqual(await ensure('none:1'), [
    'ImagePullBackOff',
    'BackOff: Back-off pulling image "none:1"',
    'Failed: Error: ImagePullBackOff',
  ]);
  const waits: number[] = [];
  for (let pull = 0; pull < 7; pull++) {
    let waitedMs = 0;
    while ((await ensure('none:1'))[0] === 'ImagePullBackOff') {
      await clock.advance(1000);
      waitedMs += 1000;
    }
    waits.push(waitedMs / 1000);
  }
  assert.deepEqual(waits, [10, 20, 40, 80, 160, 300, 300]);
  manager.forget(pod);
  assert.equal((await ensure('none:1'))[0], 'ErrImagePull');
});

test('an image – the runtime fails to inspect it – is an ImageInspectError', async () => {
  const { ensure } = setUp(new Set(), new Set());
  const error = 'rpc error: code = Internal desc = no answer';
  assert.deepEqual(await ensure('broken:1'), [
    'ImageInspectError',
    `InspectFailed: Failed to inspect image "broken:1": ${error}`,
    'Failed: Error: ImageInspectError',
  ]);
});

test('a pull – that takes long – has further events with its progress', async () => {
  const progress = { layersDone: 1, layers: 5, bytesDone: 120_000_000, bytes: 480_000_000 };
  const looks = {
    look: async () => ({ progress, isTooMuch: false }),
    isUnpacking: async () => false,
    close: () => undefined,
  };
  const { ensure } = setUp(new Set(), new Set(['slow:1']), { tookMs: 95_000, looksAt: () => looks });
  const further = 'Pulling: Pulling image "slow:1": 1 of 5 layers, 120 MB of 480 MB';
  assert.deepEqual((await ensure('slow:1')).slice(1, -1), [
    'Pulling: Pulling image "slow:1"',
    further,
    further,
  ]);
});
