/** Secrets and ConfigMaps, case by case as in upstream's tables. */

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { generateKeyPem, issueAuthority } from '#pki/certificate.ts';
import { changed, changeMessagesOf, messagesOf } from '#testing/kind-cases.ts';
import type { AnyObject } from '../../meta/object.ts';
import { secret } from './secret.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const metadata = { name: 'foo', namespace: 'bar' };
const secretOf = (more: object) => ({ metadata, ...more }) as AnyObject;
const badKey =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
const badLabel =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const badSubdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const maxBytes = 1024 * 1024;
const tooLong = `Too long: may not be more than ${maxBytes} bytes`;
const longKey = 'a'.repeat(253);
const redacted = 'Invalid value: "<secret contents redacted>"';
const typed = (type: string, data: object) => secretOf({ type: `kubernetes.io/${type}`, data });
const token = (annotations: object | undefined) =>
  secretOf({ type: 'kubernetes.io/service-account-token', metadata: { ...metadata, annotations } });
const account = 'kubernetes.io/service-account.name';
const noAccount = [`metadata.annotations[${account}]: Required value`];

test('a Secret of a certificate and its key – that Go cannot use – is warned of', () => {
  const ca = issueAuthority({
    commonName: 'ca',
    usages: [],
    notBeforeMs: 0,
    notAfterMs: 1e12,
    serial: Buffer.of(1),
  });
  const key = generateKeyPem();
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const rsaKey = rsa.export({ type: 'pkcs8', format: 'pem' }).toString();
  const rows: [what: string, certificate: string, key: string, warnings: string[]][] = [
    ['that fit', ca.certPem, ca.keyPem, []],
    ['no PEM', 'x', key, ['tls: failed to find any PEM data in certificate input']],
    [
      'a key for the certificate',
      key,
      key,
      [
        'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched',
      ],
    ],
    ['no key', ca.certPem, '', ['tls: failed to find any PEM data in key input']],
    [
      'a certificate for the key',
      ca.certPem,
      ca.certPem,
      ['tls: found a certificate rather than a key in the PEM for the private key'],
    ],
    [
      'a key that is none',
      ca.certPem,
      '-----BEGIN PRIVATE KEY-----\neA==\n-----END PRIVATE KEY-----\n',
      ['tls: failed to parse private key'],
    ],
    ['the key of another', ca.certPem, key, ['tls: private key does not match public key']],
    ['a key of another kind', ca.certPem, rsaKey, ['tls: private key type does not match public key type']],
  ];
  for (const [what, certificate, key, warnings] of rows) {
    const data = { 'tls.crt': base64(certificate), 'tls.key': base64(key) };
    assert.deepEqual(secret.warnings!(typed('tls', data), undefined), warnings, what);
  }
});

type Case = readonly [what: string, object: AnyObject, messages: string[]];

/** Cases of names and keys for both kinds. */
const common = (list: 'data' | 'binaryData'): Case[] => [
  ['what is right', secretOf({ [list]: { 'data-1': base64('bar') } }), []],
  [
    'no name',
    { metadata: { namespace: 'bar' } },
    ['metadata.name: Required value: name or generateName is required'],
  ],
  [
    'a bad name',
    { metadata: { ...metadata, name: 'A=B' } },
    [`metadata.name: Invalid value: "A=B": ${badSubdomain}`],
  ],
  ['no namespace', { metadata: { name: 'foo' } }, ['metadata.namespace: Required value']],
  [
    'a bad namespace',
    { metadata: { ...metadata, namespace: 'A=B' } },
    [`metadata.namespace: Invalid value: "A=B": ${badLabel}`],
  ],
  ['a bad key', secretOf({ [list]: { 'a*b': '' } }), [`${list}[a*b]: Invalid value: "a*b": ${badKey}`]],
  ['no key', secretOf({ [list]: { '': '' } }), [`${list}[]: Invalid value: "": ${badKey}`]],
  ['a key with a first dot', secretOf({ [list]: { '.key': '' } }), []],
  ['a dot as key', secretOf({ [list]: { '.': '' } }), [`${list}[.]: Invalid value: ".": must not be '.'`]],
  [
    'two dots as key',
    secretOf({ [list]: { '..': '' } }),
    [`${list}[..]: Invalid value: "..": must not be '..'`],
  ],
  [
    'a key with two first dots',
    secretOf({ [list]: { '..a': '' } }),
    [`${list}[..a]: Invalid value: "..a": must not start with '..'`],
  ],
  ['the longest key', secretOf({ [list]: { [longKey]: '' } }), []],
  [
    'a key too long',
    secretOf({ [list]: { [`${longKey}a`]: '' } }),
    [`${list}[${longKey}a]: Invalid value: "${longKey}a": must be no more than 253 characters`],
  ],
  ['as much as there may be', secretOf({ binaryData: { a: base64('a'.repeat(maxBytes)) } }), []],
];

