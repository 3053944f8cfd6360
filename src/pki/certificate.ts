/**
 * Signs X.509 certificates and generates keys, ECDSA P-256 with SHA-256.
 *
 * Written over node:crypto on purpose: loading a general X.509 library costs more than the whole start of a
 * cluster may (see the numbers in ARCHITECTURE.md), and the few extensions of a cluster's certificates are
 * few lines.
 */

import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';
import {
  bitString,
  boolean,
  children,
  contentOf,
  explicit,
  implicit,
  integer,
  octetString,
  oid,
  sequence,
  set,
  time,
  utf8,
} from './der.ts';

/** A certificate and its private key, both PEM. */
export interface KeyPair {
  readonly certPem: string;
  readonly keyPem: string;
}

export type Usage = 'clientAuth' | 'serverAuth';

/** What a certificate has that is not issued for a part of the cluster, but to who asked for it. */
export interface RequestedParts {
  /** DER of the whole name, instead of common name and organizations. */
  readonly subject: Uint8Array;
  /** Bits of KeyUsage, digitalSignature being the highest of the first byte; empty: without that extension. */
  readonly keyUsage: Uint8Array;
  /** Object identifiers, instead of `usages`. */
  readonly extendedUsages: readonly string[];
  readonly emailAddresses: readonly string[];
  readonly uris: readonly string[];
}

export interface CertificateSpec {
  readonly commonName: string;
  readonly organizations?: readonly string[];
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  /** Extended key usages; empty for a certificate authority. */
  readonly usages: readonly Usage[];
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** Big-endian. */
  readonly serial: Uint8Array;
  readonly requested?: RequestedParts;
}

const usageOids: Record<Usage, string> = { serverAuth: '1.3.6.1.5.5.7.3.1', clientAuth: '1.3.6.1.5.5.7.3.2' };
const ecdsaWithSha256 = '1.2.840.10045.4.3.2';
const sha256WithRsa = '1.2.840.113549.1.1.11';

