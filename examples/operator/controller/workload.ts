/** What a Website owns: a Deployment of its image and a Service before it. Pure: a website in, objects out. */

import type { KubernetesObject, V1Deployment, V1OwnerReference, V1Service } from '@kubernetes/client-node';
import { apiVersion, kind, type Website } from '../api/v1.ts';

export const managedBy = { 'app.kubernetes.io/managed-by': 'website-operator' };

export function deploymentOf(website: Website): V1Deployment {
  const labels = labelsOf(website);
  const { image, port, replicas } = website.spec;
  const container = { name: 'website', image, ports: [{ name: 'http', containerPort: port }] };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadataOf(website),
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container] } },
    },
  };
}

export function serviceOf(website: Website): V1Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadataOf(website),
    spec: { selector: labelsOf(website), ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
  };
}

/** As text, for the scale subresource. */
export function selectorOf(website: Website): string {
  return Object.entries(labelsOf(website))
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
}

function labelsOf({ metadata }: Website): Record<string, string> {
  return { 'app.kubernetes.io/name': 'website', 'app.kubernetes.io/instance': metadata?.name ?? '' };
}

function metadataOf(website: Website): KubernetesObject['metadata'] {
  const { name, namespace } = website.metadata ?? {};
  return {
    ...{ name, namespace },
    labels: { ...labelsOf(website), ...managedBy },
    ownerReferences: [ownerReferenceTo(website)],
  };
}

/** By it the garbage collector deletes the object when the website is gone. */
function ownerReferenceTo({ metadata }: Website): V1OwnerReference {
  const { name = '', uid = '' } = metadata ?? {};
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
}