const secrets: readonly Case[] = [
  ...common('data'),
  ['too much', secretOf({ data: { over: base64('a'.repeat(maxBytes + 1)) } }), [`data: ${tooLong}`]],
  ['a token', token({ [account]: 'foo' }), []],
  ['a token without an account', token({ [account]: '' }), noAccount],
  ['a token without annotation', token({}), noAccount],
  ['a token without annotations', token(undefined), noAccount],
  ...(['dockercfg', 'dockerconfigjson'] as const).flatMap((type): Case[] => [
    [type, typed(type, { [`.${type}`]: base64('{"auths":{}}') }), []],
    [`no ${type}`, typed(type, {}), [`data[.${type}]: Required value`]],
    [
      `an empty ${type}`,
      typed(type, { [`.${type}`]: '' }),
      [`data[.${type}]: ${redacted}: unexpected end of JSON input`],
    ],
    [
      `a bad ${type}`,
      typed(type, { [`.${type}`]: base64('bad') }),
      [`data[.${type}]: ${redacted}: invalid character 'b' looking for beginning of value`],
    ],
  ]),
  ['a user', typed('basic-auth', { username: '', password: base64('p') }), []],
  ['a user without password', typed('basic-auth', { username: base64('u') }), []],
  ['no user', typed('basic-auth', {}), ['data[username]: Required value', 'data[password]: Required value']],
  ['a key of ssh', typed('ssh-auth', { 'ssh-privatekey': base64('k') }), []],
  ['no key of ssh', typed('ssh-auth', {}), ['data[ssh-privatekey]: Required value']],
  [
    'an empty key of ssh',
    typed('ssh-auth', { 'ssh-privatekey': '' }),
    ['data[ssh-privatekey]: Required value'],
  ],
  ['a certificate', typed('tls', { 'tls.crt': '', 'tls.key': '' }), []],
  ['no certificate', typed('tls', {}), ['data[tls.crt]: Required value', 'data[tls.key]: Required value']],
];

const configMaps: readonly Case[] = [
  ...common('data'),
  ...common('binaryData'),
  ['too much text', secretOf({ data: { key: 'a'.repeat(maxBytes + 1) } }), [`[]: ${tooLong}`]],
  ['too many bytes', secretOf({ binaryData: { bin: base64('a'.repeat(maxBytes + 1)) } }), [`[]: ${tooLong}`]],
  [
    'a key in both lists',
    secretOf({ data: { key: 'a' }, binaryData: { key: 'YQ==' } }),
    ['data[key]: Invalid value: "key": duplicate of key present in binaryData'],
  ],
  ['bytes that are no text', secretOf({ binaryData: { key: 'AP4A/w==' } }), []],
];

for (const [resource, cases] of [
  ['secrets', secrets],
  ['configmaps', configMaps],
] as const) {
  for (const [what, object, messages] of cases) {
    test(`${resource} created – ${what} – has its messages`, () => {
      assert.deepEqual(messagesOf('', resource, object), messages);
    });
  }
}

const frozen = 'Forbidden: field is immutable when `immutable` is set';
const plain = secretOf({ data: { key: 'dmFsdWU=' } });
const immutable = { immutable: true };
const added = { 'data.key-2': 'dmFsdWU=' };
const other = { 'data.key': 'Zm9v' };

const updates: readonly [what: string, before: object, now: object, messages: string[]][] = [
  ['nothing', {}, {}, []],
  ['frozen', {}, immutable, []],
  ['thawed', immutable, {}, [`immutable: ${frozen}`]],
  ['thawed in so many words', immutable, { immutable: false }, [`immutable: ${frozen}`]],
  ['a new key', {}, added, []],
  ['a new key, frozen', immutable, { ...immutable, ...added }, [`data: ${frozen}`]],
  ['another value', {}, other, []],
  ['another value, frozen', immutable, { ...immutable, ...other }, [`data: ${frozen}`]],
  [
    'another namespace',
    {},
    { 'metadata.namespace': 'baz' },
    ['metadata.namespace: Invalid value: "baz": field is immutable'],
  ],
];

for (const resource of ['secrets', 'configmaps']) {
  for (const [what, before, now, messages] of updates) {
    test(`${resource} updated – ${what} – has its messages`, () => {
      const [old, next] = [changed(plain, { ...before }), changed(plain, { ...now })];
      assert.deepEqual(changeMessagesOf('', resource, next, old), messages);
    });
  }
}
