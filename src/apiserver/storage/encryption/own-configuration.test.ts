import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemEnv } from '#host/system-env.ts';
import { memoryPkiStore } from '#pki/pki.ts';
import { changeOwnConfiguration, createOwnConfiguration, ownConfiguration } from './own-configuration.ts';

test('the configuration of a cluster – other resources – keeps its key, and reads what was encrypted before', () => {
  const store = memoryPkiStore();
  createOwnConfiguration(store, systemEnv().random);
  const before = ownConfiguration(store)!;
  changeOwnConfiguration(store, before, ['configmaps']);
  const after = ownConfiguration(store)!;
  const secret = /secret: (\S+)/.exec(before)![1]!;
  assert.equal(after.split(secret).length, 3);
  assert.match(after, /configmaps[\s\S]*secrets/);
});

const keyless = `apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources:
- resources: [secrets]
  providers:
  - identity: {}
`;

test('the configuration of a cluster – without a key – is not changed: an error says so', () => {
  const store = memoryPkiStore();
  assert.throws(() => changeOwnConfiguration(store, keyless, ['configmaps']), {
    message: 'encryption.yaml has no secretbox key to encrypt with',
  });
  assert.equal(ownConfiguration(store), undefined);
});
