/**
 * A cluster's keys and certificates: created on first use, kept in the given store, renewed when near their
 * end.
 *
 * Its own root certifies everything inside the cluster; a second root certifies only the front proxy's
 * certificate, so that no client certificate can pass for the proxy. Authorities live ten years, leaves one
 * year; a leaf with less than 120 days left, or whose names no longer fit, is issued again when it is next
 * requested.
 */

import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import type { Clock } from '#base/clock.ts';
import type { Random } from '#base/random.ts';
import {
  type CertificateSpec,
  generateKeyPem,
  issueAuthority,
  issueLeaf,
  type KeyPair,
  signLeaf,
  type Usage,
} from './certificate.ts';
import { checked, checkedAuthority, damage, missingOf, type PkiDocuments, parsed } from './damage.ts';
import type { SigningRequest } from './signing-request.ts';
import { usagesOf } from './usages.ts';

const dayMs = 24 * 3600 * 1000;
const authorityLifeMs = 3650 * dayMs;
const leafLifeMs = 365 * dayMs;
const renewBeforeMs = 120 * dayMs;
/** Clocks of other machines may be behind. */
const backdateMs = 5 * 60 * 1000;

/**
 * Where the documents are kept, by names such as `ca.crt`, as PEM. All of them must be readable by the owner
 * only.
 */
export interface PkiStore extends PkiDocuments {
  write(name: string, text: string): void;
}

export interface LeafSpec {
  readonly commonName: string;
  readonly organizations?: readonly string[];
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  readonly usages: readonly Usage[];
}

export interface PkiOptions {
  readonly store: PkiStore;
  readonly clock: Clock;
  readonly random: Random;
  /** Further names the API server is reached by. */
  readonly serverNames?: readonly string[];
  /** Addresses the API server is reached by: of this machine, of a load balancer. */
  readonly serverAddresses?: readonly string[];
  /** The address of the `kubernetes` service. Default `10.96.0.1`. */
  readonly serviceAddress?: string;
}

export interface Pki {
  /** Signs client and serving certificates; what clients trust. */
  readonly ca: KeyPair;
  readonly frontProxyCa: KeyPair;
  /** The API server's serving certificate. */
  readonly server: KeyPair;
  /** The serving certificate as of now: a new one when `server` nears its end. */
  renewedServer(): KeyPair;
  /** Client certificate of the API server towards kubelets. */
  readonly kubeletClient: KeyPair;
  /** Client certificate of the API server towards extension API servers. */
  readonly frontProxyClient: KeyPair;
  /** Signs ServiceAccount tokens. */
  readonly serviceAccountKey: { readonly privatePem: string; readonly publicPem: string };
  /** `kubernetes-admin` of `system:masters`. */
  admin(): KeyPair;
  /** The identity of a kubelet: `system:node:NAME` of `system:nodes`. */
  node(name: string): KeyPair;
  /** Serving certificate of a kubelet. */
  kubeletServing(name: string, addresses: readonly string[]): KeyPair;
  /** Any other leaf of the cluster's authority, kept under `name`. */
  leaf(name: string, spec: LeafSpec): KeyPair;
  /** Signs a key (SubjectPublicKeyInfo) of a certificate signing request. */
  sign(spec: LeafSpec, publicKeyInfo: Uint8Array, lifeMs?: number): string;
  /** As upstream's signers do: all that was requested, for as long as the authority lives at most. */
  signRequest(request: SigningRequest, usages: readonly string[], lifeMs: number): string;
}

export function memoryPkiStore(): PkiStore {
  const documents = new Map<string, string>();
  return {
    read: (name) => documents.get(name),
    write: (name, text) => {
      documents.set(name, text);
    },
  };
}

export async function ensurePki(options: PkiOptions): Promise<Pki> {
  const { store } = options;
  const ca = ensureAuthority(options, 'ca', 'kubernetes', 'apiserver');
  const frontProxyCa = ensureAuthority(options, 'front-proxy-ca', 'front-proxy-ca', 'front-proxy-client');
  const leaf = (name: string, spec: LeafSpec) => ensureLeaf(options, ca, name, spec);
  const kubeletClientSpec = client('kube-apiserver-kubelet-client', ['system:masters']);
  return {
    ca,
    frontProxyCa,
    server: leaf('apiserver', serverSpec(options)),
    renewedServer: () => leaf('apiserver', serverSpec(options)),
    kubeletClient: leaf('apiserver-kubelet-client', kubeletClientSpec),
    frontProxyClient: ensureLeaf(options, frontProxyCa, 'front-proxy-client', client('front-proxy-client')),
    serviceAccountKey: ensureServiceAccountKey(store),
    admin: () => leaf('admin', client('kubernetes-admin', ['system:masters'])),
    node: (name) => leaf(`node-${name}`, client(`system:node:${name}`, ['system:nodes'])),
    kubeletServing: (name, addresses) => leaf(`node-${name}-serving`, kubeletServingSpec(name, addresses)),
    leaf,
    sign: (spec, publicKeyInfo, lifeMs = leafLifeMs) =>
      signLeaf(ca, dated(options, spec, lifeMs), publicKeyInfo),
    signRequest: (request, usages, lifeMs) => signRequest(options, ca, request, usages, lifeMs),
  };
}

