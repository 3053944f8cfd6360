/**
 * What the attach-detach controller remembers between its decisions: since when something is waited for, and
 * what was reported already. By VolumeAttachment, for as long as there is one.
 */

import type { VolumeCounts } from '../volume-counts.ts';

export interface Note {
  /** When the detachment was first wanted. */
  detachSinceMs?: number;
  /** When the attachment was first waited for, or last reported as late. */
  attachSinceMs?: number;
  /** The failure of the attacher that was reported last. */
  failure?: string;
}

export class AttachNotes {
  /** What is counted of decisions. */
  readonly counts: Pick<VolumeCounts, 'forcedDetach'>;
  readonly #byAttachment = new Map<string, Note>();
  /** Volumes whose attachment to a second node was refused, by `VOLUME NODE`. */
  readonly #refused = new Set<string>();
  /** `volumesInUse` of nodes that are gone. */
  readonly #lastInUse = new Map<string, ReadonlySet<string>>();

  constructor(counts: Pick<VolumeCounts, 'forcedDetach'>) {
    this.counts = counts;
  }

  of(attachment: string): Note {
    const note = this.#byAttachment.get(attachment) ?? {};
    this.#byAttachment.set(attachment, note);
    return note;
  }

  forget(attachment: string): void {
    this.#byAttachment.delete(attachment);
  }

  /** False when the attachment was refused, and the refusal recorded, before. */
  refuse(volume: string, node: string): boolean {
    const key = `${volume} ${node}`;
    if (this.#refused.has(key)) return false;
    this.#refused.add(key);
    return true;
  }

  allow(volume: string, node: string): void {
    this.#refused.delete(`${volume} ${node}`);
  }

  nodeGone(node: string, inUse: readonly string[]): void {
    this.#lastInUse.set(node, new Set(inUse));
  }

  nodeBack(node: string): void {
    this.#lastInUse.delete(node);
  }

  /** A node of which nothing is known may use every volume. */
  wasInUse(node: string, volume: string): boolean {
    return this.#lastInUse.get(node)?.has(volume) ?? true;
  }
}
