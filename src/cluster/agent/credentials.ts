/**
 * What a node shows to the API server, and to the callers of its kubelet: its client certificate (at first by a
 * bootstrap token, as kubelets' TLS bootstrap) and its serving certificate, both renewed while it runs.
 */

import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { StatusError } from '#api/meta/status.ts';
import type { Env } from '#base/env.ts';
import { needsPersonCode, Problem } from '#cli/shared/problem.ts';
import type { Client } from '#client/client.ts';
import { createClient } from '#client/rest/client.ts';
import { httpsTransport, type TlsIdentity } from '#client/transport/https.ts';
import { type KubeconfigAccess, readKubeconfig } from '#client/transport/kubeconfig.ts';
import { readUserFile } from '#host/files/user-file.ts';
import { writeDurableFile } from '#host/files/whole-file.ts';
import type { AgentConfig, AgentPaths } from '#host/home/agent-home.ts';
import { issueAuthority, issueLeaf, type KeyPair } from '#pki/certificate.ts';
import { kubeconfig, kubeconfigYaml } from '#pki/kubeconfig.ts';
import type { StartedParts } from '../started-parts.ts';
import { readPair, validityOf, writePair } from './certificates/certificate-file.ts';
import { type CertificateTemplate, requestCertificate } from './certificates/request.ts';
import { RotatedCertificate } from './certificates/rotated.ts';

export interface NodeCredentials {
  readonly server: string;
  /** PEM of the authorities of the API server and of its clients. */
  readonly caPem: string;
  /** As of now. */
  readonly client: TlsIdentity;
  /** As of now; signed by the node itself until the cluster has signed one. */
  readonly serving: KeyPair;
  onServingRenewed(use: (pair: KeyPair) => void): void;
}

const clientUsages = ['digital signature', 'client auth'];
const servingUsages = ['digital signature', 'server auth'];
const clientSigner = 'kubernetes.io/kube-apiserver-client-kubelet';
const servingSigner = 'kubernetes.io/kubelet-serving';
const selfSignedLifeMs = 365 * 24 * 3600 * 1000;
/** Clocks of other machines may be behind. */
const backdateMs = 5 * 60_000;

/** Throws a `Problem` when the node has no valid certificate, and no token to get one by. */
export async function openCredentials(
  env: Env,
  config: AgentConfig,
  paths: AgentPaths,
  parts: StartedParts,
): Promise<NodeCredentials> {
  if (existsSync(paths.bootstrapKubeconfig)) await bootstrap(env, config, paths);
  const { target } = readKubeconfig(paths.kubeconfig, readUserFile);
  const { url: server, caPem = '' } = target;
  const client = rotated(env, parts, {
    path: clientFile(paths),
    before: validClient(env, paths, target.clientCertificate),
    isFirst: false,
    request: () => requestCertificate(env, api, clientTemplate(config)),
  });
  const identity = identityOf(client);
  const transport = httpsTransport({ server, ca: caPem, identity });
  parts.add('certificate requests', () => transport.close());
  const api = createClient(transport, { userAgent: 'kubelet' });
  const servingFile = join(paths.pki, 'kubelet-server-current.pem');
  const kept = readPair(servingFile);
  const serving = rotated(env, parts, {
    path: servingFile,
    before: kept ?? selfSigned(env, config),
    isFirst: !kept,
    request: () => requestCertificate(env, api, servingTemplate(config)),
  });
  return {
    server,
    caPem,
    get client() {
      return identity();
    },
    get serving() {
      return serving.current;
    },
    onServingRenewed: (use) => serving.onRenewed(use),
  };
}

