import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Container, PodSpec, PodStatus } from '#api/generated/types.gen.ts';
import { storedPod } from '#testing/objects.ts';
import { claimsOfPod, requestsOfContainer } from './pod-claims.ts';

const shared = { name: 'gpu', resourceClaimName: 'shared' };
const template = { name: 'nic', resourceClaimTemplateName: 't' };
const created: PodStatus = { resourceClaimStatuses: [{ name: 'nic', resourceClaimName: 'p-nic-x' }] };
const extended: PodStatus = {
  extendedResourceClaimStatus: {
    resourceClaimName: 'p-extended',
    requestMappings: [
      { containerName: 'main', resourceName: 'example.com/gpu', requestName: 'container-0-request-0' },
      { containerName: 'other', resourceName: 'example.com/gpu', requestName: 'container-1-request-0' },
    ],
  },
};

const pods: [
  what: string,
  claims: PodSpec['resourceClaims'],
  status: PodStatus,
  expected: string[] | string,
][] = [
  ['without claims', undefined, {}, []],
  ['with a claim and one of a template', [shared, template], created, ['shared', 'p-nic-x (generated)']],
  ['with a claim twice', [shared, { ...shared, name: 'gpu2' }], {}, ['shared']],
  ['that needs no claim', [template], { resourceClaimStatuses: [{ name: 'nic' }] }, []],
  ['with extended resources', [shared], extended, ['shared', 'p-extended']],
  ['whose claim is not created', [template], {}, 'pod "default/p": ResourceClaim not created yet'],
];
for (const [what, resourceClaims, status, expected] of pods) {
  test(`the claims of a pod – ${what} – ${typeof expected === 'string' ? 'are an error' : 'each once'}`, () => {
    const pod = storedPod('p', {
      spec: { containers: [], ...(resourceClaims ? { resourceClaims } : {}) },
      status,
    });
    if (typeof expected === 'string') {
      assert.throws(() => claimsOfPod(pod), { message: expected });
      return;
    }
    const names = claimsOfPod(pod).map(
      ({ name, isGenerated }) => `${name}${isGenerated ? ' (generated)' : ''}`,
    );
    assert.deepEqual(names, expected);
  });
}

const containers: [what: string, container: Partial<Container>, status: PodStatus, expected: string[]][] = [
  ['without claims', {}, created, []],
  ['with a claim', { resources: { claims: [{ name: 'gpu' }] } }, created, ['shared/']],
  [
    'with two requests of a claim',
    {
      resources: {
        claims: [
          { name: 'nic', request: 'a' },
          { name: 'nic', request: 'b' },
        ],
      },
    },
    created,
    ['p-nic-x/a', 'p-nic-x/b'],
  ],
  [
    'with extended resources',
    { resources: { requests: { 'example.com/gpu': '1' } } },
    { ...created, ...extended },
    ['p-extended/container-0-request-0'],
  ],
];
for (const [what, container, status, expected] of containers) {
  test(`the requests of a container – ${what} – are [${expected.join(' ')}]`, () => {
    const main = { name: 'main', ...container };
    const pod = storedPod('p', { spec: { containers: [main], resourceClaims: [shared, template] }, status });
    const found = requestsOfContainer(pod, main).map(({ claim, request }) => `${claim}/${request}`);
    assert.deepEqual(found, expected);
  });
}
