/** Whether the selectors of a webhook match the labels of a request's object and of its namespace. */

import { namespaces } from '#api/generated/kinds.gen.ts';
import type { AnyObject } from '#api/meta/object.ts';
import { notFound } from '#api/meta/status.ts';
import type { Selector } from '#api/selectors/selector.ts';
import type { AdmissionAttributes } from '../../contract/admission.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';
import { readObject } from '../../contract/typed-reader.ts';
import { isNamespace, namespaceOf } from '../objects/admission-request.ts';
import type { Hook } from './hook.ts';

/** Throws 404 if the namespace does not exist. */
export function isSelected(
  { namespaceSelector, objectSelector }: Hook,
  attributes: AdmissionAttributes,
  reader: ObjectReader,
): boolean {
  return (
    isObjectSelected(objectSelector, attributes) && isNamespaceSelected(namespaceSelector, attributes, reader)
  );
}

/** By the labels of the new or the old object. */
function isObjectSelected(
  selector: Selector,
  { operation, object, oldObject }: AdmissionAttributes,
): boolean {
  if (selector.matchesEverything) return true;
  // As upstream: the options of a connection have no metadata, so no selector matches them.
  if (operation === 'CONNECT') return false;
  return hasLabels(selector, object) || hasLabels(selector, oldObject);
}

function hasLabels(selector: Selector, object: AnyObject | undefined): boolean {
  return object !== undefined && selector.matches(object.metadata?.labels);
}

function isNamespaceSelected(
  selector: Selector,
  attributes: AdmissionAttributes,
  reader: ObjectReader,
): boolean {
  const namespace = namespaceOf(attributes);
  if (namespace === '' || selector.matchesEverything) return true;
  const { operation, subresource, object } = attributes;
  const isWritten = operation === 'CREATE' || operation === 'UPDATE';
  // A written namespace is selected by its new labels, not by the stored ones.
  if (isNamespace(attributes) && subresource === '' && isWritten) {
    return selector.matches(object?.metadata?.labels);
  }
  const found = readObject(reader, namespaces, '', namespace);
  if (!found) throw notFound(namespaces, namespace);
  return selector.matches(found.metadata?.labels);
}