/** The first certificate, by the token; only then the file with the token is removed. */
async function bootstrap(env: Env, config: AgentConfig, paths: AgentPaths): Promise<void> {
  const { target, headers } = readKubeconfig(paths.bootstrapKubeconfig, readUserFile);
  const token = headers['authorization']?.replace(/^Bearer /, '') ?? '';
  const { url: server, caPem: ca = '' } = target;
  const transport = httpsTransport({ server, ca, token });
  try {
    const client = createClient(transport, { userAgent: 'kubelet' });
    await writePair(clientFile(paths), await firstCertificate(env, client, config));
  } finally {
    await transport.close();
  }
  await writeDurableFile(paths.kubeconfig, nodeKubeconfig(server, ca, clientFile(paths)));
  rmSync(paths.bootstrapKubeconfig);
}

async function firstCertificate(env: Env, client: Client, config: AgentConfig): Promise<KeyPair> {
  try {
    return await requestCertificate(env, client, clientTemplate(config));
  } catch (error) {
    if (!(error instanceof StatusError && [401, 403].includes(error.code))) throw error;
    throw new Problem(
      `the cluster does not accept the token: ${error.message}`,
      'make another on a machine of the control plane: kybern token create --print-join-command',
      needsPersonCode,
    );
  }
}

/** The certificate lies beside it and is renewed there. */
function nodeKubeconfig(server: string, caPem: string, certificateFile: string): string {
  const document = kubeconfig({ clusterName: 'kubernetes', userName: 'default-auth', server, caPem });
  const [user] = document.users;
  assert(user);
  user.user = { 'client-certificate': certificateFile, 'client-key': certificateFile };
  return kubeconfigYaml(document);
}

function validClient(
  env: Env,
  paths: AgentPaths,
  pair: KubeconfigAccess['target']['clientCertificate'],
): KeyPair {
  const kept = readPair(clientFile(paths)) ?? (pair && { certPem: pair.cert, keyPem: pair.key });
  if (kept && validityOf(kept).untilMs > env.clock.now()) return kept;
  throw new Problem(
    kept ? 'the certificate of this node has expired' : 'this node has no certificate',
    'join again: kybern leave, then kybern join with a new token',
    needsPersonCode,
  );
}

function clientFile({ pki }: AgentPaths): string {
  return join(pki, 'kubelet-client-current.pem');
}

function rotated(
  env: Env,
  parts: StartedParts,
  options: Omit<ConstructorParameters<typeof RotatedCertificate>[0], 'env'>,
): RotatedCertificate {
  const certificate = new RotatedCertificate({ env, ...options });
  certificate.start();
  parts.add('certificate', () => certificate.stop());
  return certificate;
}

/** The same object until it is renewed: connections are kept by it. */
function identityOf(certificate: RotatedCertificate): () => TlsIdentity {
  const asIdentity = ({ certPem: cert, keyPem: key }: KeyPair): TlsIdentity => ({ cert, key });
  let identity = asIdentity(certificate.current);
  certificate.onRenewed((renewed) => {
    identity = asIdentity(renewed);
  });
  return () => identity;
}

function clientTemplate({ nodeName }: AgentConfig): CertificateTemplate {
  return { nodeName, signerName: clientSigner, usages: clientUsages };
}

function servingTemplate({ nodeName, address }: AgentConfig): CertificateTemplate {
  const names = { dnsNames: [nodeName], ipAddresses: [address] };
  return { nodeName, signerName: servingSigner, usages: servingUsages, ...names };
}

/** As upstream's kubelet has one where no cluster issues it. */
function selfSigned(env: Env, { nodeName, address }: AgentConfig): KeyPair {
  const nowMs = env.clock.now();
  const spec = (commonName: string) => ({
    commonName,
    notBeforeMs: nowMs - backdateMs,
    notAfterMs: nowMs + selfSignedLifeMs,
    serial: env.random.bytes(16),
  });
  const authority = issueAuthority({ ...spec(`${nodeName}-ca@${nowMs}`), usages: [] });
  const names = { dnsNames: [nodeName], ipAddresses: [address] };
  return issueLeaf(authority, { ...spec(`${nodeName}@${nowMs}`), ...names, usages: ['serverAuth'] });
}
