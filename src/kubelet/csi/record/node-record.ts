/**
 * Writes what this node's CSINode and Node say of its CSI drivers: one write after the other, each with the
 * newest object. Upstream: pkg/volume/csi/nodeinfomanager.
 */

import { csiNodes, nodes } from '#api/generated/kinds.gen.ts';
import type { CSINode, Node } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { StatusError } from '#api/meta/status.ts';
import { pause } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import { errorText } from '#base/text/error-text.ts';
import type { Client } from '#client/client.ts';
import type { DriverNodeInfo } from '../node-calls.ts';
import {
  belongsTo,
  type NodePatch,
  newCsiNode,
  patchForDriver,
  patchWithoutDriver,
  withDriver,
  withMigratedPlugins,
  withoutDriver,
} from './csi-node.ts';

/** The waits between the tries of one write. */
const retryDelaysMs = [10, 50, 250];

type Change = (csiNode: Stored<CSINode>) => Stored<CSINode> | undefined;

export class NodeRecord {
  readonly #env: Env;
  readonly #client: Client;
  readonly #nodeName: string;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(env: Env, client: Client, nodeName: string) {
    this.#env = env;
    this.#client = client;
    this.#nodeName = nodeName;
  }

  /** Makes the CSINode, or takes over the one there is. */
  initialize(): Promise<void> {
    return this.#inTurn('error updating CSINode annotation', () => this.#changeCsiNode(withMigratedPlugins));
  }

  async addDriver(name: string, info: DriverNodeInfo): Promise<void> {
    if (info.nodeId === '') {
      throw new Error('error adding CSI driver node info: driverNodeID must not be empty');
    }
    const ofNode = 'error updating Node object with CSI driver node info: error updating node';
    await this.#inTurn(ofNode, () => this.#changeNode((node) => patchForDriver(node, name, info)));
    const ofCsiNode = 'error updating CSINode object with CSI driver node info: error updating CSINode';
    await this.#inTurn(ofCsiNode, () => this.#changeCsiNode((csiNode) => withDriver(csiNode, name, info)));
  }

  async removeDriver(name: string): Promise<void> {
    const ofCsiNode = 'error uninstalling CSI driver from CSINode object';
    await this.#inTurn(ofCsiNode, () => this.#changeCsiNode((csiNode) => withoutDriver(csiNode, name)));
    const ofNode = 'error removing CSI driver node info from Node object';
    await this.#inTurn(ofNode, () => this.#changeNode((node) => patchWithoutDriver(node, name)));
  }

  #inTurn(what: string, write: () => Promise<void>): Promise<void> {
    const turn = this.#writing.then(() => this.#persist(what, write));
    this.#writing = turn.catch(() => undefined);
    return turn;
  }

  /** Another writer may be faster: a conflict, or a CSINode of an earlier Node, is tried again. */
  async #persist(what: string, write: () => Promise<void>): Promise<void> {
    for (const delayMs of [...retryDelaysMs, undefined]) {
      try {
        return await write();
      } catch (error) {
        if (delayMs === undefined) {
          throw new Error(`${what}: timed out waiting for the condition; caused by: ${errorText(error)}`);
        }
        await pause(this.#env.clock, delayMs);
      }
    }
  }

  async #changeNode(patchOf: (node: Stored<Node>) => NodePatch | undefined): Promise<void> {
    const patch = patchOf(await this.#client.get(nodes, { name: this.#nodeName }));
    if (patch) await this.#client.patch(nodes, { name: this.#nodeName }, 'merge', patch);
  }

  async #changeCsiNode(change: Change): Promise<void> {
    const csiNode = await this.#ownCsiNode();
    const changed = change(csiNode);
    if (changed) await this.#client.update(csiNodes, changed);
  }

  async #ownCsiNode(): Promise<Stored<CSINode>> {
    const key = { name: this.#nodeName };
    const node = await this.#client.get(nodes, key);
    const csiNode = await this.#client.get(csiNodes, key).catch((error) => {
      if (error instanceof StatusError && error.code === 404) return undefined;
      throw error;
    });
    if (!csiNode) return this.#client.create(csiNodes, newCsiNode(node));
    if (belongsTo(csiNode, node)) return csiNode;
    await this.#client.delete(csiNodes, key, { preconditions: { uid: csiNode.metadata.uid } });
    throw new Error(`CSINode "${this.#nodeName}" was owned by different node, deleted it`);
  }
}
