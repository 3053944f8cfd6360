/** Which requests the signers of `kubernetes.io` sign, and why they refuse others. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CertificateRequest } from './authority.ts';
import { problemFor, signers } from './requests.ts';

const nothing = { dnsNames: [], ipAddresses: [], emailAddresses: [], uris: [] };
const node: CertificateRequest = { ...nothing, commonName: 'system:node:n', organizations: ['system:nodes'] };
const serving = { ...node, dnsNames: ['n'] };
const client = ['client auth', 'digital signature'];
const server = ['server auth', 'digital signature', 'key encipherment'];

// biome-ignore format: a table
const rows: readonly [string, string, CertificateRequest, readonly string[], string | undefined][] = [
  ['a kubelet', signers.kubeletClient, node, client, undefined],
  ['a kubelet with an RSA key', signers.kubeletClient, node, [...client, 'key encipherment'], undefined],
  ['a kubelet of two organizations', signers.kubeletClient, { ...node, organizations: ['system:nodes', 'a'] }, client, 'subject organization is not system:nodes'],
  ['a kubelet with a name of DNS', signers.kubeletClient, serving, client, 'DNS subjectAltNames are not allowed'],
  ['a kubelet with a URI', signers.kubeletClient, { ...node, uris: ['a:b'] }, client, 'URI subjectAltNames are not allowed'],
  ['a user as a kubelet', signers.kubeletClient, { ...node, commonName: 'jane' }, client, 'subject common name does not begin with system:node:'],
  ['a kubelet as a server', signers.kubeletClient, node, server, 'usages did not match [client auth digital signature key encipherment]'],
  ['a kubelet that serves', signers.kubeletServing, serving, server, undefined],
  ['a kubelet that serves under no name', signers.kubeletServing, node, server, 'DNS or IP subjectAltName is required'],
  ['a kubelet that serves under a mail address', signers.kubeletServing, { ...serving, emailAddresses: ['a@b'] }, server, 'Email subjectAltNames are not allowed'],
  ['a client that serves', signers.kubeletServing, serving, client, 'usages did not match [digital signature key encipherment server auth]'],
  ['a user', signers.client, { ...node, commonName: 'jane' }, client, undefined],
  ['a user that serves', signers.client, node, server, 'invalid usage for client certificate: server auth'],
  ['a user without client auth', signers.client, node, ['digital signature'], 'missing required usage for client certificate: client auth'],
  ['anything', signers.legacy, serving, ['code signing'], undefined],
];

for (const [name, signer, asked, usages, problem] of rows) {
  test(`a request to ${signer} – ${name} – ${problem ?? 'is signed'}`, () => {
    assert.equal(problemFor(signer, asked, usages), problem);
  });
}
