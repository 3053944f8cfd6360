/**
 * What a new node gets its first certificate by: a kubeconfig with a bootstrap token that is good for some minutes, as
 * `kubeadm token create` makes one.
 */

import { secrets } from '#api/generated/kinds.gen.ts';
import { bootstrapTokenSecret, newBootstrapToken } from '#api/values/bootstrap-token.ts';
import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';
import { kubeconfig, kubeconfigYaml } from '#pki/kubeconfig.ts';

export interface ApiPlace {
  /** `https://10.244.0.1:6443`. */
  readonly server: string;
  /** PEM of the API server's authorities. */
  readonly caPem: string;
}

const lifeMs = 10 * 60_000;

/** Makes the token's Secret as `admin`. */
export async function nodeBootstrap(
  { clock, random }: Pick<Env, 'clock' | 'random'>,
  admin: Client,
  { server, caPem }: ApiPlace,
): Promise<string> {
  const token = newBootstrapToken(random);
  const description = 'A node of this machine, made by kybern.';
  await admin.create(
    secrets,
    bootstrapTokenSecret(token, { expiresAtMs: clock.now() + lifeMs, description }),
  );
  return kubeconfigYaml(
    kubeconfig({
      clusterName: 'kubernetes',
      userName: 'tls-bootstrap-token-user',
      server,
      caPem,
      token: `${token.id}.${token.secret}`,
    }),
  );
}
