/**
 * The manifests of static pods at an HTTP address: one Pod or a PodList, in YAML or JSON. Asked again at its interval;
 * an answer that cannot be used changes nothing, an empty one means that there are no pods. Follows upstream's
 * `config/http.go`.
 */

import type { Env } from '#base/env.ts';
import { errorText } from '#base/text/error-text.ts';
import { readUrl } from '#host/network/read-url.ts';
import type { NodePod } from '../../pod/pod.ts';
import { type ManifestReader, manifestBytesMax } from './manifest-reader.ts';

const timeoutMs = 10_000;
/** Of failures in a row the log has so many. */
const reportsMax = 3;

export interface ManifestAddressOptions {
  readonly env: Env;
  readonly reader: ManifestReader;
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly nodeName: string;
}

export class ManifestAddress {
  readonly #options: ManifestAddressOptions;
  #text: string | undefined;
  #pods: readonly NodePod[] | undefined;
  #failures = 0;

  constructor(options: ManifestAddressOptions) {
    this.#options = options;
  }

  /** Those of the last answer that could be used; undefined when there was none yet. */
  get pods(): readonly NodePod[] | undefined {
    return this.#pods;
  }

  /** Never rejects. */
  async ask(): Promise<void> {
    const { url, env } = this.#options;
    try {
      await this.#read();
      if (this.#failures > 0) env.log.info('pods are read from the address of manifests again', { url });
      this.#failures = 0;
    } catch (error) {
      if (this.#failures++ >= reportsMax) return;
      env.log.warn('no pods can be read from the address of manifests', { url, error: errorText(error) });
    }
  }

  async #read(): Promise<void> {
    const { reader, url, headers, nodeName } = this.#options;
    const { status, statusLine, body } = await readUrl({
      url,
      headers,
      bytesMax: manifestBytesMax,
      timeoutMs,
    });
    if (status !== 200) throw new Error(`${url}: ${statusLine}`);
    if (body === this.#text && body !== '') return;
    if (body === '') {
      this.#text = body;
      this.#pods = [];
      throw new Error(`zero-length data received from ${url}`);
    }
    this.#pods = await reader.read(body, { nodeName, url });
    this.#text = body;
  }
}
