import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { systemClock, systemRandom } from '#host/system-env.ts';
import { pemBytes } from '#pki/certificate.ts';
import { ensurePki, memoryPkiStore } from '#pki/pki.ts';
import { is401, requestWith } from '../testing/authentication.ts';
import { type FrontProxyHeaders, frontProxyAuthenticator } from './front-proxy.ts';

const pki = await ensurePki({ clock: systemClock, random: systemRandom, store: memoryPkiStore() });
const proxy = { clientCertificate: pemBytes(pki.frontProxyClient.certPem) };
const names: FrontProxyHeaders = {
  allowedNames: ['front-proxy-client'],
  username: ['X-Remote-User', 'X-User'],
  uid: ['X-Remote-Uid'],
  group: ['X-Remote-Group', 'X-Group'],
  extraPrefix: ['X-Remote-Extra-', 'X-More-'],
};

function ask(headers: Record<string, string>, peer: object = proxy, more: Partial<FrontProxyHeaders> = {}) {
  const authenticator = frontProxyAuthenticator(
    { caPem: pki.frontProxyCa.certPem, clock: systemClock },
    { ...names, ...more },
  );
  return authenticator.authenticate(requestWith(headers), peer);
}

describe('a front proxy – its headers – say whom it has authenticated', () => {
  const groups = ['system:authenticated'];
  // biome-ignore format: a table
  const rows: [what: string, headers: Record<string, string>, user: object | undefined][] = [
    ['no user', { 'x-remote-group': 'dev' }, undefined],
    ['an empty user', { 'x-remote-user': '' }, undefined],
    ['a user', { 'x-remote-user': 'jane' }, { name: 'jane', groups }],
    ['the second header of users', { 'x-user': 'jane' }, { name: 'jane', groups }],
    ['both headers of users', { 'x-user': 'eve', 'x-remote-user': 'jane' }, { name: 'jane', groups }],
    ['a UID', { 'x-remote-user': 'jane', 'x-remote-uid': '7' }, { name: 'jane', uid: '7', groups }],
    ['both headers of groups', { 'x-remote-user': 'jane', 'x-group': 'b', 'x-remote-group': 'a' }, { name: 'jane', groups: ['a', 'b', ...groups] }],
    ['an empty group', { 'x-remote-user': 'jane', 'x-remote-group': '' }, { name: 'jane', groups }],
    ['both prefixes of extras', { 'x-remote-user': 'jane', 'x-remote-extra-a%2fb': '1', 'x-more-c': '2' }, { name: 'jane', groups, extra: { 'a/b': ['1'], c: ['2'] } }],
  ];
  for (const [what, headers, user] of rows) {
    test(what, async () => {
      assert.deepEqual(await ask(headers), user);
    });
  }
});

const jane = { 'x-remote-user': 'jane' };

test('a front proxy – without a certificate – authenticates no user', async () => {
  assert.equal(await ask(jane, {}), undefined);
});

test('a front proxy – with a certificate of another authority – is a 401', () => {
  const admin = { clientCertificate: pemBytes(pki.admin().certPem) };
  assert.throws(() => ask(jane, admin), is401);
});

test('a front proxy – of a name that is not allowed – is a 401; no names allow all', async () => {
  assert.throws(() => ask(jane, proxy, { allowedNames: ['other'] }), is401);
  assert.deepEqual((await ask(jane, proxy, { allowedNames: [] }))?.name, 'jane');
});
