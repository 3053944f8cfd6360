import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storedPod } from '#testing/objects.ts';
import type { ImageAnswer, ImageManager, WantedImage } from '../images/image-manager.ts';
import { imageVolumeFailures, mountImageVolumes, pullImageVolumes } from './image-volumes.ts';

const mounting = (...volumes: string[]) => ({
  name: 'main',
  volumeMounts: volumes.map((name) => ({ name, mountPath: `/${name}` })),
});
const pod = storedPod('p', {
  spec: {
    containers: [mounting('tools')],
    volumes: [
      { name: 'tools', image: { reference: 'tools:1', pullPolicy: 'Always' } },
      { name: 'scratch', emptyDir: {} },
      { name: 'other', image: { reference: 'other:1' } },
    ],
  },
});
const { signal } = new AbortController();
const present = (id: string): ImageAnswer => ({
  image: { id, repoTags: [], repoDigests: [], sizeBytes: 1, pinned: false },
});
const failed = (reason: string): ImageAnswer => ({ failure: { reason, message: 'not found' } });

test('the image volumes of a pod – mounted by some container or none – are all pulled, by their own policies, as events of the pod', async () => {
  const calls: unknown[] = [];
  const ensure = async (_: unknown, { image, imagePullPolicy, isVolume }: WantedImage) => {
    calls.push([image, imagePullPolicy, isVolume]);
    return image === 'tools:1' ? failed('ErrImagePull') : present('sha256:2');
  };
  const pulled = await pullImageVolumes({ ensure } as unknown as ImageManager, pod, signal);
  assert.deepEqual(calls, [
    ['tools:1', 'Always', true],
    ['other:1', undefined, true],
  ]);
  assert.deepEqual(
    [...pulled],
    [
      ['tools', failed('ErrImagePull')],
      ['other', present('sha256:2')],
    ],
  );
});

const pulled = new Map([
  ['tools', present('sha256:1')],
  ['broken', failed('ErrImagePull')],
  ['waiting', failed('ImagePullBackOff')],
]);
// biome-ignore format: a table
const rows: [what: string, volumes: string[], reasons: string[]][] = [
  ['that mounts none', [], []],
  ['whose images are there', ['tools', 'scratch'], []],
  ['that mounts two that are not', ['waiting', 'tools', 'broken'], ['ImagePullBackOff', 'ErrImagePull']],
  ['that mounts one twice that is not', ['broken', 'broken'], ['ErrImagePull']],
];
for (const [what, volumes, reasons] of rows) {
  test(`a container – ${what} – is kept from its start by ${reasons.join(', ') || 'nothing'}`, () => {
    const failures = imageVolumeFailures(pulled, mounting(...volumes));
    assert.deepEqual(
      failures.map(({ reason }) => reason),
      reasons,
    );
  });
}

test('image volumes – that a container mounts – are mounted once each, those of other containers are not', async () => {
  const mounted: string[] = [];
  const mountImage = async (_: unknown, volume: string, image: string) =>
    void mounted.push(`${image} as ${volume}`);
  await mountImageVolumes({ mountImage }, pod, mounting('tools', 'scratch', 'tools'), pulled);
  assert.deepEqual(mounted, ['sha256:1 as tools']);
});
