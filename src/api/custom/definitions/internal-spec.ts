/**
 * The spec of a CustomResourceDefinition in upstream's internal form, which it validates: parts that all versions
 * have in common are moved out of the versions, and errors have the paths of that form.
 */

import type {
  CustomResourceColumnDefinition,
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionVersion,
  CustomResourceSubresources,
  CustomResourceValidation,
  SelectableField,
} from '../../generated/types.gen.ts';
import type { GoText } from '../../go/text.ts';
import { deepEqual } from '../../schema/deep-equal.ts';
import { internalText } from '../../validation/internal-form.ts';

export interface SharedParts {
  readonly schema?: CustomResourceValidation;
  readonly subresources?: CustomResourceSubresources;
  readonly additionalPrinterColumns?: CustomResourceColumnDefinition[];
  readonly selectableFields?: SelectableField[];
}

export interface InternalSpec extends SharedParts {
  /** Without the shared parts. */
  readonly versions: readonly CustomResourceDefinitionVersion[];
}

const parts = ['schema', 'subresources', 'additionalPrinterColumns', 'selectableFields'] as const;

export function internalSpec({ versions = [] }: CustomResourceDefinitionSpec): InternalSpec {
  const [first] = versions;
  if (!first) return { versions };
  const shared = parts.filter((part) => versions.every((version) => deepEqual(version[part], first[part])));
  const own = versions.map((version) => {
    const rest = { ...version };
    for (const part of shared) delete rest[part];
    return rest;
  });
  const common = Object.fromEntries(
    shared.filter((part) => first[part] !== undefined).map((part) => [part, first[part]]),
  );
  return { ...common, versions: own };
}

/** The versions as an error shows them. */
export function shownVersions(versions: readonly CustomResourceDefinitionVersion[]): GoText {
  return internalText(versions, 'apiextensions.CustomResourceDefinitionVersion');
}
