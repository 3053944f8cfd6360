/** `registries.yaml` of this user, for the commands that depend on it. */

import { existsSync, readFileSync } from 'node:fs';
import { ConfigurationError } from '#api/configuration/error.ts';
import { noRegistries, type Registries, readRegistries } from '#api/configuration/registries/registries.ts';
import { registriesFile } from '#host/home/cluster-home.ts';
import { readYaml } from '#wire/yaml/read.ts';
import { Problem } from './problem.ts';

const guide = 'docs/guides/registries.md says what it may contain';

/** Nothing when there is no file; throws the first problem of one that is there. */
export function readRegistriesFile(): Registries {
  const path = registriesFile();
  if (!existsSync(path)) return noRegistries;
  try {
    return readRegistries(readYaml(readFileSync(path, 'utf8')).value);
  } catch (error) {
    const hint = error instanceof ConfigurationError ? error.hint : undefined;
    throw new Problem(`${path}: ${(error as Error).message}`, hint ?? guide);
  }
}
