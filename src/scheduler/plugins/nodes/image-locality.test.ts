/**
 * ImageLocality: nodes that have the pod's images score by the images' sizes and how many nodes have them.
 */

import assert from 'node:assert/strict';
import test from 'node:test';
import type { ContainerImage, PodSpec } from '#api/generated/types.gen.ts';
import { scoresOf } from '#testing/scheduling/plugin.ts';
import { imageLocality } from './image-locality.ts';

/** `registry.example/40` has 40 MiB. */
const containers = (...sizes: string[]) =>
  sizes.map((size) => ({ name: `c${size}`, image: `registry.example/${size}` }));
const images = (...sizes: number[]): ContainerImage[] =>
  sizes.map((size) => ({ names: [`registry.example/${size}:latest`], sizeBytes: size * 1024 * 1024 }));

const small = images(40, 300, 2000);
const medium = images(250, 10);
const volume = { name: 'v', image: { reference: 'registry.example/300' } };

const scored: [string, PodSpec, ContainerImage[][], 'skipped' | number[]][] = [
  ['no node has the image', { containers: containers('7') }, [small, medium], 'skipped'],
  ['two images on two nodes', { containers: containers('40', '250') }, [small, medium], [0, 5]],
  ['two images on one node', { containers: containers('40', '300') }, [small, medium], [7, 0]],
  [
    'more than the largest size',
    { containers: containers('10', '4000') },
    [images(4000, 30), medium],
    [100, 0],
  ],
  [
    'a node without images',
    { containers: containers('10', '4000') },
    [images(4000, 30), medium, []],
    [66, 0, 0],
  ],
  [
    'several large images',
    { containers: containers('300', '600', '900') },
    [images(600, 40, 900), images(300, 600, 900), []],
    [32, 36, 0],
  ],
  ['small images', { containers: containers('30', '40') }, [images(20, 30, 40), images(4000, 30)], [1, 0]],
  [
    'an image volume',
    { containers: containers('30'), volumes: [volume] },
    [images(300, 600, 900), images(4000, 30)],
    [12, 0],
  ],
  [
    'an init container',
    { containers: containers('30'), initContainers: containers('300') },
    [small, images(20, 30, 40)],
    [6, 0],
  ],
  ['a tag is written', { containers: containers('300:latest') }, [small, []], [12, 0]],
  ['another tag', { containers: containers('300:v2') }, [small, []], 'skipped'],
];

for (const [title, spec, byNode, expected] of scored) {
  test(`score – ${title}`, () => {
    const nodes = byNode.map((each, i) => ({ name: `n${i}`, images: each }));
    assert.deepEqual(scoresOf(imageLocality, { spec }, { nodes }), expected);
  });
}
