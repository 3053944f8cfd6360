/** HTTP into the cluster beside its first node, and the default class that leads Ingresses to it. */

import { createHash } from 'node:crypto';
import { ingressClasses } from '#api/generated/kinds.gen.ts';
import { StatusError } from '#api/meta/status.ts';
import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';
import { createClient } from '#client/rest/client.ts';
import { haproxyPlaces, type NodePaths } from '#host/home/node-home.ts';
import { installGatewayKinds } from '#ingress/gateways/install.ts';
import { defaultIngressClass } from '#ingress/ingresses/class.ts';
import { startIngress } from '#ingress/start-ingress.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { ingressUser } from '../control-plane/identities.ts';
import type { StartedParts } from '../started-parts.ts';

const plainPort = 80;
const tlsPort = 443;

export interface ClusterIngressOptions {
  /** Where the proxy listens. */
  readonly address: string;
  readonly paths: NodePaths;
  /** The kinds of the Gateway API are installed where they are not. */
  readonly gateway: boolean;
}

export async function startClusterIngress(
  env: Env,
  { server, readers, admin, pki }: ControlPlane,
  { address, paths, gateway }: ClusterIngressOptions,
  parts: StartedParts,
): Promise<void> {
  await ensureDefaultClass(admin);
  if (gateway) await installGatewayKinds(admin, env.clock);
  const { certPem, keyPem } = pki.leaf('ingress-default', {
    commonName: 'kybern ingress default certificate',
    dnsNames: ['ingress.local'],
    usages: ['serverAuth'],
  });
  const ingress = startIngress({
    env: { ...env, log: env.log.child({ part: 'ingress' }) },
    client: createClient(server.transport(ingressUser), { userAgent: 'kybern-ingress' }),
    informers: readers.as(ingressUser),
    ...haproxyPlaces(paths),
    entrance: {
      address,
      plainPort,
      tlsPort,
      certificate: keyPem + certPem,
      cookieKey: cookieKeyOf(keyPem),
    },
  });
  parts.add('ingress', () => ingress.stop());
}

/** One that is there stays as its users have made it. */
async function ensureDefaultClass(client: Client): Promise<void> {
  try {
    await client.create(ingressClasses, defaultIngressClass);
  } catch (error) {
    if (!(error instanceof StatusError && error.reason === 'AlreadyExists')) throw error;
  }
}

/** The same until the certificate is renewed: a client's cookie then leads to any endpoint once. */
function cookieKeyOf(keyPem: string): string {
  return createHash('sha256').update(`affinity ${keyPem}`).digest('hex').slice(0, 32);
}
