/** Reads the file of `kybern up --config`, and finds every file that it names. */

import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { filesOf, readClusterConfiguration, withPaths } from '#api/configuration/cluster-configuration.ts';
import { ConfigurationError } from '#api/configuration/error.ts';
import { readYaml } from '#wire/yaml/read.ts';
import { Problem } from '../../shared/problem.ts';

const reference = 'docs/reference/configuration.md says what it may contain';

/** The document, with absolute paths: it is kept with the cluster, and read again from any folder. */
export function readConfigurationFile(path: string): unknown {
  const text = readText(path);
  try {
    const { value, duplicates } = readYaml(text);
    if (duplicates[0]) throw new ConfigurationError(duplicates[0]);
    readClusterConfiguration(value);
    const document = withPaths(value, (named) => resolve(dirname(resolve(path)), named));
    for (const file of filesOf(readClusterConfiguration(document).arguments)) mustExist(file);
    return document;
  } catch (error) {
    const hint = error instanceof ConfigurationError ? error.hint : undefined;
    throw new Problem(`${path}: ${(error as Error).message}`, hint ?? reference);
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Problem(`${path} cannot be read: ${(error as Error).message}`, 'name a file: --config FILE');
  }
}

function mustExist({ name, path }: { name: string; path: string }): void {
  if (statSync(path, { throwIfNoEntry: false })?.isFile()) return;
  throw new ConfigurationError(
    `apiServer.args: ${name} names ${path}, which is no file`,
    'paths are relative to the configuration file',
  );
}
