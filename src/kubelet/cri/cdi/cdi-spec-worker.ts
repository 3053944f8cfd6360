/**
 * The thread that reads large CDI specifications: the text in, the specification or its error out, as JSON.
 *
 * It is started by file name: a bundle needs it as an entry of its own, beside the main one and with its
 * extension.
 */

import { parentPort } from 'node:worker_threads';
import { errorText } from '#base/text/error-text.ts';
import { readSpec } from './read-spec.ts';
import type { ReadSpec } from './spec-reader.ts';

function read(bytes: Uint8Array): ReadSpec {
  try {
    return { spec: readSpec(Buffer.from(bytes).toString()) };
  } catch (error) {
    return { error: errorText(error) };
  }
}

parentPort!.on('message', (bytes: Uint8Array) => parentPort!.postMessage(JSON.stringify(read(bytes))));
