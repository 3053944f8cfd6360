/**
 * The thread that reads large manifests of static pods: their text and place in, as JSON, the pods out.
 *
 * It is started by file name: a bundle needs it as an entry of its own, beside the main one and with its
 * extension.
 */

import { parentPort } from 'node:worker_threads';
import { errorText } from '#base/text/error-text.ts';
import { readManifests } from './manifest.ts';
import type { ManifestText, ReadManifests } from './manifest-reader.ts';

function read(bytes: Uint8Array): ReadManifests {
  const { text, place } = JSON.parse(Buffer.from(bytes).toString()) as ManifestText;
  try {
    return { pods: readManifests(text, place) };
  } catch (error) {
    return { error: errorText(error) };
  }
}

parentPort!.on('message', (bytes: Uint8Array) => parentPort!.postMessage(JSON.stringify(read(bytes))));
