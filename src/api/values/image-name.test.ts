import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { defaultPullPolicy, imageTag, parseImageName } from './image-name.ts';

const good: [image: string, registry: string, repository: string][] = [
  ['busybox', 'docker.io', 'library/busybox'],
  ['team/web:1.2', 'docker.io', 'team/web'],
  ['localhost/web', 'localhost', 'web'],
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
  [`web:${'t'.repeat(129)}`, 'invalid reference format'],
  ['Web', 'invalid reference format: repository name (library/Web) must be lowercase'],
  ['example.org/Web:1', 'invalid reference format: repository name (Web) must be lowercase'],
];

for (const [image, why] of bad) {
  test(`an invalid image name – ${image} – has the library's message`, () =>
    assert.equal(parseImageName(image), why));
}

describe('image tags – latest, missing, others – determine the default pull policy', () => {
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
  test('the policy', () => {
    assert.equal(defaultPullPolicy('nginx:latest'), 'Always');
    assert.equal(defaultPullPolicy('nginx@sha256:abc'), 'IfNotPresent');
    assert.equal(defaultPullPolicy('Bad_Name!'), 'IfNotPresent');
  });
});
