/** Settings and records of the images of a node: where they are pulled from, and how long they are kept. */

import { readCredentialProviders } from '#api/configuration/kubelet/credential-providers.ts';
import type { ImageGarbageLimits, ImageSettings } from '#api/configuration/kubelet/images.ts';
import { readKubeletConfiguration } from '#api/configuration/kubelet/kubelet-configuration.ts';
import type { Env } from '#base/env.ts';
import { errorText } from '#base/text/error-text.ts';
import { readStart } from '#host/files/files.ts';
import { readYaml } from '#wire/yaml/read.ts';
import type { PullSettings } from './image-puller.ts';
import { PullRecords } from './pull-records.ts';
import { CredentialProviders } from './registries/credential-providers.ts';
import type { AccountSource } from './registries/provided-account.ts';

export interface NodeImages extends PullSettings {
  readonly records: PullRecords;
  readonly garbage: ImageGarbageLimits;
}

const configMaxBytes = 1024 * 1024;

/** As an empty configuration has it, with nothing on disk: of a simulated node. */
export function imagesInMemory(): NodeImages {
  const { parallelPullsMax, garbage } = readKubeletConfiguration({}).images;
  return { parallelPullsMax, garbage, records: new PullRecords() };
}

/** `dataDir` is the kubelet's. Throws when the file of the credential providers cannot be used. */
export async function openNodeImages(
  env: Env,
  settings: ImageSettings,
  dataDir: string,
  machine: Pick<PullSettings, 'registries' | 'looksAt'>,
  accounts: AccountSource,
): Promise<NodeImages> {
  const { parallelPullsMax, garbage } = settings;
  const records = new PullRecords(`${dataDir}/image_manager`);
  await records.load();
  const providers = settings.providers && (await openProviders(env, settings.providers, accounts));
  return {
    parallelPullsMax,
    garbage,
    records,
    ...machine,
    ...(providers ? { providers } : {}),
  };
}

async function openProviders(
  env: Env,
  { configFile, binDir }: NonNullable<ImageSettings['providers']>,
  accounts: AccountSource,
): Promise<CredentialProviders> {
  try {
    const { value } = readYaml(await readStart(configFile, configMaxBytes));
    return new CredentialProviders(env, binDir, readCredentialProviders(value), accounts);
  } catch (error) {
    throw new Error(`${configFile}: ${errorText(error)}`);
  }
}
