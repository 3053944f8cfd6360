/** The variables of a policy's expressions about one request. */

import { namespaces } from '#api/generated/kinds.gen.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import type { AdmissionAttributes } from '../../contract/admission.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';
import { requestBindings } from '../expressions/request-bindings.ts';
import type { ObjectViews } from '../objects/shown-objects.ts';
import { meansNamespaces } from './match-policy.ts';

export type Bindings = Readonly<Record<string, unknown>>;

/** Without `variables`, `params` and `authorizer`. */
export function policyVariables(
  reader: ObjectReader,
  attributes: AdmissionAttributes,
  views: ObjectViews,
  matched: ResourceType,
): Bindings {
  const { namespace } = attributes;
  const namespaceObject =
    namespace === '' || meansNamespaces(attributes) ? null : (reader.get(namespaces, '', namespace) ?? null);
  const objects = { object: views.object(matched) ?? null, oldObject: views.oldObject(matched) ?? null };
  return requestBindings(attributes, matched, objects, namespaceObject);
}
