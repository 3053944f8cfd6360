/** The base of all environments: the language, and the libraries of Kubernetes 1.36. */

import { Environment } from '../declarations/environment.ts';
import { addresses } from '../library/addresses/library.ts';
import { authorization } from '../library/authorizer.ts';
import { namedFormats } from '../library/formats.ts';
import { lists } from '../library/lists.ts';
import { moreLists } from '../library/more-lists.ts';
import { optional } from '../library/optional.ts';
import { quantity } from '../library/quantity.ts';
import { regex } from '../library/regex.ts';
import { semver } from '../library/semver.ts';
import { sets } from '../library/sets.ts';
import { standard } from '../library/standard/standard.ts';
import { strings } from '../library/strings.ts';
import { twoVariables } from '../library/two-variables.ts';
import { urls } from '../library/urls/library.ts';

const libraries = [
  standard,
  optional,
  strings,
  lists,
  moreLists,
  sets,
  regex,
  twoVariables,
  urls,
  quantity,
  addresses,
  namedFormats,
  semver,
  authorization,
];

let base: Environment | undefined;

/** Made when it is first used, as it takes some milliseconds. */
export function baseEnvironment(): Environment {
  base ??= Environment.of(...libraries);
  return base;
}
