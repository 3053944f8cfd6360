/**
 * The pod that a controller creates from its template: labels, annotations and finalizers copied, controlled
 * by the owner.
 */

import type { Pod, PodTemplateSpec } from '#api/generated/types.gen.ts';
import type { KubeObject, Stored } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { copyJson } from '#base/copy-json.ts';
import { controllerReference } from './ownership/ownership.ts';

export function podFromTemplate(
  ownerType: ResourceType,
  owner: Stored<KubeObject>,
  template: PodTemplateSpec,
): Pod {
  const { labels, annotations, finalizers } = template.metadata ?? {};
  const { namespace, name } = owner.metadata;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: `${name}-`,
      ...(namespace ? { namespace } : {}),
      ...(labels ? { labels: { ...labels } } : {}),
      ...(annotations ? { annotations: { ...annotations } } : {}),
      ...(finalizers ? { finalizers: [...finalizers] } : {}),
      ownerReferences: [controllerReference(ownerType, owner)],
    },
    ...(template.spec ? { spec: copyJson(template.spec) } : {}),
  };
}
