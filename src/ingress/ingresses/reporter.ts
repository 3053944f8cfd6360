/** Writes what became of Ingresses: the address into the status, problems as events, each once until it changes. */

import { ingresses } from '#api/generated/kinds.gen.ts';
import type { Ingress } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { StatusError } from '#api/meta/status.ts';
import type { Client } from '#client/client.ts';
import type { EventRecorder } from '#client/events/recorder.ts';
import type { IngressReport } from './ingress-model.ts';

export class IngressReporter {
  readonly #client: Client;
  readonly #recorder: EventRecorder;
  /** By uid, the problems last reported. */
  #reported = new Map<string, string>();

  constructor(client: Client, recorder: EventRecorder) {
    this.#client = client;
    this.#recorder = recorder;
  }

  /** Throws the first failure, after all reports have been tried. */
  async report(reports: readonly IngressReport[], address: string): Promise<void> {
    const reported = new Map<string, string>();
    for (const report of reports) reported.set(report.ingress.metadata.uid, this.#record(report));
    this.#reported = reported;
    const writes = reports.map(({ ingress }) => this.#writeStatus(ingress, address));
    const failed = (await Promise.allSettled(writes)).find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  #record({ ingress, refused, warnings }: IngressReport): string {
    const problems = [
      ...(refused === undefined
        ? []
        : [{ reason: 'Rejected', message: `the Ingress is not served: ${refused}` }]),
      ...warnings.map((message) => ({ reason: 'NotServed', message })),
    ];
    const text = JSON.stringify(problems);
    if (this.#reported.get(ingress.metadata.uid) === text) return text;
    for (const { reason, message } of problems) this.#recorder.event(ingress, 'Warning', reason, message);
    return text;
  }

  async #writeStatus({ metadata, status }: Stored<Ingress>, address: string): Promise<void> {
    const current = status?.loadBalancer?.ingress ?? [];
    if (current.length === 1 && current[0]!.ip === address) return;
    const { namespace = '', name } = metadata;
    const patch = { status: { loadBalancer: { ingress: [{ ip: address }] } } };
    try {
      await this.#client.patch(ingresses, { namespace, name }, 'merge', patch, { subresource: 'status' });
    } catch (error) {
      if (!(error instanceof StatusError && error.reason === 'NotFound')) throw error;
    }
  }
}
