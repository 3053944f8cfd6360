import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fullImageName, imageTag, parseImageName } from './image-name.ts';

const good: [image: string, registry: string, repository: string][] = [
  ['busybox', 'docker.io', 'library/busybox'],
  ['team/web:1.2', 'docker.io', 'team/web'],
  ['localhost/web', 'localhost', 'web'],
  ['Example.org/team/web:1', 'Example.org', 'team/web'],
  ['a.b_c/d__e-f:V1.0-x', 'a.b_c', 'd__e-f'],
  ['example.org:5000/a/b-c__d.e:v1', 'example.org:5000', 'a/b-c__d.e'],
  [`web@sha256:${'0'.repeat(64)}`, 'docker.io', 'library/web'],
  [`example.org/web:1@sha256:${'a'.repeat(64)}`, 'example.org', 'web'],
];

for (const [image, registry, repository] of good) {
  test(image, () => assert.deepEqual(parseImageName(image), { registry, repository }));
}

const bad: [image: string, why: string][] = [
  ['', 'invalid reference format'],
  ['web:', 'invalid reference format'],
  ['web@sha256:12', 'invalid reference format'],
  ['a//b', 'invalid reference format'],
  ['-web', 'invalid reference format'],
  ['/web', 'invalid reference format'],
  ['A B', 'invalid reference format: repository name (library/A B) must be lowercase'],
  ['web:-1', 'invalid reference format'],
  ['web@1', 'invalid reference format'],
  ['web:1\n', 'invalid reference format'],
  [`web:${'t'.repeat(129)}`, 'invalid reference format'],
  ['Web', 'invalid reference format: repository name (library/Web) must be lowercase'],
  ['example.org/Web:1', 'invalid reference format: repository name (Web) must be lowercase'],
];

for (const [image, why] of bad) {
  test(`an invalid image name – ${image} – has the library's message`, () =>
    assert.equal(parseImageName(image), why));
}

describe('image tags – latest, missing, others – are as written, latest by default', () => {
  const tags: [string, string][] = [
    ['nginx', 'latest'],
    ['nginx:1.27', '1.27'],
    ['registry:5000/nginx', 'latest'],
    ['registry:5000/a/b:v2', 'v2'],
    ['nginx@sha256:abc', ''],
    ['nginx:1@sha256:abc', '1'],
  ];
  for (const [image, tag] of tags) {
    test(image, () => {
      assert.equal(imageTag(image), tag);
    });
  }
});

// biome-ignore format: a table
for (const [image, full] of [
  ['busybox', 'docker.io/library/busybox:latest'],
  ['team/web:2', 'docker.io/team/web:2'],
  ['index.docker.io/library/web:2', 'docker.io/library/web:2'],
  ['localhost:5000/web', 'localhost:5000/web:latest'],
  [`web@sha256:${'0'.repeat(64)}`, `docker.io/library/web@sha256:${'0'.repeat(64)}`],
  [`a.example/web:1@sha256:${'0'.repeat(64)}`, `a.example/web:1@sha256:${'0'.repeat(64)}`],
] as const) {
  test(`the full name – of ${image} – is ${full}`, () => assert.equal(fullImageName(image), full));
}

test('the full name – of what is no name – is refused with the reason', () => {
  assert.throws(() => fullImageName('W!'), { message: /^invalid reference format/ });
});
