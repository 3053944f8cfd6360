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
import { GoText } from '../../go/text.ts';
import { deepEqual } from '../../schema/deep-equal.ts';

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

/** The versions as an error shows them: upstream's struct has no JSON tags, so Go's names are shown. */
export function shownVersions(versions: readonly CustomResourceDefinitionVersion[]): GoText {
  const shown = versions.map((version) => ({
    Name: version.name,
    Served: version.served,
    Storage: version.storage,
    Deprecated: version.deprecated ?? false,
    DeprecationWarning: version.deprecationWarning ?? null,
    Schema: version.schema ?? null,
    Subresources: version.subresources ?? null,
    AdditionalPrinterColumns: version.additionalPrinterColumns ?? null,
    SelectableFields: version.selectableFields ?? null,
  }));
  return new GoText(JSON.stringify(shown.length > 0 ? shown : null));
}
