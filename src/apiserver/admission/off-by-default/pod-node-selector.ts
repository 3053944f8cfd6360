/**
 * A pod gets the node selector of its namespace, and none that its namespace does not allow. Upstream: PodNodeSelector,
 * off by default.
 */

import type { Pod } from '#api/generated/types.gen.ts';
import { forbidden, unknownError } from '#api/meta/status.ts';
import { fieldErrorMessage, invalidValue } from '#api/validation/field-error.ts';
import { labelValue, qualifiedName } from '#api/validation/validators.ts';
import { ownValue } from '#base/own-value.ts';
import { isJsonObject } from '#wire/json/value.ts';
import { type AdmissionAttributes, type AdmissionPlugin, defineAdmission } from '../../contract/admission.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';
import { namespaceAnnotation } from './namespace-annotation.ts';

const annotation = 'scheduler.alpha.kubernetes.io/node-selector';
const defaultSelector = 'clusterDefaultNodeSelector';

/** Selectors by namespace: what its pods may select; under `clusterDefaultNodeSelector` that of namespaces without one. */
export type NodeSelectors = Readonly<Record<string, string>>;

type Labels = Readonly<Record<string, string>>;

/** From `podNodeSelectorPluginConfig`; anything else is not read, as upstream. */
export function readNodeSelectors(document: unknown): NodeSelectors {
  const selectors = isJsonObject(document) ? document['podNodeSelectorPluginConfig'] : undefined;
  if (!isJsonObject(selectors)) return {};
  return Object.fromEntries(Object.entries(selectors).map(([name, selector]) => [name, String(selector)]));
}

export function podNodeSelector(reader: ObjectReader, selectors: NodeSelectors): AdmissionPlugin {
  const selectorOf = (namespace: string): Labels => {
    return labelsIn(namespaceAnnotation(reader, namespace, annotation) ?? selectors[defaultSelector] ?? '');
  };
  const check = (attributes: AdmissionAttributes, wanted: Labels) => {
    const { type, name, namespace, object } = attributes;
    const own = (object as Pod).spec?.nodeSelector ?? {};
    if (conflict(wanted, own)) {
      throw forbidden(type, name, 'pod node label selector conflicts with its namespace node label selector');
    }
    const allowed = labelsIn(ownValue(selectors, namespace) ?? '');
    const isAllowed =
      Object.keys(allowed).length === 0 ||
      Object.entries(own).every(([key, value]) => allowed[key] === value);
    if (isAllowed) return;
    throw forbidden(type, name, 'pod node label selector labels conflict with its namespace whitelist');
  };
  return defineAdmission({
    name: 'PodNodeSelector',
    rules: [{ operations: ['CREATE'], apiGroups: [''], resources: ['pods'] }],
    mutate(attributes) {
      const { spec } = attributes.object as Pod;
      const wanted = selectorOf(attributes.namespace);
      if (!conflict(wanted, spec?.nodeSelector ?? {})) {
        const merged = { ...wanted, ...spec?.nodeSelector };
        if (Object.keys(merged).length > 0) spec!.nodeSelector = merged;
      }
      check(attributes, wanted);
    },
    validate(attributes) {
      check(attributes, selectorOf(attributes.namespace));
    },
  });
}

function conflict(wanted: Labels, own: Labels): boolean {
  return Object.entries(wanted).some(([key, value]) => Object.hasOwn(own, key) && own[key] !== value);
}

/** `disk=ssd,zone=a`; throws a 500 for another text, as upstream. */
function labelsIn(selector: string): Labels {
  if (selector === '') return {};
  const labels: Record<string, string> = {};
  for (const pair of selector.split(',')) {
    const [key = '', value = '', ...more] = pair.split('=').map((part) => part.trim());
    if (more.length > 0 || !pair.includes('=')) {
      throw unknownError(`invalid selector: [${pair.split('=').join(' ')}]`);
    }
    const [badKey, badValue] = [qualifiedName(key), labelValue(value)].map((texts) => texts.join('; '));
    if (badKey) throw unknownError(fieldErrorMessage(invalidValue('<nil>', key, badKey)));
    if (badValue) throw unknownError(fieldErrorMessage(invalidValue(`[${key}]`, value, badValue)));
    labels[key] = value;
  }
  return labels;
}