/** A new P-256 key as PKCS #8 PEM. */
export function generateKeyPem(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** A self-signed certificate authority. */
export function issueAuthority(spec: CertificateSpec, keyPem = generateKeyPem()): KeyPair {
  const key = createPrivateKey(keyPem);
  const subject = nameOf(spec);
  const der = certificate(spec, subject, publicDer(key), subject, key, true);
  return { certPem: pem('CERTIFICATE', der), keyPem };
}

/** A leaf signed by `authority`, for a new key unless one is given. */
export function issueLeaf(authority: KeyPair, spec: CertificateSpec, keyPem = generateKeyPem()): KeyPair {
  return { certPem: signLeaf(authority, spec, publicDer(createPrivateKey(keyPem))), keyPem };
}

/** A leaf for a key that another program holds, given as SubjectPublicKeyInfo: what a CSR carries. */
export function signLeaf(authority: KeyPair, spec: CertificateSpec, publicKeyInfo: Uint8Array): string {
  const issuer = subjectOf(pemBytes(authority.certPem));
  const signer = createPrivateKey(authority.keyPem);
  return pem('CERTIFICATE', certificate(spec, issuer, publicKeyInfo, nameOf(spec), signer, false));
}

export function pem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

/** The bytes of the first PEM block. */
export function pemBytes(text: string): Uint8Array {
  const body = /-----BEGIN [^-]+-----([^-]+)-----END/.exec(text)?.[1];
  if (body === undefined) throw new Error('not a PEM document');
  return Buffer.from(body, 'base64');
}

function certificate(
  spec: CertificateSpec,
  issuer: Uint8Array,
  publicKeyInfo: Uint8Array,
  subject: Uint8Array,
  signer: KeyObject,
  isAuthority: boolean,
): Uint8Array {
  const algorithm =
    signer.asymmetricKeyType === 'rsa'
      ? sequence(oid(sha256WithRsa), Uint8Array.of(5, 0))
      : sequence(oid(ecdsaWithSha256));
  const version3 = explicit(0, integer(Uint8Array.of(2)));
  const toBeSigned = sequence(
    version3,
    integer(spec.serial),
    algorithm,
    issuer,
    sequence(time(spec.notBeforeMs), time(spec.notAfterMs)),
    subject,
    publicKeyInfo,
    explicit(3, sequence(...extensions(spec, publicKeyInfo, publicDer(signer), isAuthority))),
  );
  return sequence(toBeSigned, algorithm, bitString(sign('sha256', toBeSigned, signer)));
}

function extensions(
  spec: CertificateSpec,
  publicKeyInfo: Uint8Array,
  issuerKeyInfo: Uint8Array,
  isAuthority: boolean,
): Uint8Array[] {
  // Bits of KeyUsage: keyCertSign and cRLSign for an authority; digitalSignature, keyEncipherment for a leaf.
  const { requested } = spec;
  const bits = requested?.keyUsage ?? (isAuthority ? Uint8Array.of(0x86) : Uint8Array.of(0xa0));
  const list = [
    ...(bits.length > 0 ? [extension('2.5.29.15', bitString(bits, unusedBits(bits)), true)] : []),
    extension('2.5.29.19', isAuthority ? sequence(boolean(true)) : sequence(), true),
    extension('2.5.29.14', octetString(keyIdentifier(publicKeyInfo))),
    extension('2.5.29.35', sequence(implicit(0, keyIdentifier(issuerKeyInfo)))),
  ];
  const usages = requested?.extendedUsages ?? spec.usages.map((usage) => usageOids[usage]);
  if (usages.length > 0) list.push(extension('2.5.29.37', sequence(...usages.map(oid))));
  return [...list, ...alternativeNames(spec)];
}

type Named = Pick<CertificateSpec, 'commonName' | 'organizations' | 'dnsNames' | 'ipAddresses' | 'requested'>;

/** One extension, or none where there are no names besides the subject. */
function alternativeNames({ dnsNames = [], ipAddresses = [], requested }: Named): Uint8Array[] {
  const names = [
    ...dnsNames.map((name) => implicit(2, Buffer.from(name))),
    ...(requested?.emailAddresses ?? []).map((address) => implicit(1, Buffer.from(address))),
    ...ipAddresses.map((address) => implicit(7, addressBytes(address))),
    ...(requested?.uris ?? []).map((uri) => implicit(6, Buffer.from(uri))),
  ];
  return names.length > 0 ? [extension('2.5.29.17', sequence(...names))] : [];
}

/** A signing request (PKCS #10) for the key, as PEM. */
export function newSigningRequest(spec: Named, keyPem: string): string {
  const key = createPrivateKey(keyPem);
  const extensions = alternativeNames(spec);
  const attribute = sequence(oid('1.2.840.113549.1.9.14'), set(sequence(...extensions)));
  const attributes = explicit(0, extensions.length > 0 ? attribute : new Uint8Array());
  const toBeSigned = sequence(integer(Uint8Array.of(0)), nameOf(spec), publicDer(key), attributes);
  const algorithm = sequence(oid(ecdsaWithSha256));
  const signature = bitString(sign('sha256', toBeSigned, key));
  return pem('CERTIFICATE REQUEST', sequence(toBeSigned, algorithm, signature));
}

/** As kubeadm's --discovery-token-ca-cert-hash: `sha256:` and the hash of the public key, in hexadecimal. */
export function publicKeyPin(certPem: string): string {
  const key = createPublicKey(certPem).export({ type: 'spki', format: 'der' });
  return `sha256:${createHash('sha256').update(key).digest('hex')}`;
}

function extension(id: string, value: Uint8Array, critical = false): Uint8Array {
  return sequence(oid(id), ...(critical ? [boolean(true)] : []), octetString(value));
}

/** Of the last byte: those that no bit after the last set one needs. */
function unusedBits(bits: Uint8Array): number {
  const last = bits.at(-1) ?? 1;
  return 31 - Math.clz32(last & -last);
}

function nameOf(spec: Named): Uint8Array {
  if (spec.requested) return spec.requested.subject;
  const attribute = (id: string, value: string) => set(sequence(oid(id), utf8(value)));
  // One set for each organization: Go's parser and OpenSSL both read them back in order.
  const organizations = (spec.organizations ?? []).map((name) => attribute('2.5.4.10', name));
  return sequence(...organizations, attribute('2.5.4.3', spec.commonName));
}

function publicDer(key: KeyObject): Uint8Array {
  return createPublicKey(key).export({ type: 'spki', format: 'der' });
}

/** SHA-1 of the public key's bits, the first method of RFC 5280: it only identifies the key. */
function keyIdentifier(publicKeyInfo: Uint8Array): Uint8Array {
  const bits = contentOf(children(publicKeyInfo)[1]!);
  // The first byte is the number of unused bits.
  return createHash('sha1').update(bits.subarray(1)).digest();
}

/** The subject of a certificate in its original encoding, to be used as an issuer byte for byte. */
function subjectOf(certificateDer: Uint8Array): Uint8Array {
  return children(children(certificateDer)[0]!)[5]!;
}

function addressBytes(address: string): Uint8Array {
  if (isIPv4(address)) return Uint8Array.from(address.split('.').map(Number));
  if (!isIPv6(address)) throw new Error(`not an IP address: ${address}`);
  return ipv6Bytes(address);
}

function ipv6Bytes(address: string): Uint8Array {
  const [head = '', tail] = address.split('::');
  const groups = (part: string) =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const front = groups(head);
  const back = tail === undefined ? [] : groups(tail);
  const all = [...front, ...new Array<number>(8 - front.length - back.length).fill(0), ...back];
  return Uint8Array.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}
