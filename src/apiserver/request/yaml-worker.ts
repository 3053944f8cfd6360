/**
 * The thread that reads large bodies of YAML: bytes of YAML in, what is in them out, as JSON.
 *
 * It is started by file name: a bundle needs it as an entry of its own, beside the main one and with its
 * extension.
 */

import { parentPort } from 'node:worker_threads';
import { exceededLimit } from '#wire/json/values-limit.ts';
import { YamlError } from '#wire/yaml/error.ts';
import { readYaml } from '#wire/yaml/read.ts';
import type { LargeYaml } from './large-yaml.ts';

function read(bytes: Uint8Array): LargeYaml {
  try {
    return readYaml(bytes);
  } catch (error) {
    if (error instanceof YamlError) return { error: error.message };
    throw error;
  }
}

function answerTo(bytes: Uint8Array): string {
  const text = JSON.stringify(read(bytes));
  const tooMany = exceededLimit(Buffer.from(text));
  return tooMany === undefined ? text : JSON.stringify({ tooMany } satisfies LargeYaml);
}

parentPort!.on('message', (bytes: Uint8Array) => parentPort!.postMessage(answerTo(bytes)));
