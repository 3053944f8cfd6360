import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { is401, requestWith } from '../testing/authentication.ts';
import { anonymousAuthenticator, anonymousOn } from './anonymous.ts';

test('a request – without credentials – is of system:anonymous', async () => {
  assert.deepEqual(await anonymousAuthenticator.authenticate(requestWith(), {}), {
    name: 'system:anonymous',
    groups: ['system:unauthenticated'],
  });
});

test('a request – with a bearer token – is a 401', () => {
  const request = requestWith({ authorization: 'Bearer other' });
  assert.throws(() => anonymousAuthenticator.authenticate(request, {}), is401);
});

describe('anonymous requests – on some paths only – are let in there', () => {
  const authenticator = anonymousOn(new Set(['/livez', '/a b']));
  for (const [path, name] of [
    ['/livez', 'system:anonymous'],
    ['/livez?verbose', 'system:anonymous'],
    ['/%6civez', 'system:anonymous'],
    ['/a%20b', 'system:anonymous'],
    ['/livez/etcd', undefined],
    ['/livez/', undefined],
    ['/%zz', undefined],
    ['/readyz', undefined],
  ] as const) {
    test(path, async () => {
      assert.equal((await authenticator.authenticate({ ...requestWith(), path }, {}))?.name, name);
    });
  }
});
