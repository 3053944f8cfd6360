/** What a credential provider learns of a pod's ServiceAccount: a token for its audience, and the annotations it wants. */

import type { ProviderToken } from '#api/configuration/kubelet/credential-providers.ts';
import type { ServiceAccount } from '#api/generated/types.gen.ts';
import { errorText } from '#base/text/error-text.ts';
import type { NodePod } from '../../pod/pod.ts';
import type { ObjectIdentity } from './pull-credentials.ts';

/** The ServiceAccounts of this node's pods, and their tokens. Both reject when there is none. */
export interface AccountSource {
  account(namespace: string, name: string): Promise<ServiceAccount>;
  /** Bound to the pod. `accountUid`: a ServiceAccount made again under the same name gets none. */
  token(pod: NodePod, audience: string, accountUid: string): Promise<string>;
}

export interface ProvidedAccount {
  readonly identity: ObjectIdentity;
  readonly token: string;
  /** In the order of their names. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** Undefined when the program gets no token; `not asked` when it wants what the pod does not have. */
export async function accountFor(
  wanted: ProviderToken | undefined,
  pod: NodePod,
  source: AccountSource,
): Promise<ProvidedAccount | undefined | 'not asked'> {
  if (!wanted) return undefined;
  const name = pod.spec.serviceAccountName ?? '';
  const namespace = pod.metadata.namespace ?? '';
  // A static pod has none.
  if (name === '') return wanted.isRequired ? 'not asked' : undefined;
  const { metadata } = await explained('service account', () => source.account(namespace, name));
  const annotations = metadata?.annotations ?? {};
  if (wanted.requiredAnnotations.some((key) => !Object.hasOwn(annotations, key))) return 'not asked';
  const keys = [...wanted.requiredAnnotations, ...wanted.optionalAnnotations].sort();
  const uid = metadata?.uid ?? '';
  return {
    identity: { namespace, name, uid },
    token: await explained('service account token', () => source.token(pod, wanted.audience, uid)),
    annotations: Object.fromEntries(
      keys.flatMap((key) => {
        const value = Object.hasOwn(annotations, key) ? annotations[key] : undefined;
        return value === undefined ? [] : [[key, value]];
      }),
    ),
  };
}

async function explained<T>(what: string, get: () => Promise<T>): Promise<T> {
  try {
    return await get();
  } catch (error) {
    throw new Error(`failed to get ${what}: ${errorText(error)}`);
  }
}
