/**
 * Large bodies of YAML are read by a thread of their own, before all that is done at once with a request: three megabytes take it a
 * second, and the main thread thirty milliseconds to take over what it found.
 */

import { extname } from 'node:path';
import { tooManyRequests } from '#api/status.ts';
import { WorkThread, WorkThreadBusyError } from '#host/work-thread.ts';
import type { YamlDocument } from '#wire/yaml-read.ts';
import type { Exchange } from '../exchange.ts';
import { mediaType } from './parse-body.ts';

/** What is shorter takes less than fifty milliseconds. */
const largeBytesMin = 100_000;

export type LargeYaml = YamlDocument | { readonly error: string };

const thread = new WorkThread(workerFile(), {
  idleMs: 10_000,
  workMaxMs: 20_000,
  waitingMax: 32,
  heapMaxMb: 1024,
});

/** Beside this file, or beside the bundle that this file is part of. */
function workerFile(): URL {
  return new URL(`./yaml-worker${extname(import.meta.url)}`, import.meta.url);
}

/** A stage of the request chain. */
export function readLargeYaml(exchange: Exchange): Promise<undefined> | undefined {
  const { body, headers } = exchange.request;
  if (!body || body.length < largeBytesMin || !isYaml(headers['content-type'])) return undefined;
  return read(body).then((found) => {
    exchange.largeYaml = found;
    return undefined;
  });
}

/** A patch's own types of body are none of these. */
function isYaml(contentType: string | undefined): boolean {
  return (
    contentType?.includes('yaml') === true && !contentType.includes('+') && mediaType(contentType) === 'yaml'
  );
}

async function read(body: Uint8Array): Promise<LargeYaml> {
  try {
    return JSON.parse(await thread.work(body)) as LargeYaml;
  } catch (error) {
    if (error instanceof WorkThreadBusyError) throw busy();
    throw error;
  }
}

function busy(): Error {
  return tooManyRequests('too many large bodies of YAML are waiting to be read, please try again later', 1);
}
