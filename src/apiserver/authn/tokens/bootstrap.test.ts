import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnyObject } from '#api/meta/object.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { outcomeOf, readerOf } from '../../testing/authentication.ts';
import { bootstrapTokens } from './bootstrap.ts';
import { apiTokens } from './of-api-server.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const nowMs = Date.parse('2026-05-05T12:00:00Z');
const bootstrapToken = 'abcdef.0123456789abcdef';
const bootstrapData = {
  'token-id': base64('abcdef'),
  'token-secret': base64('0123456789abcdef'),
  'usage-bootstrap-authentication': base64('true'),
};
const bootstrapSecret = { type: 'bootstrap.kubernetes.io/token', metadata: {}, data: bootstrapData };

// biome-ignore format: a table
const bootstrapRows: [what: string, secret: AnyObject | undefined, groups: string[] | undefined][] = [
  ['as it should be', bootstrapSecret, ['system:bootstrappers', 'system:authenticated']],
  ['with groups', { ...bootstrapSecret, data: { ...bootstrapData, 'auth-extra-groups': base64('system:bootstrappers:b,system:bootstrappers:a') } }, ['system:bootstrappers', 'system:bootstrappers:a', 'system:bootstrappers:b', 'system:authenticated']],
  ['with a foreign group', { ...bootstrapSecret, data: { ...bootstrapData, 'auth-extra-groups': base64('system:masters') } }, undefined],
  ['not yet expired', { ...bootstrapSecret, data: { ...bootstrapData, expiration: base64('2026-05-05T12:00:01Z') } }, ['system:bootstrappers', 'system:authenticated']],
  ['expired', { ...bootstrapSecret, data: { ...bootstrapData, expiration: base64('2026-05-05T13:00:00+01:00') } }, undefined],
  ['with no time as its end', { ...bootstrapSecret, data: { ...bootstrapData, expiration: base64('tomorrow') } }, undefined],
  ['for signing only', { ...bootstrapSecret, data: { ...bootstrapData, 'usage-bootstrap-authentication': base64('false') } }, undefined],
  ['of another secret', { ...bootstrapSecret, data: { ...bootstrapData, 'token-secret': base64('0123456789abcdeX') } }, undefined],
  ['of another id', { ...bootstrapSecret, data: { ...bootstrapData, 'token-id': base64('abcdeg') } }, undefined],
  ['of another type', { ...bootstrapSecret, type: 'Opaque' }, undefined],
  ['terminating', { ...bootstrapSecret, metadata: { deletionTimestamp: '2026-05-05T12:00:00Z' } }, undefined],
  ['missing', undefined, undefined],
];
for (const [what, secret, groups] of bootstrapRows) {
  test(`a bootstrap token – its Secret ${what} – ${groups ? 'names a joining node' : 'names no one'}`, async () => {
    const clock = new VirtualClock(nowMs);
    const reader = readerOf(secret ? { 'secrets/kube-system/bootstrap-token-abcdef': secret } : {});
    const kind = apiTokens(bootstrapTokens(reader, clock), ['api']);
    const known = groups && { user: { name: 'system:bootstrap:abcdef', groups }, audiences: ['api'] };
    assert.deepEqual(await outcomeOf(kind, bootstrapToken), known);
    assert.equal(await outcomeOf(kind, bootstrapToken, ['vault']), undefined);
    assert.equal(await outcomeOf(kind, `${bootstrapToken}0`), undefined);
  });
}
