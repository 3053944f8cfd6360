/** Settings and records of the images of a node: where they are pulled from, and how long they are kept. */

import { createHash } from 'node:crypto';
import { readCredentialProviders } from '#api/configuration/kubelet/credential-providers.ts';
import type { ImageGarbageLimits, ImageSettings } from '#api/configuration/kubelet/images.ts';
import { readKubeletConfiguration } from '#api/configuration/kubelet/kubelet-configuration.ts';
import type { Env } from '#base/env.ts';
import { errorText } from '#base/text/error-text.ts';
import { kindOf, listDirectory, readStart } from '#host/files/files.ts';
import { isExecutable } from '#host/processes/program-path.ts';
import { readYaml } from '#wire/yaml/read.ts';
import type { PullSettings } from './image-puller.ts';
import { PullRecords } from './pull-records.ts';
import { CredentialProviders, type ProviderSettings } from './registries/credential-providers.ts';
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
  settings: NonNullable<ImageSettings['providers']>,
  accounts: AccountSource,
): Promise<CredentialProviders> {
  try {
    return new CredentialProviders(env, await readProviders(settings), accounts);
  } catch (error) {
    throw new Error(`${settings.configFile}: ${errorText(error)}`);
  }
}

/** Refuses what upstream's kubelet refuses when it starts. */
async function readProviders({
  configFile,
  binDir,
}: NonNullable<ImageSettings['providers']>): Promise<ProviderSettings> {
  if ((await kindOf(binDir)) === undefined) {
    throw new Error(`plugin binary directory ${binDir} did not exist`);
  }
  const texts = await textsOf(configFile);
  const providers = readCredentialProviders(texts.map(documentOf));
  const missing = providers.find(({ name }) => !isExecutable(`${binDir}/${name}`));
  if (missing) throw new Error(`plugin binary executable ${binDir}/${missing.name} did not exist`);
  return { binDir, providers, configHash: hashOf(texts) };
}

interface ConfigText {
  readonly path: string;
  readonly text: string;
}

/** Of a file, or of the files of a folder in the order of their names. */
async function textsOf(path: string): Promise<ConfigText[]> {
  if ((await kindOf(path)) !== 'directory') return [await textOf(path)];
  const names = (await listDirectory(path)).filter((name) => /\.(?:json|yaml|yml)$/.test(name)).sort();
  if (names.length === 0) {
    throw new Error(`no configuration files found in directory ${JSON.stringify(path)}`);
  }
  return Promise.all(names.map((name) => textOf(`${path}/${name}`)));
}

async function textOf(path: string): Promise<ConfigText> {
  try {
    return { path, text: await readStart(path, configMaxBytes) };
  } catch (error) {
    throw unreadable(path, error);
  }
}

function documentOf({ path, text }: ConfigText): unknown {
  try {
    return readYaml(text).value;
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): Error {
  return new Error(`unable to read file ${JSON.stringify(path)}: ${errorText(error)}`);
}

/** Upstream's: each text after its length, so that two files are not the same as their texts in one. */
function hashOf(texts: readonly ConfigText[]): string {
  const hash = createHash('sha256');
  for (const { text } of texts) {
    const length = Buffer.alloc(8);
    length.writeBigUInt64BE(BigInt(Buffer.byteLength(text)));
    hash.update(length).update(text);
  }
  return `sha256:${hash.digest('hex')}`;
}
