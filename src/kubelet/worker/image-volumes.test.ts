import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storedPod } from '#testing/objects.ts';
import type { ImageManager } from '../images/image-manager.ts';
import type { PodSetup } from '../runtime/machine.ts';
import { prepareImageVolumes } from './image-volumes.ts';

const container = { name: 'main', volumeMounts: [{ name: 'tools', mountPath: '/tools' }] };
const pod = storedPod('p', {
  spec: {
    containers: [container],
    volumes: [
      { name: 'tools', image: { reference: 'tools:1', pullPolicy: 'Always' } },
      { name: 'other', image: { reference: 'other:1' } },
      { name: 'scratch', emptyDir: {} },
    ],
  },
});

async function outcome(answer: object) {
  const calls: unknown[] = [];
  const images = {
    ensure: async (_: unknown, { image, imagePullPolicy }: { image?: string; imagePullPolicy?: string }) => {
      calls.push(`ensure ${image} ${imagePullPolicy}`);
      return answer;
    },
  } as unknown as ImageManager;
  const setup = {
    mountImage: async (_: unknown, volume: string, image: string) =>
      void calls.push(`mount ${image} as ${volume}`),
  } as unknown as PodSetup;
  const { signal } = new AbortController();
  const failure = await prepareImageVolumes({ images, setup }, { pod, container, signal });
  return { calls, failure };
}

test('image volumes – of one container – are pulled by their own policy and mounted, those of others are not', async () => {
  assert.deepEqual(await outcome({ image: { id: 'sha256:1' } }), {
    calls: ['ensure tools:1 Always', 'mount sha256:1 as tools'],
    failure: undefined,
  });
});

test('image volumes – an image that cannot be pulled – keep the container from its start', async () => {
  const failure = { reason: 'ErrImagePull', message: 'not found' };
  assert.deepEqual(await outcome({ failure }), { calls: ['ensure tools:1 Always'], failure });
});
