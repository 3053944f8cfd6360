import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCredentialProviders } from './credential-providers.ts';

const provider = {
  name: 'ecr',
  matchImages: ['*.example.com'],
  defaultCacheDuration: '12h',
  apiVersion: 'credentialprovider.kubelet.k8s.io/v1',
};
const documentOf = (...providers: unknown[]) => ({
  apiVersion: 'kubelet.config.k8s.io/v1',
  kind: 'CredentialProviderConfig',
  providers,
});

test('credential providers – with arguments and variables – are read', () => {
  const env = [{ name: 'A', value: 'b' }];
  const { defaultCacheDuration: _, ...rest } = provider;
  assert.deepEqual(readCredentialProviders(documentOf({ ...provider, args: ['get'], env })), [
    { ...rest, cacheMs: 12 * 3_600_000, args: ['get'], env: { A: 'b' } },
  ]);
});

// biome-ignore format: a table
for (const { document, message } of [
  { document: [], message: 'the file is not a mapping' },
  { document: { ...documentOf(provider), kind: 'Pod' }, message: 'the file is no CredentialProviderConfig of kubelet.config.k8s.io/v1, kubelet.config.k8s.io/v1alpha1, kubelet.config.k8s.io/v1beta1' },
  { document: documentOf(), message: 'providers: at least one is required' },
  { document: documentOf(provider, provider), message: 'providers: "ecr" is there twice' },
  { document: documentOf({ ...provider, name: '../sh' }), message: 'providers[0].name is no name of a program' },
  { document: documentOf({ ...provider, name: '..' }), message: 'providers[0].name is no name of a program' },
  { document: documentOf({ ...provider, matchImages: [] }), message: 'providers[0].matchImages: at least one is required' },
  { document: documentOf({ ...provider, defaultCacheDuration: '-1s' }), message: 'providers[0].defaultCacheDuration is no duration such as 12h' },
  { document: documentOf({ ...provider, apiVersion: 'v1' }), message: 'providers[0].apiVersion is none of credentialprovider.kubelet.k8s.io/v1, credentialprovider.kubelet.k8s.io/v1alpha1, credentialprovider.kubelet.k8s.io/v1beta1' },
  { document: documentOf({ ...provider, args: [1] }), message: 'providers[0].args is not a list of texts' },
  { document: documentOf({ ...provider, env: [{ name: 'A' }] }), message: 'providers[0].env has an entry without the texts name and value' },
  { document: documentOf({ ...provider, image: 'x' }), message: 'providers[0] has an unknown field "image"' },
  { document: documentOf({ ...provider, tokenAttributes: {} }), message: 'providers[0].tokenAttributes: kybern gives providers no tokens of service accounts' },
]) {
  test(`credential providers – ${message} – are refused`, () => {
    assert.throws(() => readCredentialProviders(document), { message });
  });
}
