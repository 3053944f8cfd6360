/** Expected values come from upstream's own functions for these templates. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { large, small } from '#testing/objects/pod-templates.ts';
import { templateHash } from './template-hash.ts';

test('a template – hashed as upstream hashes it, and again after collisions', () => {
  assert.equal(templateHash(small, undefined), 'ddf8c5688');
  assert.equal(templateHash(small, 0), '5cff4d7bb4');
  assert.equal(templateHash(small, 300), '7f899c4d87');
  assert.equal(templateHash(large, 3), '5c6bf99896');
  assert.equal(templateHash(large, undefined), '67f954d859');
});

const hashes: readonly [quantity: string, hash: string][] = [
  ['0', '57bf944874'],
  ['1', '7b9dcf78c8'],
  ['1.5', '6fd8d5db64'],
  ['100m', '66c458b9c5'],
  ['1e3', '6ffb54478d'],
  ['1E', '6876bcf98b'],
  ['1Ki', '7ccd9bdf86'],
  ['8Ki', '7dd6cdb494'],
  ['1000', '7dff8c6f55'],
  ['1000m', '7c445f7b79'],
  ['0.5', '787b46f9ff'],
  ['1536Mi', '7bbf74f54f'],
  ['100Gi', '7965b74c8b'],
  ['1Ei', '7cc956486d'],
  ['15Pi', '577c8c977'],
  ['1500m', '7855576845'],
  ['250u', '6746454784'],
  ['5n', '8786798f4'],
  ['1e-3', '8db65f658'],
  ['1.25G', '5b8d446657'],
  ['2k', '79576b7d88'],
  ['12345678901234567', '774cf747db'],
  ['1G', '649bfd475d'],
  ['0m', '56df5f9cc6'],
  ['0Mi', 'fd8f47cd6'],
  ['900Mi', '79dcbc9849'],
  ['1024', '6f77fb57dd'],
  ['+1', '57bcdd446f'],
  ['-1', 'd745464bb'],
  ['1.10', 'ccf497c5c'],
  ['9007199254740993', 'bdf7667bb'],
  ['1E3', '5c65f797dd'],
  ['100e2', '7db7f4577d'],
  ['1Ei', '7cc956486d'],
  ['7Ei', '75f87944d4'],
  ['8Ei', '5cf445c7bb'],
  ['9Ei', '5cf445c7bb'],
  ['1.5Gi', '5d4f8b78b8'],
  ['0.5Ki', '74674bc7d5'],
  ['0.0001Ki', 'd84cc669d'],
  ['12345678901234567890', '847fc88b58'],
  ['1.0000000001', '97c6c7f9c'],
  ['0.00000000001', '5795c96b5b'],
  ['1e19', '58b6c74dfd'],
  ['1e25', '6db6c65545'],
  ['-5Ei', '597d99c46f'],
  ['123456789012345678901234567890', '586dfc9469'],
  ['2Pi', '75f7b67f96'],
  ['1000Pi', '5cf74c4949'],
  ['999999999999999999999m', '5cdccdfb7b'],
  ['1e99', '5657f794bb'],
  ['0.1Ei', '6f958b784'],
];

describe('a quantity – in every spelling – hashed as upstream hashes it', () => {
  const [container] = small.spec!.containers;
  for (const [quantity, hash] of hashes) {
    test(quantity, () => {
      const resources = { limits: { 'x.y/z': quantity } };
      const template = { ...small, spec: { ...small.spec!, containers: [{ ...container!, resources }] } };
      assert.equal(templateHash(template, undefined), hash);
    });
  }
});