/** What lives for less does not end earlier for having begun earlier. */
const shortLifeMs = 8 * 3600 * 1000;

function signRequest(
  options: PkiOptions,
  ca: KeyPair,
  request: SigningRequest,
  usages: readonly string[],
  lifeMs: number,
): string {
  const { subject, emailAddresses, uris, publicKeyInfo, commonName, dnsNames, ipAddresses } = request;
  const requested = { subject, emailAddresses, uris, ...usagesOf(usages) };
  const endMs = new X509Certificate(ca.certPem).validToDate.getTime();
  const backdatedMs = lifeMs < shortLifeMs ? lifeMs : lifeMs - backdateMs;
  const spec = dated(options, { commonName, dnsNames, ipAddresses, usages: [] }, backdatedMs);
  const notAfterMs = Math.min(spec.notAfterMs, endMs);
  return signLeaf(ca, { ...spec, notAfterMs, requested }, publicKeyInfo);
}

function client(commonName: string, organizations: readonly string[] = []): LeafSpec {
  return { commonName, organizations, usages: ['clientAuth'] };
}

function serverSpec(options: PkiOptions): LeafSpec {
  const inCluster = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc'];
  return {
    commonName: 'kube-apiserver',
    dnsNames: unique([
      ...inCluster,
      'kubernetes.default.svc.cluster.local',
      'localhost',
      ...(options.serverNames ?? []),
    ]),
    ipAddresses: unique([
      '127.0.0.1',
      '::1',
      options.serviceAddress ?? '10.96.0.1',
      ...(options.serverAddresses ?? []),
    ]),
    usages: ['serverAuth'],
  };
}

function kubeletServingSpec(name: string, addresses: readonly string[]): LeafSpec {
  return {
    commonName: `system:node:${name}`,
    organizations: ['system:nodes'],
    dnsNames: unique([name, 'localhost']),
    ipAddresses: unique(['127.0.0.1', ...addresses]),
    usages: ['serverAuth'],
  };
}

/** `leafName`: it certifies that leaf in every start, so where there is one, there was the authority as well. */
function ensureAuthority(options: PkiOptions, name: string, commonName: string, leafName: string): KeyPair {
  const stored = storedPair(options.store, name);
  if (stored) return checkedAuthority(options.store, name, stored);
  if (options.store.read(`${leafName}.crt`) !== undefined) throw missingOf(options.store, name);
  return keep(
    options.store,
    name,
    issueAuthority(dated(options, { commonName, usages: [] }, authorityLifeMs)),
  );
}

function ensureLeaf(options: PkiOptions, authority: KeyPair, name: string, spec: LeafSpec): KeyPair {
  const stored = storedPair(options.store, name);
  if (stored && stillGood(stored, authority, spec, options.clock.now())) return stored;
  return keep(options.store, name, issueLeaf(authority, dated(options, spec, leafLifeMs)));
}

/** A damaged one is issued again. */
function stillGood(pair: KeyPair, authority: KeyPair, spec: LeafSpec, nowMs: number): boolean {
  const certificate = parsed(() => new X509Certificate(pair.certPem));
  const key = parsed(() => createPrivateKey(pair.keyPem));
  if (!certificate || !key) return false;
  if (certificate.validToDate.getTime() - nowMs < renewBeforeMs) return false;
  if (!certificate.verify(createPublicKey(authority.certPem))) return false;
  if (!certificate.checkPrivateKey(key)) return false;
  const names = (spec.dnsNames ?? []).every(
    (dnsName) => certificate.checkHost(dnsName.replace('*', 'any')) !== undefined,
  );
  return names && (spec.ipAddresses ?? []).every((address) => certificate.checkIP(address) !== undefined);
}

function ensureServiceAccountKey(store: PkiStore): { privatePem: string; publicPem: string } {
  let privatePem = store.read('sa.key');
  if (privatePem === undefined) {
    if (store.read('sa.pub') !== undefined) {
      throw damage(store, 'sa.key', 'is missing, though it has signed tokens');
    }
    privatePem = generateKeyPem();
    store.write('sa.key', privatePem);
  }
  const key = checked(store, 'sa.key', 'is not a private key', () => createPrivateKey(privatePem));
  const publicPem = createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();
  if (store.read('sa.pub') !== publicPem) store.write('sa.pub', publicPem);
  return { privatePem, publicPem };
}

function storedPair(store: PkiStore, name: string): KeyPair | undefined {
  const certPem = store.read(`${name}.crt`);
  const keyPem = store.read(`${name}.key`);
  return certPem !== undefined && keyPem !== undefined ? { certPem, keyPem } : undefined;
}

/**
 * The key is written first: a crash between the two leaves a pair that does not match and is issued again.
 */
function keep(store: PkiStore, name: string, pair: KeyPair): KeyPair {
  store.write(`${name}.key`, pair.keyPem);
  store.write(`${name}.crt`, pair.certPem);
  return pair;
}

function dated(options: PkiOptions, spec: LeafSpec, lifeMs: number): CertificateSpec {
  const nowMs = options.clock.now();
  const serial = options.random.bytes(16);
  serial[0] = (serial[0]! & 0x7f) | 0x40;
  return { ...spec, serial, notBeforeMs: nowMs - backdateMs, notAfterMs: nowMs + lifeMs };
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}
