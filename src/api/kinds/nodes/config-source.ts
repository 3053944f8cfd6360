/** Formerly the source of a kubelet's configuration: it has no effect any more, but is still validated. */

import type { ConfigMapNodeConfigSource, Node, NodeConfigSource } from '../../generated/types.gen.ts';
import { checkField } from '../../validation/field-checks.ts';
import { type FieldError, forbiddenField, invalidValue, required } from '../../validation/field-error.ts';
import { internalText } from '../../validation/internal-form.ts';
import { configMapKey, dns1123Label, dns1123Subdomain } from '../../validation/validators.ts';

export function validateConfigSources({ spec, status }: Node): FieldError[] {
  const errors: FieldError[] = [];
  if (spec?.configSource) {
    errors.push(...validateSource(spec.configSource, forbidInSpec, 'spec.configSource'));
  }
  for (const key of ['assigned', 'active', 'lastKnownGood'] as const) {
    const source = status?.config?.[key];
    if (source) errors.push(...validateSource(source, requireInStatus, `status.config.${key}`));
  }
  return errors;
}

type Check = (source: ConfigMapNodeConfigSource, path: string) => FieldError[];

function validateSource(source: NodeConfigSource, check: Check, path: string): FieldError[] {
  const at = `${path}.configMap`;
  if (source.configMap) return [...check(source.configMap, at), ...validateConfigMap(source.configMap, at)];
  const text = 'exactly one reference subfield must be non-nil';
  return [invalidValue(path, internalText(source, 'NodeConfigSource'), text)];
}

function forbidInSpec(source: ConfigMapNodeConfigSource, path: string): FieldError[] {
  return (['uid', 'resourceVersion'] as const).flatMap((key) =>
    source[key] ? [forbiddenField(`${path}.${key}`, `${key} must not be set in spec`)] : [],
  );
}

function requireInStatus(source: ConfigMapNodeConfigSource, path: string): FieldError[] {
  return (['uid', 'resourceVersion'] as const).flatMap((key) =>
    source[key] ? [] : [required(`${path}.${key}`)],
  );
}

function validateConfigMap(source: ConfigMapNodeConfigSource, path: string): FieldError[] {
  const rules = { namespace: dns1123Label, name: dns1123Subdomain, kubeletConfigKey: configMapKey };
  return (['namespace', 'name', 'kubeletConfigKey'] as const).flatMap((key) => {
    const value = source[key];
    return value ? checkField(`${path}.${key}`, value, rules[key]) : [required(`${path}.${key}`)];
  });
}
