/**
 * The informers of every identity in this process. They share their caches as far as the API server
 * authorizes each of them; with `areSeparate` each has its own caches and watches, as in a process of its
 * own.
 */

import { nodes, pods } from '#api/generated/kinds.gen.ts';
import type { Node, Pod } from '#api/generated/types.gen.ts';
import { apiserverUser, type UserInfo } from '#api/meta/user.ts';
import type { Env } from '#base/env.ts';
import type { Informers } from '#client/informers/informer.ts';
import { createInformers } from '#client/informers/informers.ts';
import type { PartitionField } from '#client/informers/partition.ts';
import { createInformerPool } from '#client/informers/pool.ts';
import { createClient } from '#client/rest/client.ts';
import type { Transport } from '#client/transport/transport.ts';

export interface ReadersOptions {
  readonly env: Env;
  readonly transport: (user: UserInfo) => Transport;
  readonly areSeparate: boolean;
}

export interface Readers {
  /** Returns the same informers for the same user. */
  as(user: UserInfo): Informers;
  stop(): void;
}

/** For thousands of simulated nodes, each with its own pods and its own Node. */
const podsByNode: PartitionField<Pod> = { field: 'spec.nodeName', valueOf: ({ spec }) => spec?.nodeName };
const nodesByName: PartitionField<Node> = {
  field: 'metadata.name',
  valueOf: ({ metadata }) => metadata.name,
};
const partitions = [
  { type: pods, field: podsByNode as PartitionField },
  { type: nodes, field: nodesByName as PartitionField },
];

export function createReaders({ env, transport, areSeparate }: ReadersOptions): Readers {
  const byUser = new Map<string, Informers>();
  const clientOf = (user: UserInfo) => createClient(transport(user));
  const pool = areSeparate
    ? undefined
    : createInformerPool({ env, filler: clientOf(apiserverUser), partitions });
  return {
    as(user) {
      const known = byUser.get(user.name);
      if (known) return known;
      const client = clientOf(user);
      const informers = pool?.as(client) ?? createInformers(client, env);
      byUser.set(user.name, informers);
      return informers;
    },
    stop() {
      for (const informers of byUser.values()) informers.stop();
      pool?.stop();
    },
  };
}
