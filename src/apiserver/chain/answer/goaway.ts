/**
 * Ends a small part of the HTTP/2 connections with the requests under way on them, at random: their clients come back
 * through the load balancer, and so spread over all servers.
 */

import type { Random } from '#base/random.ts';
import type { Stage } from '../stage.ts';

export function goaway(chance: number, random: Random): Stage {
  return {
    name: 'goaway',
    callers: 'outside',
    leave({ peer }, answer) {
      if (!peer.reading && random.float() < chance) answer.isLast = true;
    },
  };
}
