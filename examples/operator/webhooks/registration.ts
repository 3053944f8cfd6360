/**
 * Writes into the definition and the webhook configurations where the webhooks of this operator are, and the
 * certificate to trust. The manifests cannot: they are written before the certificate is made.
 */

import type {
  ApiextensionsV1WebhookClientConfig,
  KubernetesObject,
  V1CustomResourceDefinition,
  V1MutatingWebhookConfiguration,
  V1ValidatingWebhookConfiguration,
} from '@kubernetes/client-node';
import { group, plural } from '../api/v1.ts';
import { type ClusterClient, fieldManager, isStatus } from '../cluster-client.ts';

export const paths = { defaults: '/default', validation: '/validate', conversion: '/convert' } as const;

/** How the API server reaches the webhooks: through a Service of the cluster, or at a URL outside of it. */
export type Reach =
  | { readonly service: { readonly namespace: string; readonly name: string } }
  | { readonly url: string };

type Client = Pick<ClusterClient, 'objects'>;
type Configuration = V1MutatingWebhookConfiguration | V1ValidatingWebhookConfiguration;

export async function registerWebhooks(client: Client, reach: Reach, certPem: string): Promise<void> {
  const at = (path: string) => clientConfig(reach, path, certPem);
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
  };
  await change<V1CustomResourceDefinition>(client, definition, ({ spec }) => {
    const webhook = { conversionReviewVersions: ['v1'], clientConfig: at(paths.conversion) };
    spec.conversion = { strategy: 'Webhook', webhook };
  });
  for (const [kind, path] of [
    ['MutatingWebhookConfiguration', paths.defaults],
    ['ValidatingWebhookConfiguration', paths.validation],
  ] as const) {
    const metadata = { name: 'website-operator' };
    const configuration = { apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata };
    await change<Configuration>(client, configuration, ({ webhooks = [] }) => {
      for (const webhook of webhooks) webhook.clientConfig = at(path);
    });
  }
}

function clientConfig(reach: Reach, path: string, certPem: string): ApiextensionsV1WebhookClientConfig {
  const caBundle = Buffer.from(certPem).toString('base64');
  if ('url' in reach) return { url: `${reach.url}${path}`, caBundle };
  return { service: { ...reach.service, path, port: 443 }, caBundle };
}

type Named = KubernetesObject & { metadata: { name: string } };

/** Reads, changes and writes; again when another replica has written meanwhile. */
async function change<T extends KubernetesObject>(
  { objects }: Client,
  named: Named,
  edit: (object: T) => void,
): Promise<void> {
  for (;;) {
    const object = (await objects.read(named)) as T;
    edit(object);
    try {
      await objects.replace(object, undefined, undefined, fieldManager);
      return;
    } catch (error) {
      if (!isStatus(error, 409)) throw error;
    }
  }
}
