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

const tokenAttributes = {
  serviceAccountTokenAudience: 'registry',
  cacheType: 'Token',
  requireServiceAccount: true,
  requiredServiceAccountAnnotationKeys: ['example.com/role'],
};

test('a credential provider – that wants tokens – is read with their audience and the annotations', () => {
  const [read] = readCredentialProviders([documentOf({ ...provider, tokenAttributes })]);
  assert.deepEqual(read?.token, {
    audience: 'registry',
    cacheType: 'Token',
    isRequired: true,
    requiredAnnotations: ['example.com/role'],
    optionalAnnotations: [],
  });
});

test('credential providers – with arguments and variables – are read', () => {
  const env = [{ name: 'A', value: 'b' }];
  const { defaultCacheDuration: _, ...rest } = provider;
  assert.deepEqual(readCredentialProviders([documentOf({ ...provider, args: ['get'], env })]), [
    { ...rest, cacheMs: 12 * 3_600_000, args: ['get'], env: { A: 'b' } },
  ]);
});

test('credential providers – of several files – are all there; a name that is there twice is refused', () => {
  const other = { ...provider, name: 'gcr' };
  const names = readCredentialProviders([documentOf(provider), documentOf(other)]).map(({ name }) => name);
  assert.deepEqual(names, ['ecr', 'gcr']);
  assert.throws(() => readCredentialProviders([documentOf(provider, other), documentOf(provider)]), {
    message: 'duplicate provider name "ecr" found in configuration file(s)',
  });
});

// biome-ignore format: a table
for (const { document, message } of [
  { document: [], message: 'the file is not a mapping' },
  { document: { ...documentOf(provider), kind: 'Pod' }, message: 'the file is no CredentialProviderConfig of kubelet.config.k8s.io/v1, kubelet.config.k8s.io/v1alpha1, kubelet.config.k8s.io/v1beta1' },
  { document: documentOf({ ...provider, args: [1] }), message: 'providers[0].args is not a list of texts' },
  { document: documentOf({ ...provider, env: [{ name: 'A' }] }), message: 'providers[0].env has an entry without the texts name and value' },
  { document: documentOf({ ...provider, image: 'x' }), message: 'providers[0] has an unknown field "image"' },
  { document: documentOf({ ...provider, defaultCacheDuration: 'long' }), message: 'providers[0].defaultCacheDuration is no duration such as 12h' },
  { document: documentOf({ ...provider, tokenAttributes: { audience: 'x' } }), message: 'providers[0].tokenAttributes has an unknown field "audience"' },
  { document: documentOf({ ...provider, tokenAttributes: { requireServiceAccount: 'yes' } }), message: 'providers[0].tokenAttributes.requireServiceAccount is neither true nor false' },
]) {
  test(`credential providers – ${message} – are refused`, () => {
    assert.throws(() => readCredentialProviders([document]), { message });
  });
}

const versions =
  '"credentialprovider.kubelet.k8s.io/v1", "credentialprovider.kubelet.k8s.io/v1alpha1", "credentialprovider.kubelet.k8s.io/v1beta1"';
const withToken = (changes: object) => ({ ...provider, tokenAttributes: { ...tokenAttributes, ...changes } });
const keys = 'providers.tokenAttributes.requiredServiceAccountAnnotationKeys';

// biome-ignore format: a table
for (const { providers, problems } of [
  { providers: [], problems: 'providers: Required value: at least 1 item in plugins is required' },
  { providers: [{ ...provider, name: '../s h' }], problems: `[providers.name: Invalid value: "../s h": provider name cannot contain '/', providers.name: Invalid value: "../s h": provider name cannot contain spaces]` },
  { providers: [{ ...provider, name: '..' }], problems: `providers.name: Invalid value: "..": provider name cannot be '..'` },
  { providers: [{ name: 'ecr' }], problems: '[providers.apiVersion: Required value, providers.matchImages: Required value: at least 1 item in matchImages is required, providers.defaultCacheDuration: Required value]' },
  { providers: [{ ...provider, apiVersion: 'v1' }], problems: `providers.apiVersion: Unsupported value: "v1": supported values: ${versions}` },
  { providers: [{ ...provider, matchImages: ['%invalid%'] }], problems: 'providers.matchImages: Invalid value: "%invalid%": match image is invalid: parse "https://%invalid%": invalid URL escape "%in"' },
  { providers: [{ ...provider, defaultCacheDuration: '-1m' }], problems: 'providers.defaultCacheDuration: Invalid value: "-1m0s": must be greater than or equal to 0' },
  { providers: [withToken({ serviceAccountTokenAudience: '', requireServiceAccount: undefined })], problems: '[providers.tokenAttributes.serviceAccountTokenAudience: Required value, providers.tokenAttributes.requireServiceAccount: Required value]' },
  { providers: [{ ...withToken({}), apiVersion: 'credentialprovider.kubelet.k8s.io/v1beta1' }], problems: 'providers.tokenAttributes: Forbidden: tokenAttributes is only supported for credentialprovider.kubelet.k8s.io/v1 API version' },
  { providers: [withToken({ requireServiceAccount: false })], problems: `${keys}: Forbidden: requireServiceAccount cannot be false when requiredServiceAccountAnnotationKeys is set` },
  { providers: [withToken({ requiredServiceAccountAnnotationKeys: ['a', 'a', '/b'] })], problems: `[${keys}: Duplicate value: "a", ${keys}: Invalid value: "/b": prefix part must be non-empty]` },
  { providers: [withToken({ optionalServiceAccountAnnotationKeys: ['example.com/role'] })], problems: 'providers.tokenAttributes: Invalid value: ["example.com/role"]: annotation keys cannot be both required and optional' },
  { providers: [withToken({ cacheType: undefined })], problems: 'providers.tokenAttributes.cacheType: Required value: cacheType is required to be set when tokenAttributes is specified. Supported values are: ServiceAccount, Token' },
  { providers: [withToken({ cacheType: 'Pod' })], problems: 'providers.tokenAttributes.cacheType: Unsupported value: "Pod": supported values: "ServiceAccount", "Token"' },
]) {
  test(`a configuration of providers – ${problems} – is refused in upstream's words`, () => {
    const message = `failed to validate credential provider config: ${problems}`;
    assert.throws(() => readCredentialProviders([documentOf(...providers)]), { message });
  });
}
