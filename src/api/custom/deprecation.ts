/** The warning of a deprecated version: its own, or one that names the newest version to use instead. */

import type {
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionVersion,
} from '../generated/types.gen.ts';
import { byKubernetesVersion } from '../meta/version-order.ts';

export function deprecationOf(
  { group, names, versions }: CustomResourceDefinitionSpec,
  { name, deprecated, deprecationWarning }: CustomResourceDefinitionVersion,
): string | undefined {
  if (!deprecated) return undefined;
  if (deprecationWarning !== undefined) return deprecationWarning;
  const text = `${group}/${name} ${names.kind} is deprecated`;
  const newer = versions
    .filter((version) => version.served && !version.deprecated && byKubernetesVersion(version.name, name) < 0)
    .map((version) => version.name)
    .sort(byKubernetesVersion);
  return newer.length === 0 ? text : `${text}; use ${group}/${newer[0]} ${names.kind}`;
}
