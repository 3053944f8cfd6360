import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readKubeletConfiguration } from './kubelet-configuration.ts';

const garbage = { highPercent: 85, lowPercent: 80, ageMinMs: 120_000, ageMaxMs: undefined };

// biome-ignore format: a table
for (const { section, images } of [
  { section: {}, images: { parallelPullsMax: 5, garbage } },
  { section: { serializeImagePulls: true }, images: { parallelPullsMax: 1, garbage } },
  { section: { serializeImagePulls: false, maxParallelImagePulls: 2 }, images: { parallelPullsMax: 2, garbage } },
  { section: { imageGCHighThresholdPercent: 50, imageGCLowThresholdPercent: 0, imageMinimumGCAge: '1m', imageMaximumGCAge: '1h' }, images: { parallelPullsMax: 5, garbage: { highPercent: 50, lowPercent: 0, ageMinMs: 60_000, ageMaxMs: 3_600_000 } } },
  { section: { imageCredentialProviderConfig: '/a', imageCredentialProviderBinDir: '/b' }, images: { parallelPullsMax: 5, garbage, providers: { configFile: '/a', binDir: '/b' } } },
]) {
  test(`images of the kubelet – ${JSON.stringify(section)} – are read`, () => {
    assert.deepEqual(readKubeletConfiguration(section).images, images);
  });
}

// biome-ignore format: a table
for (const { section, message } of [
  { section: { serializeImagePulls: true, maxParallelImagePulls: 2 }, message: 'kubelet: maxParallelImagePulls must be 1 with serializeImagePulls' },
  { section: { imageGCHighThresholdPercent: 80 }, message: 'kubelet: imageGCLowThresholdPercent 80 is not below imageGCHighThresholdPercent 80' },
  { section: { imageMaximumGCAge: '1m' }, message: 'kubelet: imageMaximumGCAge is not above imageMinimumGCAge' },
  { section: { imageCredentialProviderBinDir: '/b' }, message: 'kubelet: imageCredentialProviderConfig and imageCredentialProviderBinDir are set together' },
  { section: { imageCredentialProviderConfig: '/a', imageCredentialProviderBinDir: 'b' }, message: 'kubelet: imageCredentialProviderBinDir b is no absolute path' },
]) {
  test(`images of the kubelet – ${JSON.stringify(section)} – are refused`, () => {
    assert.throws(() => readKubeletConfiguration(section), { message });
  });
}
