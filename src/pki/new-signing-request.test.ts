/** Signing requests that this program makes, read by the library that the signers use. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generateKeyPem, newSigningRequest } from './certificate.ts';
import { parseSigningRequest } from './signing-request.ts';

const subject = { commonName: 'system:node:n', organizations: ['system:nodes'] };
for (const [what, names] of [
  ['without names', { dnsNames: [], ipAddresses: [] }],
  ['with names and addresses', { dnsNames: ['n'], ipAddresses: ['192.0.2.7', 'fd00::7'] }],
] as const) {
  test(`a new signing request – ${what} – is read back, with a valid signature`, async () => {
    const request = await parseSigningRequest(newSigningRequest({ ...subject, ...names }, generateKeyPem()));
    const { commonName, organizations, dnsNames } = request;
    assert.deepEqual({ commonName, organizations, dnsNames }, { ...subject, dnsNames: names.dnsNames });
    assert.equal(request.ipAddresses.length, names.ipAddresses.length);
  });
}
