import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ImageGarbageLimits } from '#api/configuration/kubelet/images.ts';
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#host/system-env.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import type { ContainerSummary, ImageRecord, Runtime } from '../runtime/runtime.ts';
import { ImageGarbage } from './image-garbage.ts';
import { PullRecords } from './pull-records.ts';

const minuteMs = 60_000;

/** `old`, `new`, `used`, `loaded` (by hand) and `pinned`, ten percent of the disk each. */
function setUp(more: Partial<ImageGarbageLimits> = {}) {
  const clock = new VirtualClock();
  const image = (id: string, more: Partial<ImageRecord> = {}): ImageRecord => ({
    id,
    repoTags: [],
    repoDigests: ['d'],
    sizeBytes: 10,
    pinned: false,
    ...more,
  });
  let images = [
    image('old'),
    image('new'),
    image('used'),
    image('loaded', { repoDigests: [] }),
    image('pinned', { pinned: true }),
  ];
  let users = ['new', 'used'];
  let mounted: string[] = [];
  const disk = { usedBytes: 0, totalBytes: 100 };
  const runtime = {
    listImages: async () => images,
    listContainers: async () => users.map((imageRef) => ({ imageRef }) as ContainerSummary),
    async removeImage(id) {
      images = images.filter((image) => image.id !== id);
    },
  } as Runtime;
  const env = { clock, random: systemRandom, log: silentLog };
  const limits = { highPercent: 85, lowPercent: 80, ageMinMs: 2 * minuteMs, ageMaxMs: undefined, ...more };
  const records = new PullRecords();
  const garbage = new ImageGarbage({
    env,
    runtime,
    disk: async () => disk,
    records,
    limits,
    mounted: async () => mounted,
  });
  return {
    clock,
    garbage,
    fill: (percent: number) => {
      disk.usedBytes = percent;
    },
    use: (...ids: string[]) => {
      users = ids;
    },
    mount: (...ids: string[]) => {
      mounted = ids;
    },
    left: () => images.map((image) => image.id),
  };
}

const all = ['old', 'new', 'used', 'loaded', 'pinned'];

test('images – disk usage below the high threshold – stay', async () => {
  const { clock, garbage, fill, left } = setUp();
  fill(84);
  await garbage.collect();
  await clock.advance(10 * minuteMs);
  await garbage.collect();
  assert.deepEqual(left(), all);
});

test('images – disk usage at the high threshold – go, longest unused first, down to the low threshold', async () => {
  const { clock, garbage, fill, use, left } = setUp();
  await garbage.collect();
  await clock.advance(minuteMs);
  await garbage.collect();
  use('used');
  await clock.advance(5 * minuteMs);
  fill(85);
  await garbage.collect();
  assert.deepEqual(left(), ['new', 'used', 'loaded', 'pinned']);
  await garbage.collect();
  assert.deepEqual(left(), ['used', 'loaded', 'pinned']);
  await garbage.collect();
  assert.deepEqual(left(), ['used', 'loaded', 'pinned']);
});

test('an image – used less than two minutes ago – stays', async () => {
  const { clock, garbage, fill, use, left } = setUp();
  fill(99);
  await garbage.collect();
  use('used');
  await clock.advance(minuteMs);
  await garbage.collect();
  assert.deepEqual(left(), all);
  await clock.advance(minuteMs);
  await garbage.collect();
  assert.deepEqual(left(), ['used', 'loaded', 'pinned']);
});

test('an image – used less than two minutes ago – stays though the wall clock is set forward, and goes though it is set back', async () => {
  const { clock, garbage, fill, use, left } = setUp();
  fill(99);
  await garbage.collect();
  use('used');
  clock.jump(60 * minuteMs);
  await garbage.collect();
  assert.deepEqual(left(), all);
  clock.jump(-120 * minuteMs);
  await clock.advance(2 * minuteMs);
  await garbage.collect();
  assert.deepEqual(left(), ['used', 'loaded', 'pinned']);
});

test('an image – unused for longer than it may be – goes although there is room', async () => {
  const { clock, garbage, fill, use, left } = setUp({ ageMaxMs: 60 * minuteMs });
  fill(10);
  await garbage.collect();
  await clock.advance(59 * minuteMs);
  await garbage.collect();
  use('used');
  assert.deepEqual(left(), all);
  await clock.advance(2 * minuteMs);
  await garbage.collect();
  assert.deepEqual(left(), ['new', 'used', 'loaded', 'pinned']);
});

test('images – mounted as volumes – stay on a full disk', async () => {
  const { clock, garbage, fill, use, mount, left } = setUp();
  use('used');
  mount('new');
  await garbage.collect();
  await clock.advance(10 * minuteMs);
  fill(100);
  await garbage.collect();
  assert.deepEqual(left(), ['new', 'used', 'loaded', 'pinned']);
});
