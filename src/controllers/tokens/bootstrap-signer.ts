/**
 * Adds to the ConfigMap kube-public/cluster-info a signature of its kubeconfig by each bootstrap token, which a
 * joining node verifies; removes the signatures of deleted and expired tokens.
 *
 * Reads Secrets in kube-system; writes that ConfigMap. Follows upstream's bootstrap signer.
 */

import { configMaps, secrets } from '#api/generated/kinds.gen.ts';
import type { Secret } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { bootstrapTokenType, detachedSignature, isExpired, textOfKey } from '#api/values/bootstrap-token.ts';
import { defineController } from '#client/controllers/controller.ts';
import { nothingToDo } from '#client/controllers/plan.ts';
import { watch } from '#client/controllers/watch.ts';

const mapKey = 'kube-public/cluster-info';
const signaturePrefix = 'jws-kubeconfig-';

export const bootstrapSigner = defineController({
  name: 'bootstrap-signer',
  start({ informers, env }) {
    const maps = informers.for(configMaps);
    const cached = informers.for(secrets);
    const tokens = () =>
      cached
        .list()
        .filter((secret) => isForSigning(secret, env.clock.now()))
        .map((secret) => ({ id: textOfKey(secret, 'token-id'), secret: textOfKey(secret, 'token-secret') }));
    return {
      watches: [
        watch({
          type: configMaps,
          on: ['listed', 'added', 'updated'],
          filter: ({ metadata }) => `${metadata.namespace}/${metadata.name}` === mapKey,
        }),
        watch({ type: secrets, filter: isBootstrapToken, keys: () => [mapKey] }),
      ],
      reconcile() {
        const map = maps.get('kube-public', 'cluster-info');
        const kubeconfig = map?.data?.['kubeconfig'];
        if (!map || kubeconfig === undefined) return nothingToDo;
        const data = signed(map.data ?? {}, kubeconfig, tokens());
        if (isSame(data, map.data ?? {})) return nothingToDo;
        const ignore = ['NotFound', 'Conflict'];
        return { actions: [{ do: 'update', type: configMaps, object: { ...map, data }, ignore }] };
      },
    };
  },
});

function isBootstrapToken({ type, metadata }: Stored<Secret>): boolean {
  return type === bootstrapTokenType && metadata.namespace === 'kube-system';
}

function isForSigning(secret: Stored<Secret>, nowMs: number): boolean {
  const id = textOfKey(secret, 'token-id');
  return (
    isBootstrapToken(secret) &&
    /^[a-z0-9]{6}$/.test(id) &&
    secret.metadata.name === `bootstrap-token-${id}` &&
    textOfKey(secret, 'token-secret') !== '' &&
    textOfKey(secret, 'usage-bootstrap-signing') === 'true' &&
    !isExpired(secret, nowMs)
  );
}

type Data = Readonly<Record<string, string>>;

function signed(data: Data, kubeconfig: string, tokens: readonly { id: string; secret: string }[]): Data {
  const others = Object.entries(data).filter(([key]) => !key.startsWith(signaturePrefix));
  const signatures = tokens.map((token) => [
    `${signaturePrefix}${token.id}`,
    detachedSignature(kubeconfig, token),
  ]);
  return Object.fromEntries([...others, ...signatures]);
}

function isSame(a: Data, b: Data): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
